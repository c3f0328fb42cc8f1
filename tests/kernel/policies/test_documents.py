"""Policy documents: a typed body, a shipped default, every problem of a body told with its place."""

from typing import Any

import pytest

from revops.kernel.policies import documents as registry
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.rules import RuleError
from tests.kernel.policies.papers import Documents, Limit


def test_key_names_one_document_and_its_domain(documents: Documents) -> None:
    assert registry.get("specimens.limit") is documents.limit
    assert documents.limit.domain == "specimens"
    registry.register(documents.limit)
    other = PolicyDocument("specimens.limit", "Another", Limit, {"limit": 1}, "The tests")
    with pytest.raises(ValueError, match="There is a policy document specimens"):
        registry.register(other)
    with pytest.raises(LookupError, match="no policy"):
        registry.get("specimens.nothing")


def test_wrong_default_is_refused_at_start(documents: Documents) -> None:
    with pytest.raises(RuleError):
        registry.register(PolicyDocument("specimens.other", "Other", Limit, {"limit": -1}, "The tests"))


@pytest.mark.parametrize(
    ("raw", "position"),
    [
        ({}, "/limit"),
        ({"limit": "10"}, "/limit"),
        ({"limit": 10.5}, "/limit"),
        ({"limit": True}, "/limit"),
        ({"limit": 1_001}, "/limit"),
        ({"limit": 10, "more": 1}, "/more"),
        ([], ""),
        ("__import__('os')", ""),
        (None, ""),
        ({"limit": 10**5_000}, ""),
        ({"limit": object()}, ""),
        ({"limit": "x" * 200_001}, ""),
    ],
)
def test_body_that_does_not_fit_is_refused_with_its_place(
    documents: Documents, raw: Any, position: str
) -> None:
    with pytest.raises(RuleError) as refusal:
        documents.limit.read(raw)
    assert [problem.position for problem in refusal.value.problems] == [position]
    assert [finding.code for finding in documents.limit.findings(raw)] == ["POL-001"]


def test_body_that_fits_has_no_findings(documents: Documents) -> None:
    assert documents.limit.findings({"limit": 3}) == []
    assert documents.limit.read({"limit": 3}).lines() == ["At most 3"]


FIELD = {"field": "s.name"}


@pytest.mark.parametrize(
    ("raw", "positions"),
    [
        ({"fields": [{"field": "s.nowhere"}]}, ["/fields/0/field"]),
        ({"fields": [FIELD, {"field": "s.items"}]}, ["/fields/1/field"]),
        ({"fields": [{"field": "s.name", "when": {"not": {"ref": "x"}}}]}, ["/fields/0/when/not/ref"]),
        ({"fields": [FIELD], "rules": {"unused": {"f": "s.x", "op": "eq", "v": 1}}}, ["/rules/unused/f"]),
        ({"fields": [FIELD], "params": {"unused": "x" * 501}}, ["/params/unused"]),
        ({"fields": [FIELD], "params": {"unused": {"a": 1}}}, ["/params/unused"]),
        ({"fields": [FIELD], "params": {"unused": 0.5}}, ["/params/unused"]),
        (
            {"fields": [{"field": "s.x"}, {"field": "s.name", "when": {"const": 1}}]},
            ["/fields/0/field", "/fields/1/when/const"],
        ),
        ({"fields": [{"field": "s.name", "mode": "block"}]}, ["/fields/0/mode"]),
        ({"fields": [{"field": "s.name", "code": "x"}]}, ["/fields/0/code"]),
    ],
)
def test_rules_of_a_body_are_read_when_it_is_stored(
    documents: Documents, raw: Any, positions: list[str]
) -> None:
    with pytest.raises(RuleError) as refusal:
        documents.required.read(raw)
    assert [problem.position for problem in refusal.value.problems] == positions
