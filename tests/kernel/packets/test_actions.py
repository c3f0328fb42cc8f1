"""Tasks: every action with its findings, who is told, what offboarding does with them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import audit, clocks
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets import actions
from revops.kernel.packets.enums import ObligationState
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access, ownership
from revops.kernel.people.actions import deactivate_user
from revops.kernel.people.models import Queue
from revops.kernel.records.work.tasks import forms
from tests.cast import Cast
from tests.kernel.packets.conftest import Make, codes

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
LATER = NOON.replace(hour=13)
TODAY = date(2026, 6, 10)


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clocks.at(NOON):
        yield


def told(of: str) -> list[dict[str, Any]]:
    return list(OutboxEvent.objects.filter(type=of).order_by("pk").values_list("payload", flat=True))


def test_add_task_keeps_what_was_said_and_who(cast: Cast, account: Account, task: Make) -> None:
    number = f"ACC-{account.pk:06d}"
    made = task("  Send the offer ", due_on=TODAY, priority="high", note="Both", subject=number.lower())
    held = Obligation.objects.get(pk=made.pk)
    assert (held.text, held.due_on, held.priority, held.note) == ("Send the offer", TODAY, "high", "Both")
    assert (held.subject_type, held.subject_id, held.subject) == ("accounts.account", account.pk, number)
    assert (held.owner, held.creator, held.team, held.kind) == (
        cast.alice,
        cast.alice,
        cast.teams["East"],
        "task",
    )
    assert (held.state, held.version, held.history.count()) == ("open", 1, 1)
    assert [row.owner for row in ownership.intervals(held)] == [cast.alice]
    assert [one["owner"] for one in told("task.added")] == [cast.alice.pk]
    assert told("obligation.assigned") == []


def test_add_task_collects_every_finding(cast: Cast) -> None:
    values = {"text": " ", "due_on": "2026-06-09", "subject": "ACC-999999", "owner": cast.charlie.pk}
    with pytest.raises(audit.Blocked) as refusal:
        forms.create_task(by=cast.alice, values=values)
    assert codes(refusal) == [
        ("TSK-001", "text"),
        ("TSK-002", "due_on"),
        ("TSK-003", "subject"),
        ("TSK-005", "owner"),
    ]
    with pytest.raises(audit.Blocked) as refusal:
        forms.create_task(by=cast.alice, values={"subject": "ours", "priority": "huge", "due_on": "soon"})
    assert codes(refusal) == [
        ("VAL-002", "priority"),
        ("VAL-002", "due_on"),
        ("TSK-003", "subject"),
        ("TSK-001", "text"),
    ]
    assert Obligation.objects.count() == 0


def test_hidden_record_and_none_are_refused_in_the_same_words(cast: Cast, account: Account) -> None:
    said = []
    for pk in (account.pk, 999_999):
        with pytest.raises(audit.Blocked) as refusal:
            forms.create_task(by=cast.charlie, values={"text": "Look", "subject": f"ACC-{pk:06d}"})
        said.append(refusal.value.findings[0].message.replace(f"{pk:06d}", ""))
    assert said[0] == said[1]


@pytest.mark.parametrize("values", [{"state": "done"}, {"creator": 1}, {"source_ref": "RFC-1"}, {"team": 1}])
def test_what_nobody_sets_is_forbidden(cast: Cast, task: Make, values: dict[str, Any]) -> None:
    made = task()
    with pytest.raises(access.Forbidden):
        forms.create_task(by=cast.alice, values={"text": "Mine", **values})
    with pytest.raises(access.Forbidden):
        forms.edit_task(by=cast.alice, pk=made.pk, changes=values)
    assert Obligation.objects.get().version == 1


def test_due_instant_brings_its_day_and_another_day_keeps_the_time(cast: Cast, task: Make) -> None:
    made = task(due_at="2026-06-12T15:00:00+00:00")
    assert made.due_on == date(2026, 6, 12)
    moved = actions.reschedule(by=cast.alice, pk=made.pk, due_on=date(2026, 6, 15))
    assert moved.due_at == datetime(2026, 6, 15, 15, tzinfo=UTC)
    emptied = forms.edit_task(by=cast.alice, pk=made.pk, changes={"due_on": ""})
    assert (emptied.due_on, emptied.due_at) == (None, None)


def test_edit_task_changes_fields_and_refuses_the_past(cast: Cast, task: Make) -> None:
    made = task(due_on=TODAY)
    done = forms.edit_task(
        by=cast.alice, pk=made.pk, changes={"text": "Call twice", "priority": "low"}, version=1
    )
    assert (done.text, done.priority, done.version) == ("Call twice", "low", 2)
    with pytest.raises(audit.Blocked) as refusal:
        forms.edit_task(by=cast.alice, pk=made.pk, changes={"text": "", "due_on": "2026-06-01"})
    assert codes(refusal) == [("TSK-001", "text"), ("TSK-002", "due_on")]
    with pytest.raises(audit.Conflict):
        forms.edit_task(by=cast.alice, pk=made.pk, changes={"text": "Late"}, version=1)


def test_overdue_task_keeps_its_day_when_something_else_changes(cast: Cast, task: Make) -> None:
    made = task(due_on=TODAY)
    with clocks.at(NOON.replace(day=20)):
        changed = forms.edit_task(
            by=cast.alice, pk=made.pk, changes={"note": "Still", "due_on": TODAY.isoformat()}
        )
        assert (changed.note, changed.due_on) == ("Still", TODAY)
        put_off = actions.reschedule(by=cast.alice, pk=made.pk, due_on=date(2026, 6, 22))
        taken_back = actions.reschedule(by=cast.alice, pk=made.pk, due_on=TODAY)
        assert (put_off.due_on, taken_back.due_on) == (date(2026, 6, 22), TODAY)
        with pytest.raises(audit.Blocked) as refusal:
            actions.reschedule(by=cast.alice, pk=made.pk, due_on=date(2026, 6, 1))
    assert codes(refusal) == [("TSK-002", "due_on")]


def test_complete_reopen_and_cancel(cast: Cast, task: Make) -> None:
    made = task()
    done = actions.complete_task(by=cast.alice, pk=made.pk, outcome="They agreed")
    assert (done.state, done.outcome, done.done_by, done.done_at) == (
        "done",
        "They agreed",
        cast.alice,
        NOON,
    )
    for again in (
        lambda: actions.complete_task(by=cast.alice, pk=made.pk),
        lambda: actions.cancel_task(by=cast.alice, pk=made.pk, reason="No"),
        lambda: actions.reschedule(by=cast.alice, pk=made.pk, due_on=TODAY),
        lambda: actions.assign_task(by=cast.alice, pk=made.pk, owner=cast.bob),
        lambda: forms.edit_task(by=cast.alice, pk=made.pk, changes={"note": "More"}),
    ):
        with pytest.raises(audit.Blocked) as refusal:
            again()
        assert codes(refusal) == [("TSK-006", "state")]
    reopened = actions.reopen_task(by=cast.alice, pk=made.pk)
    assert (reopened.state, reopened.outcome, reopened.done_at, reopened.done_by) == ("open", "", None, None)
    with pytest.raises(audit.Blocked) as refusal:
        actions.reopen_task(by=cast.alice, pk=made.pk)
    assert codes(refusal) == [("TSK-006", "state")]
    with pytest.raises(audit.Blocked) as refusal:
        actions.cancel_task(by=cast.alice, pk=made.pk, reason=" \n")
    assert codes(refusal) == [("TSK-007", "reason")]
    given_up = actions.cancel_task(by=cast.alice, pk=made.pk, reason="They  moved away")
    assert (given_up.state, given_up.outcome) == (ObligationState.CANCELLED, "They moved away")
    assert ChangeEvent.objects.filter(action="task.cancel").get().reason == "They  moved away"


def test_assign_task_only_to_somebody_who_sees_the_record(cast: Cast, account: Account, task: Make) -> None:
    made = task(subject=f"ACC-{account.pk:06d}")
    with pytest.raises(audit.Blocked) as refusal:
        actions.assign_task(by=cast.alice, pk=made.pk, owner=cast.charlie)
    assert codes(refusal) == [("TSK-005", "owner")]
    assert "does not see ACC-" in refusal.value.findings[0].message
    with pytest.raises(audit.Blocked) as refusal:
        actions.assign_task(by=cast.alice, pk=made.pk, owner=cast.otto)
    assert codes(refusal) == [("TSK-004", "owner")]
    with clocks.at(LATER):
        given = actions.assign_task(by=cast.alice, pk=made.pk, owner=cast.bob)
    assert (given.owner, given.creator) == (cast.bob, cast.alice)
    assert [(one["owner"], one["by"]) for one in told("obligation.assigned")] == [
        (cast.bob.pk, cast.alice.pk)
    ]


def test_offboarding_gives_tasks_a_new_holder_in_the_same_transaction(cast: Cast, task: Make) -> None:
    mine, asked = task("Mine"), task("For Bob", owner=cast.bob.pk)
    with clocks.at(LATER):
        deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    queue = Queue.objects.get(key=f"holding-{cast.mona.pk}")
    held = Obligation.objects.get(pk=mine.pk)
    assert (held.owner, held.queue, held.state) == (None, queue, "open")
    assert Obligation.objects.get(pk=asked.pk).owner == cast.bob
    event = ChangeEvent.objects.filter(action="user.deactivate").get()
    assert held.history.get(version=2).history_change == event
    with clocks.at(LATER.replace(hour=14)):
        taken = actions.assign_task(by=cast.mona, pk=mine.pk, owner=cast.bob)
    assert taken.owner == cast.bob
