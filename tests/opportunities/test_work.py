"""What waits for people: tasks, next steps, meetings to close, new leads, exports; in scope, in few queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_lead, log_activity, schedule_meeting
from accounts.models import Activity, Lead
from opportunities.models import Opportunity
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.exporting import content
from revops.kernel.exchange.exporting.actions import request_export
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access
from revops.kernel.records import work
from revops.kernel.records.work import Urgency, WorkItem
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast
from tests.opportunities.conftest import open_deal

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 6, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
KINDS = ("task", "next-step", "no-next-step", "meeting", "new-lead", "export")
OPP = "OPP-{:06d}"


def seen(user: User, *kinds: str) -> tuple[WorkItem, ...]:
    return work.work(user, NOW, kinds=kinds).items


def told(items: tuple[WorkItem, ...]) -> list[tuple[str, str, str]]:
    return [(item.source, item.title, item.why) for item in items]


def lead_values(number: int) -> dict[str, Any]:
    email = f"lead{number}@lead{number}.com"
    return {"last_name": f"Lead {number}", "company": "Acme", "source_original": "web", "email": email}


def filled(cast: Cast, number: int) -> None:
    """Give Alice one of everything that waits."""
    with clocks.at(MORNING.replace(hour=9, minute=number)):
        deal = open_deal(cast, next_step=f"Call buyer {number}", next_step_on="2026-06-08")
        open_deal(cast)
        subject = OPP.format(deal.pk)
        create_task(
            by=cast.alice, values={"text": f"Send {number}", "due_on": "2026-06-10", "subject": subject}
        )
        create_lead(by=cast.alice, values=lead_values(number))
        meeting = {
            "subject": f"Demo {number}",
            "account": deal.account_id,
            "occurred_at": "2026-06-05T10:00:00Z",
        }
        schedule_meeting(by=cast.alice, values=meeting)


def task() -> Obligation:
    return Obligation.objects.get(kind="task")


@pytest.fixture
def at_nine() -> Any:
    with clocks.at(NOW):
        yield


def test_everything_that_waits_stands_in_one_order(cast: Cast) -> None:
    filled(cast, 1)
    deal = Opportunity.objects.get(next_step="Call buyer 1")
    stepless = Opportunity.objects.get(next_step_on__isnull=True)
    assert told(seen(cast.alice)) == [
        ("meeting", "Demo 1", "the outcome is open for 5 days"),
        ("next-step", "Call buyer 1", "2 days overdue"),
        ("task", "Send 1", "due today"),
        ("no-next-step", stepless.name, "no next step; closes in 431 days"),
        ("new-lead", "Lead 1", "untouched for 9 days"),
    ]
    by_source = {item.source: item for item in seen(cast.alice)}
    assert [one.subject.title for one in by_source.values() if one.subject] == [
        "Acme",
        deal.name,
        deal.name,
        stepless.name,
        "Acme",
    ]
    assert by_source["task"].deeds == ("done", "snooze", "log_call")
    assert by_source["next-step"].deeds == ("next_step", "snooze", "log_call")
    assert by_source["new-lead"].deeds == ("accept", "log_call")
    assert work.badge(cast.alice, NOW) == 3
    for other in (cast.bob, cast.charlie, cast.rita):
        assert seen(other) == (), other
        assert work.badge(other, NOW) == 0


def test_work_takes_the_same_number_of_queries_for_one_and_three(
    cast: Cast, settled_organisation: None
) -> None:
    counts = []
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            filled(cast, number)
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            access.remembered(),
        ):
            work.work(cast.alice, NOW, kinds=KINDS)
        counts.append(len(queries))
    # Six sources, the titles of deals and accounts, and once each what one holds of accounts, leads and deals.
    assert counts == [10, 10]
    with CaptureQueriesContext(connection) as queries:
        assert work.badge(cast.alice, NOW) == 9
    # Who one stands in for, what one holds of deals (for next steps and for evidence), and all that is due.
    assert len(queries) == 4


def test_subject_out_of_sight_is_left_out(cast: Cast) -> None:
    with clocks.at(MORNING):
        deal = open_deal(cast)
        subject = OPP.format(deal.pk)
        create_task(by=cast.alice, values={"text": "Help", "subject": subject, "owner": cast.bob.pk})
        from revops.kernel.people import actions as people

        people.move_to_team(by=cast.ada, user=cast.bob, team=cast.teams["West"])
    (item,) = seen(cast.bob)
    assert (item.title, item.subject) == ("Help", None)


def test_closed_deals_touched_leads_and_told_meetings_do_not_wait(cast: Cast) -> None:
    filled(cast, 1)
    with clocks.at(MORNING.replace(day=2)):
        lead = Lead.objects.get(last_name="Lead 1")
        log_activity(by=cast.alice, values={"kind": "note", "subject": "Tried", "lead": lead.pk})
    with clocks.at(NOW):
        work.do(
            by=cast.alice,
            source="meeting",
            pk=Activity.objects.get(subject="Demo 1").pk,
            name="outcome",
            values={"outcome": "held"},
        )
        work.do(by=cast.alice, source="task", pk=task().pk, name="done", values={})
    assert [item.source for item in seen(cast.alice)] == ["next-step", "no-next-step"]


def test_task_is_done_put_off_and_both_are_taken_back(cast: Cast, at_nine: None) -> None:
    filled(cast, 1)
    pk = task().pk
    done = work.do(by=cast.alice, source="task", pk=pk, name="done", values={})
    assert (done.said, done.undo, task().state) == ("The task is done.", "reopen", "done")
    work.do(by=cast.alice, source="task", pk=pk, name=done.undo, values=done.undo_values)
    assert task().state == "open"
    put_off = work.do(by=cast.alice, source="task", pk=pk, name="snooze", values={"due_on": "2026-06-11"})
    assert put_off.said == "Put off to Thursday, 11 June."
    assert (put_off.undo, put_off.undo_values) == ("snooze", {"due_on": "2026-06-10"})
    work.do(by=cast.alice, source="task", pk=pk, name=put_off.undo, values=put_off.undo_values)
    assert task().due_on == date(2026, 6, 10)


def test_next_step_is_set_from_my_work_and_a_passed_day_does_not_come_back(cast: Cast, at_nine: None) -> None:
    filled(cast, 1)
    deal = Opportunity.objects.get(next_step="Call buyer 1")
    values = {"next_step": "Send the offer", "next_step_on": "2026-06-12"}
    done = work.do(by=cast.alice, source="next-step", pk=deal.pk, name="next_step", values=values)
    assert (done.said, done.undo) == ("Next step on Friday, 12 June.", "")
    again = work.do(
        by=cast.alice, source="next-step", pk=deal.pk, name="snooze", values={"next_step_on": "2026-06-15"}
    )
    assert (again.undo, again.undo_values["next_step_on"]) == ("snooze", "2026-06-12")
    work.do(by=cast.alice, source="next-step", pk=deal.pk, name=again.undo, values=again.undo_values)
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on) == ("Send the offer", date(2026, 6, 12))
    with pytest.raises(Blocked):
        work.do(by=cast.alice, source="next-step", pk=deal.pk, name="next_step", values={"next_step": "x"})


@pytest.mark.parametrize(
    ("source", "find"),
    [
        ("task", lambda: task().pk),
        ("next-step", lambda: Opportunity.objects.get(next_step="Call buyer 1").pk),
        ("new-lead", lambda: Lead.objects.get().pk),
    ],
)
def test_call_is_logged_from_where_the_work_stands(
    cast: Cast, at_nine: None, source: str, find: Callable[[], int]
) -> None:
    filled(cast, 1)
    kind = work.get(source)
    assert kind is not None
    known = kind.deed("log_call")
    assert known is not None
    fields, begins = known.asked(cast.alice, find())
    assert [field.name for field in fields][:2] == ["subject", "outcome"]
    assert begins["direction"] == "outbound"
    values = {"subject": "Rang", "outcome": "connected", "direction": "outbound", "minutes": "5"}
    done = work.do(by=cast.alice, source=source, pk=find(), name="log_call", values=values)
    assert done.said == "The call is logged."
    assert Activity.objects.get(kind="call").duration_s == 300


def test_deeds_of_others_and_unknown_ones_do_nothing(cast: Cast, at_nine: None) -> None:
    filled(cast, 1)
    pk, deal = task().pk, Opportunity.objects.get(next_step="Call buyer 1")
    with pytest.raises(Obligation.DoesNotExist):
        work.do(by=cast.bob, source="task", pk=pk, name="done", values={})
    with pytest.raises(access.Forbidden):
        work.do(
            by=cast.bob, source="next-step", pk=deal.pk, name="snooze", values={"next_step_on": "2026-06-15"}
        )
    for source, name in (("task", "delete"), ("nothing", "done"), ("export", "decide")):
        with pytest.raises(LookupError):
            work.do(by=cast.alice, source=source, pk=pk, name=name, values={})
    assert task().version == 1


def test_exports_wait_for_those_who_approve_and_not_for_who_asked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.EXPORT_DIR = str(tmp_path)
    monkeypatch.setattr(content, "APPROVAL_ROWS", 0)
    with clocks.at(MORNING):
        open_deal(cast)
        for who in (cast.alice, cast.olga):
            request_export(
                by=who,
                record_type="opportunities.opportunity",
                parameters={},
                columns=["name"],
                purpose="Quarterly review with finance",
            )
    expected = ["Alice asks for 1 deals", "Olga asks for 1 deals"]
    assert [item.title for item in seen(cast.rita)] == expected
    assert [item.title for item in seen(cast.olga)] == expected[:1]
    assert seen(cast.otto) == ()
    (item,) = seen(cast.olga)
    assert (item.urgency, item.why, item.deeds) == (
        Urgency.WAITING,
        "waits for approval for 9 days",
        ("decide",),
    )


def test_tasks_of_a_queue_wait_for_its_members(cast: Cast) -> None:
    from revops.kernel.people.actions import deactivate_user

    with clocks.at(MORNING):
        create_task(by=cast.alice, values={"text": "Left behind"})
    with clocks.at(MORNING.replace(day=2)):
        deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    assert [item.title for item in seen(cast.mona)] == ["Left behind"]
    assert seen(cast.bob) == ()
