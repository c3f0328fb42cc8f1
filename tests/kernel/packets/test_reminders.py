"""The daily word about tasks: once a task a day, late or doubled, and only to whoever has to do it."""

from datetime import UTC, date, datetime

import pytest

from revops.kernel import clocks
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox import jobs
from revops.kernel.packets import actions
from revops.kernel.records.work.tasks import reminders
from tests.cast import Cast
from tests.kernel.packets.conftest import Make

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 6, 10, 12, tzinfo=UTC)


def told() -> list[tuple[int, str]]:
    rows = Notification.objects.filter(kind=reminders.KIND).order_by("pk")
    return list(rows.values_list("recipient_id", "title"))


def test_reminder_is_told_once_a_day_for_what_is_due(cast: Cast, task: Make) -> None:
    with clocks.at(DAY):
        due = task("Due", due_on=date(2026, 6, 10))
        task("Later", due_on=date(2026, 6, 12))
        task("Whenever")
        over = task("Over", due_on=date(2026, 6, 10))
        actions.complete_task(by=cast.alice, pk=over.pk)
        task("Bob's", owner=cast.bob.pk, due_on=date(2026, 6, 10))
        assert reminders.remind() == "2 tasks due or overdue"
        assert reminders.remind() == "2 tasks due or overdue"
    expected = [(cast.alice.pk, "Due today: Due"), (cast.bob.pk, "Due today: Bob's")]
    assert told() == expected
    with clocks.at(DAY.replace(day=11)):
        reminders.remind()
    assert told() == [
        *expected,
        (cast.alice.pk, "1 day overdue: Due"),
        (cast.bob.pk, "1 day overdue: Bob's"),
    ]
    (first, *_) = Notification.objects.filter(recipient=cast.alice).order_by("pk")
    assert (first.url, first.subject_type, first.subject_id) == (
        f"/tasks/{due.pk}/",
        "packets.obligation",
        due.pk,
    )


def test_reminder_is_a_job_with_an_owner_that_runs_once_a_slot(
    cast: Cast, task: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clocks.at(DAY):
        task("Due", due_on=date(2026, 6, 10))
        run = jobs.run_job("work.remind")
        assert run is not None
        assert (run.state, run.result) == ("done", "1 tasks due or overdue")
        assert jobs.run_job("work.remind") is None
    (known,) = (one for one in jobs.registered() if one.key == "work.remind")
    assert (known.owner, known.cadence.words()) == ("REVOPS", "daily at 11:30 UTC")


def test_reminder_goes_through_many_tasks_in_batches(
    cast: Cast, task: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    with clocks.at(DAY):
        for number in range(5):
            task(f"Task {number}", due_on=date(2026, 6, 10))
        reminders.remind()
    assert len(told()) == 5
