"""Kinds of obligations: what each demands when it is done, whose move it may be, who gives it up. Source: M8."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from revops.kernel import audit, clocks
from revops.kernel.packets import actions, kinds
from revops.kernel.packets.enums import ObligationKind
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.tasks import feeding
from tests.cast import Cast
from tests.kernel.packets.conftest import codes

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOON):
        yield


def owed(cast: Cast, kind: str, *, owner: str = "alice", **values: Any) -> Obligation:
    with audit.change(by=cast.rita, action="test.owe"):
        return actions.add_obligation(
            kind=kind, text="Show it", owner=cast.people[owner], source_ref="RFC-000012", **values
        )


def test_every_kind_has_its_rule() -> None:
    assert set(kinds.RULES) == set(ObligationKind)


def test_an_obligation_joins_the_change_of_another_action(cast: Cast) -> None:
    held = Obligation.objects.get(pk=owed(cast, "decision_action", due_on=NOON.date()).pk)
    assert (held.kind, held.owner, held.creator, held.source_ref, held.team) == (
        "decision_action",
        cast.alice,
        cast.rita,
        "RFC-000012",
        cast.teams["East"],
    )
    with pytest.raises(TypeError):
        actions.add_obligation(kind="task", text="No change is open", owner=cast.alice)


def test_an_obligation_collects_every_finding(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        owed(cast, "mitigation", owner="otto", counterparty_side="buyer", due_on=NOON.date().replace(day=9))
    assert codes(refusal) == [("TSK-002", "due_on"), ("TSK-009", "counterparty_side"), ("TSK-004", "owner")]


@pytest.mark.parametrize(
    ("kind", "given", "lacks"),
    [
        ("decision_action", {}, [("TSK-011", "evidence_ref")]),
        ("pilot_exit", {}, [("TSK-010", "outcome"), ("TSK-011", "evidence_ref")]),
        ("milestone", {"evidence_ref": "in my inbox"}, [("TSK-011", "evidence_ref")]),
        ("cta", {}, [("TSK-010", "outcome")]),
        ("commitment", {"evidence_ref": "https://example.com/handed-over"}, []),
        ("mitigation", {"evidence_ref": "OPP-000012"}, []),
        ("task", {}, []),
    ],
)
def test_done_needs_what_the_kind_says(
    cast: Cast, kind: str, given: dict[str, str], lacks: list[tuple[str, str]]
) -> None:
    task = owed(cast, kind)
    if lacks:
        with pytest.raises(audit.Blocked) as refusal:
            actions.complete_task(by=cast.alice, pk=task.pk, **given)
        assert codes(refusal) == lacks
        assert len(actions.undone(Obligation.objects.get(pk=task.pk))) == 1
    else:
        done = actions.complete_task(by=cast.alice, pk=task.pk, **given)
        assert (done.state, done.evidence_ref) == ("done", given.get("evidence_ref", ""))
        assert actions.undone(done) == []


def test_the_database_keeps_evidence(cast: Cast) -> None:
    task = owed(cast, "milestone")
    actions.complete_task(by=cast.alice, pk=task.pk, evidence_ref="OPP-000012")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE packets_obligation SET evidence_ref = '' WHERE id = %s", [task.pk])


def test_some_kinds_are_given_up_only_by_who_asked(cast: Cast) -> None:
    mine, theirs = owed(cast, "decision_action"), owed(cast, "playbook_task")
    with pytest.raises(audit.Blocked) as refusal:
        actions.cancel_task(by=cast.alice, pk=mine.pk, reason="No time")
    assert codes(refusal) == [("TSK-012", "state")]
    assert actions.cancel_task(by=cast.alice, pk=theirs.pk, reason="Not needed").state == "cancelled"
    with audit.change(by=cast.rita, action="test.owe"):
        other = actions.add_obligation(kind="mitigation", text="Show it", owner=cast.rita, by=cast.alice)
    with pytest.raises(audit.Blocked):
        actions.cancel_task(by=cast.rita, pk=other.pk, reason="Mine to do")


def test_my_work_asks_for_the_evidence(cast: Cast) -> None:
    task = owed(cast, "decision_action")
    (item,) = feeding.items(cast.alice, NOON, 5)
    assert (item.deeds[0], item.why) == ("prove", "Decided action, no due date")
    feeding._prove(by=cast.alice, pk=task.pk, values={"evidence_ref": "https://example.com/log"})
    assert Obligation.objects.get(pk=task.pk).state == "done"
