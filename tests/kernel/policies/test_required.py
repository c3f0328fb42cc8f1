"""Required fields: what a record lacks and which records lack it are one definition."""

from typing import Any

import pytest

from revops.kernel.policies import required
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce, shipped
from revops.kernel.policies.rules import RuleError
from tests.kernel.policies.papers import Documents
from tests.kernel.policies.specimens import NOW, SUBJECT, Subject


def missing(policy: InForce, record: Subject, mode: Mode | None = None) -> list[tuple[str, str]]:
    facts = SUBJECT.of(record, required.paths(policy, mode=mode))
    return [(one.finding.code, one.mode.value) for one in required.missing(policy, facts, NOW, mode=mode)]


def revised(documents: Documents, body: Any, mode: Mode = Mode.ENFORCE) -> InForce:
    return InForce("specimens.required_fields", 4, documents.required, body, mode)


def test_missing_fields_depend_on_the_record(documents: Documents) -> None:
    policy = shipped(documents.required)
    assert missing(policy, Subject(name="x", size="SMB", flag=False)) == []
    assert missing(policy, Subject(name="", size="ENT", flag=True)) == [
        ("SUB-001", "enforce"),
        ("SUB-002", "enforce"),
        ("SUB-003", "observe"),
    ]
    assert missing(policy, Subject(name="", size="ENT", flag=True), Mode.WARN) == [
        ("SUB-001", "enforce"),
        ("SUB-002", "enforce"),
    ]


def test_unknown_condition_is_not_fulfilled(documents: Documents) -> None:
    assert missing(shipped(documents.required), Subject(name="x", flag=False)) == [("SUB-002", "enforce")]


def test_policy_that_observes_never_insists(documents: Documents) -> None:
    policy = revised(documents, {"fields": [{"field": "s.name", "mode": "enforce"}]}, Mode.OBSERVE)
    assert missing(policy, Subject()) == [("REQ-001", "observe")]
    assert missing(policy, Subject(), Mode.WARN) == []


def test_finding_names_rule_field_and_what_to_do(documents: Documents) -> None:
    policy = revised(documents, dict(documents.required.default))
    facts = SUBJECT.of(Subject(name="x", size="ENT"), required.paths(policy))
    (one, other) = required.missing(policy, facts, NOW)
    assert one.finding.message == (
        "Number is empty; it is required while Size is Large. Fill it in first. Ask the owner."
    )
    assert (one.finding.field, one.finding.rule, one.finding.rule_version) == (
        "number",
        "specimens.required_fields",
        4,
    )
    assert (one.verdict.rule_key, one.verdict.version) == ("specimens.required_fields", 4)
    assert other.finding.code == "SUB-003"


def test_requirements_read_as_sentences(documents: Documents) -> None:
    assert shipped(documents.required).body.lines() == [
        "Name is required always",
        "Number is required when Size is Large",
        "Day is required when Flag is yes (observe)",
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("specimens")
@pytest.mark.parametrize("mode", [None, Mode.ENFORCE])
def test_list_of_records_that_lack_something_is_the_same_rule(
    documents: Documents, mode: Mode | None
) -> None:
    policy = shipped(documents.required)
    rows = SUBJECT.fetch(Subject.objects.all(), required.paths(policy))
    lacking = {pk for pk, facts in rows.items() if required.missing(policy, facts, NOW, mode=mode)}
    where = required.lacking(policy, NOW, mode=mode)
    assert set(Subject.objects.filter(where).values_list("pk", flat=True)) == lacking
    assert 0 < len(lacking) < 120


@pytest.mark.django_db
@pytest.mark.usefixtures("specimens")
def test_records_that_lack_one_field(documents: Documents) -> None:
    policy = shipped(documents.required)
    nameless = Subject.objects.filter(required.lacking_field(policy, "s.name", NOW))
    assert {subject.name or "" for subject in nameless} == {""}
    assert not Subject.objects.filter(required.lacking_field(policy, "s.code", NOW)).exists()


def test_policy_of_another_kind_is_a_mistake(documents: Documents) -> None:
    with pytest.raises(TypeError, match=r"specimens\.limit is no policy of required fields"):
        required.paths(shipped(documents.limit))


@pytest.mark.parametrize(
    "body",
    [
        {"fields": [{"field": "__class__"}]},
        {"fields": [{"field": "s.name", "when": {"f": "s.name", "op": "regex", "v": "(a+)+$"}}]},
        {"fields": [{"field": "s.name", "when": {"f": "pk", "op": "eq", "v": 1}}]},
        {"fields": "__import__('os')"},
    ],
)
def test_stored_rule_that_is_refused_today_does_not_run(documents: Documents, body: Any) -> None:
    with pytest.raises(RuleError):
        required.missing(revised(documents, body), {}, NOW)
    with pytest.raises(RuleError):
        required.lacking(revised(documents, body), NOW)
