"""What operations may decide about a clock: targets, pauses by facts, whose hours count; what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from revops.kernel import sla
from revops.kernel.clocks import calendars
from revops.kernel.policies import documents
from revops.kernel.policies.rules import RuleError
from revops.kernel.sla import hours
from revops.kernel.sla.bodies import steps
from tests.kernel.sla.conftest import MONDAY, REPLY, World, at

QUIET = {"f": "account.segment", "op": "eq", "v": "SMB"}


@pytest.fixture
def paused_by_facts(world: World) -> World:
    sla.document(
        key="tests.paused",
        title="Paused by facts",
        target=sla.length(60, "minutes"),
        source="The tests",
        record_type="accounts.account",
        pause_when=QUIET,
        pause_on=("account.waits",),
        resume_on=("account.back",),
    )
    return world


def changed(**terms: Any) -> dict[str, Any]:
    return {**dict(documents.get(REPLY).default), **terms}


def test_facts_pause_a_clock_and_let_it_run_again(paused_by_facts: World) -> None:
    clock = paused_by_facts.start("tests.paused", facts={"account.segment": "SMB"})
    assert (clock.state, clock.due_at) == ("paused", None)
    paused_by_facts.signal("account.edited", at(9, 30), facts={"account.segment": "MM"})
    clock.refresh_from_db()
    assert (clock.state, clock.due_at) == ("running", at(10, 30))
    paused_by_facts.signal("account.edited", at(9, 40), facts={"account.segment": "SMB"})
    clock.refresh_from_db()
    assert (clock.state, clock.used_s) == ("paused", 600)


@pytest.mark.parametrize("segment", ["MM", None])
def test_facts_end_no_pause_that_an_event_began_and_unknown_ones_change_nothing(
    paused_by_facts: World, segment: str | None
) -> None:
    clock = paused_by_facts.start("tests.paused", facts={"account.segment": "MM"})
    paused_by_facts.signal("account.waits", at(9, 10), facts={"account.segment": "MM"})
    paused_by_facts.signal("account.edited", at(9, 20), facts={"account.segment": segment})
    clock.refresh_from_db()
    assert clock.state == "paused"


@pytest.mark.parametrize(
    ("terms", "place"),
    [
        ({"target": {"amount": 0, "unit": "hours"}}, "/target/amount"),
        ({"target": {"amount": 2, "unit": "days"}}, "/target/unit"),
        ({"clock": "elapsed", "target": {"amount": 2, "unit": "business_days"}}, "/target/unit"),
        ({"warn_at": [0]}, "/warn_at/0"),
        ({"targets": [{"when": {"f": "account.nose", "op": "is_null"}, "target": sla.length(1, "hours")}]},
         "/targets/0/when/f"),
        ({"reopen": "perhaps"}, "/reopen"),
        ({"escalation": [{"at": 100, "to": "everybody"}]}, "/escalation/0/to"),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused_with_their_place(
    declared: None, terms: dict[str, Any], place: str
) -> None:
    with pytest.raises(RuleError) as refusal:
        documents.get(REPLY).read(changed(**terms))
    assert [problem.position for problem in refusal.value.problems] == [place]


def test_conditions_need_a_record_type(declared: None) -> None:
    body = {
        **dict(documents.get("tests.day").default),
        "targets": [{"when": QUIET, "target": sla.length(1, "hours")}],
    }
    with pytest.raises(RuleError):
        documents.get("tests.day").read(body)


def test_terms_are_told_in_words(declared: None) -> None:
    told = documents.get(REPLY).read(changed()).lines()
    assert told[1:4] == ["60 minutes otherwise", "Business hours count", "Starts with account.asked"]


def test_full_target_is_passed_once_and_the_breach_comes_first(declared: None) -> None:
    found = [step.key for step in steps(changed(warn_at=[100, 50]))]
    assert found[0] == "warn:50"
    assert [key for key in found if ":100" in key or key == "breach"] == [
        "breach",
        "escalate:100:manager",
        "escalate:100:owner",
    ]


def test_clock_counts_by_the_calendar_that_its_keeper_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "_keepers", {})
    hours.kept_by("owner", lambda record, owner: "night" if owner == world.cast.alice.pk else None)
    calendars.revise(
        key="night",
        tz="America/New_York",
        weekly={"0": [[600, 720]]},
        effective_from=MONDAY - timedelta(days=1),
    )
    sla.document(
        key="tests.owner",
        title="By owner",
        target=sla.length(60, "minutes"),
        source="The tests",
        calendar="owner",
    )
    mine = world.start("tests.owner")
    assert (mine.calendar_key, mine.due_at) == ("night", at(11))
    with pytest.raises(ValueError, match="has a keeper already"):
        hours.kept_by("owner", lambda record, owner: None)


def test_clock_without_a_calendar_of_its_own_counts_by_the_organisation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "_keepers", {"owner": lambda record, owner: None})
    sla.document(
        key="tests.owner",
        title="By owner",
        target=sla.length(60, "minutes"),
        source="The tests",
        calendar="owner",
    )
    clock = world.start("tests.owner")
    assert (clock.calendar_key, clock.due_at) == ("default", at(10))
