"""Logging, scheduling, correcting and finishing activities: what is written, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import (
    create_contact,
    create_lead,
    edit_activity,
    log_activity,
    record_outcome,
    schedule_meeting,
    set_attendees,
)
from accounts.actions.activities import edit_attendee
from accounts.models import Account, Activity, ActivityAttendee, Contact
from revops.kernel import audit, clocks
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access, actions
from tests.accounts.conftest import Make, codes
from tests.cast import Cast
from tests.evidence import unchanged

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clocks.at(NOW):
        yield


@pytest.fixture
def acme(make: Make) -> Account:
    return make("Acme", owner="alice")


@pytest.fixture
def known(cast: Cast, acme: Account) -> Callable[..., Contact]:
    """Create a contact by Alice, at Acme unless another account is named."""

    def one(name: str, account: Account | None = acme) -> Contact:
        values = {"last_name": name, "account": account.pk} if account else {"last_name": name}
        made: Contact = create_contact(by=cast.alice, values=values)
        return made

    return one


def when(moment: datetime) -> str:
    return moment.isoformat()


def attending(activity: Activity) -> list[int]:
    rows = ActivityAttendee.objects.filter(activity=activity, is_active=True)
    return list(rows.order_by("pk").values_list("contact_id", flat=True))


def test_call_is_logged_with_what_goes_without_saying(cast: Cast, acme: Account) -> None:
    values = {"kind": "call", "subject": " Asked about price ", "outcome": "connected", "account": acme.pk}
    call = log_activity(by=cast.alice, values={**values, "duration_s": "119"})
    assert (call.subject, call.occurred_at, call.direction) == ("Asked about price", NOW, "outbound")
    assert (call.owner, call.team, call.account) == (cast.alice, cast.teams["East"], acme)
    assert (call.qualifies_buyer, call.version, call.created_at) == (False, 1, NOW)
    assert log_activity(by=cast.alice, values={**values, "duration_s": 120}).qualifies_buyer is True


def test_event_names_whom_the_activity_was_with(cast: Cast, acme: Account, known: Any) -> None:
    ann, ben = known("Ann"), known("Ben")
    values = {"kind": "email", "subject": "Yes", "direction": "inbound", "contacts": [ben.pk, ann.pk, ben.pk]}
    mail = log_activity(by=cast.alice, values=values)
    event = OutboxEvent.objects.get(subject_type="accounts.activity")
    assert (event.type, event.subject_id) == ("activity.logged", mail.pk)
    assert event.payload == {
        "account": acme.pk,
        "lead": None,
        "contacts": [ben.pk, ann.pk],
        "owner": cast.alice.pk,
        "kind": "email",
        "direction": "inbound",
        "outcome": "done",
        "occurred_at": when(NOW),
        "qualifies_buyer": True,
    }
    assert attending(mail) == [ben.pk, ann.pk]


def test_account_follows_from_lead_and_contacts(cast: Cast, acme: Account, known: Any, make: Make) -> None:
    note = {"kind": "note", "subject": "Likes us"}
    beta = make("Beta", owner="alice")
    ann, ben, free = known("Ann"), known("Ben", beta), known("Free", None)
    assert log_activity(by=cast.alice, values={**note, "contacts": [ann.pk, free.pk]}).account_id == acme.pk
    assert log_activity(by=cast.alice, values={**note, "contacts": [free.pk]}).account_id is None
    given = log_activity(by=cast.alice, values={**note, "contacts": [ann.pk, ben.pk], "account": beta.pk})
    assert given.account_id == beta.pk
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        log_activity(by=cast.alice, values={**note, "contacts": [ann.pk, ben.pk]})
    assert codes(refusal) == [("ACT-009", "account")]


def test_lead_brings_its_account_and_counts_as_an_attendee(cast: Cast) -> None:
    lead = create_lead(
        by=cast.alice,
        values={
            "last_name": "Lee",
            "company": "Lee Ltd",
            "source_original": "web",
            "email": "lee@lee-ltd.com",
        },
    )
    held = {"kind": "meeting", "subject": "First talk", "outcome": "held", "lead": lead.pk}
    meeting = log_activity(by=cast.alice, values=held)
    assert (meeting.lead, meeting.account, meeting.qualifies_buyer) == (lead, None, True)


AHEAD, PAST = when(NOW + HOUR), when(NOW - HOUR)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("ACT-001", "kind"), ("ACT-001", "subject")]),
        ({"kind": "tweet", "subject": "A"}, [("VAL-002", "kind")]),
        ({"kind": "call", "subject": "A"}, [("ACT-002", "outcome")]),
        ({"kind": "meeting", "subject": "A", "occurred_at": PAST}, [("ACT-002", "outcome")]),
        ({"kind": "meeting", "subject": "A", "outcome": "planned"}, [("ACT-002", "outcome")]),
        ({"kind": "note", "subject": "A", "occurred_at": AHEAD}, [("ACT-003", "occurred_at")]),
        (
            {"kind": "call", "subject": "A", "outcome": "connected", "occurred_at": AHEAD},
            [("ACT-003", "occurred_at")],
        ),
        ({"kind": "call", "subject": "A", "outcome": "held"}, [("ACT-004", "outcome")]),
        ({"kind": "email", "subject": "A", "outcome": "no_answer"}, [("ACT-004", "outcome")]),
        (
            {"kind": "meeting", "subject": "A", "outcome": "held", "occurred_at": AHEAD},
            [("ACT-005", "outcome")],
        ),
        ({"kind": "note", "subject": "A", "direction": "inbound"}, [("ACT-016", "direction")]),
        ({"kind": "signature", "subject": "A", "direction": "outbound"}, [("ACT-016", "direction")]),
        (
            {"kind": "call", "subject": "A", "outcome": "connected", "duration_s": 86_401},
            [("ACT-011", "duration_s")],
        ),
        ({"kind": "note", "subject": "A", "body": "x" * 20_001}, [("VAL-002", "body")]),
        ({"kind": "note", "subject": "A" * 256}, [("VAL-002", "subject")]),
        ({"kind": "note", "subject": "A", "account": 10**9}, [("ACT-008", "account")]),
        ({"kind": "note", "subject": "A", "contacts": [10**9]}, [("ACT-008", "contacts")]),
        ({"kind": "note", "subject": "A", "account": ""}, [("ACT-007", "account")]),
        ({"kind": "note", "subject": "A", "occurred_at": "2026-06-01T12:00"}, [("VAL-002", "occurred_at")]),
        (
            {"subject": "", "outcome": "held", "direction": "up", "duration_s": "1.5"},
            [
                ("VAL-002", "subject"),
                ("VAL-002", "direction"),
                ("VAL-002", "duration_s"),
                ("ACT-001", "kind"),
            ],
        ),
    ],
)
def test_activity_is_refused_with_every_reason(
    cast: Cast, acme: Account, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        log_activity(by=cast.alice, values={"account": acme.pk, **values})
    assert codes(refusal) == found


def test_activity_with_a_record_out_of_sight_is_refused_like_one_with_none(cast: Cast, make: Make) -> None:
    hidden = make("Hidden", owner="charlie")
    theirs = create_contact(by=cast.charlie, values={"last_name": "Them", "account": hidden.pk})
    for name, value in (("account", hidden.pk), ("contacts", [theirs.pk])):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            log_activity(by=cast.alice, values={"kind": "note", "subject": "A", name: value})
        assert codes(refusal) == [("ACT-008", name)]
        assert "Hidden" not in str(refusal.value)
        assert "Them" not in str(refusal.value)


def test_activity_has_at_most_a_hundred_attendees(cast: Cast, acme: Account) -> None:
    values = {"kind": "note", "subject": "A", "account": acme.pk, "contacts": list(range(10**6, 10**6 + 101))}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        log_activity(by=cast.alice, values=values)
    assert codes(refusal)[-1] == ("ACT-012", "contacts")


def test_meeting_is_scheduled_held_and_then_counts(cast: Cast, acme: Account, known: Any) -> None:
    ann = known("Ann")
    values = {"subject": "Demo", "occurred_at": AHEAD, "account": acme.pk, "contacts": [ann.pk]}
    meeting = schedule_meeting(by=cast.alice, values=values)
    assert (meeting.kind, meeting.outcome, meeting.qualifies_buyer) == ("meeting", "planned", False)
    with clocks.at(NOW + timedelta(days=9)):
        held = record_outcome(by=cast.alice, pk=meeting.pk, values={"outcome": "held", "duration_s": 1800})
    assert (held.outcome, held.duration_s, held.qualifies_buyer, held.version) == ("held", 1800, True, 2)
    events = OutboxEvent.objects.filter(subject_type="accounts.activity").order_by("created_at")
    told = [(event.type, event.payload["qualifies_buyer"]) for event in events]
    assert told == [("activity.scheduled", False), ("activity.outcome_recorded", True)]


def test_meeting_is_scheduled_for_a_time_that_lies_ahead(cast: Cast, acme: Account) -> None:
    for given, found in (
        ({}, [("ACT-001", "occurred_at")]),
        ({"occurred_at": PAST}, [("ACT-002", "outcome")]),
    ):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            schedule_meeting(by=cast.alice, values={"subject": "Demo", "account": acme.pk, **given})
        assert codes(refusal) == found


def test_outcome_before_the_start_can_only_be_cancelled(cast: Cast, acme: Account) -> None:
    values = {"subject": "Demo", "occurred_at": AHEAD, "account": acme.pk}
    meeting = schedule_meeting(by=cast.alice, values=values)
    for outcome, code in (("held", "ACT-005"), ("no_show", "ACT-005"), ("planned", "ACT-014")):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            record_outcome(by=cast.alice, pk=meeting.pk, values={"outcome": outcome})
        assert codes(refusal) == [(code, "outcome")]
    assert record_outcome(by=cast.alice, pk=meeting.pk, values={"outcome": "cancelled"}).version == 2


def test_outcome_names_who_took_part(cast: Cast, acme: Account, known: Any) -> None:
    ann, ben = known("Ann"), known("Ben")
    values = {"subject": "Demo", "occurred_at": AHEAD, "account": acme.pk, "contacts": [ann.pk]}
    meeting = schedule_meeting(by=cast.alice, values=values)
    with clocks.at(NOW + 2 * HOUR):
        outcome = {"outcome": "held", "contacts": [ben.pk]}
        assert record_outcome(by=cast.alice, pk=meeting.pk, values=outcome).qualifies_buyer
    assert attending(meeting) == [ben.pk]


def test_attendees_taken_off_take_the_qualification_with_them(cast: Cast, acme: Account, known: Any) -> None:
    ann, ben = known("Ann"), known("Ben")
    values = {"kind": "meeting", "subject": "Demo", "outcome": "held", "account": acme.pk}
    meeting = log_activity(by=cast.alice, values={**values, "contacts": [ann.pk]})
    assert meeting.qualifies_buyer
    meeting = set_attendees(by=cast.alice, pk=meeting.pk, contacts=[], version=1)
    assert (meeting.qualifies_buyer, meeting.version, attending(meeting)) == (False, 2, [])
    meeting = set_attendees(by=cast.alice, pk=meeting.pk, contacts=[ann.pk, ben.pk])
    assert (meeting.qualifies_buyer, attending(meeting)) == (True, [ann.pk, ben.pk])
    assert ActivityAttendee.objects.count() == 2
    changed = OutboxEvent.objects.filter(type="activity.attendees_changed").order_by("created_at")
    assert [event.payload["contacts"] for event in changed] == [[], [ann.pk, ben.pk]]


def test_own_activity_is_edited_for_24_hours(cast: Cast, acme: Account) -> None:
    call = log_activity(
        by=cast.alice,
        values={"kind": "call", "subject": "A", "outcome": "connected", "account": acme.pk, "duration_s": 9},
    )
    with clocks.at(NOW + timedelta(hours=24)):
        edited = edit_activity(by=cast.alice, pk=call.pk, changes={"duration_s": "300"}, version=1)
    assert (edited.qualifies_buyer, edited.version) == (True, 2)
    event = OutboxEvent.objects.get(type="activity.edited")
    assert event.payload["qualifies_buyer"] is True
    with clocks.at(NOW + timedelta(hours=24, seconds=1)), unchanged():
        for write in (
            lambda: edit_activity(by=cast.alice, pk=call.pk, changes={"subject": "B"}),
            lambda: set_attendees(by=cast.alice, pk=call.pk, contacts=[]),
            lambda: record_outcome(by=cast.alice, pk=call.pk, values={"outcome": "no_answer"}),
        ):
            with pytest.raises(audit.Blocked) as refusal:
                write()
            assert codes(refusal) == [("ACT-013", "")]


def test_planned_meeting_stays_open_until_its_outcome_is_known(cast: Cast, acme: Account) -> None:
    values = {"subject": "Demo", "occurred_at": AHEAD, "account": acme.pk}
    meeting = schedule_meeting(by=cast.alice, values=values)
    with clocks.at(NOW + timedelta(days=60)):
        assert edit_activity(by=cast.alice, pk=meeting.pk, changes={"subject": "Demo 2"}).version == 2
        with pytest.raises(audit.Blocked) as refusal:
            edit_activity(by=cast.alice, pk=meeting.pk, changes={"occurred_at": PAST})
        assert codes(refusal) == [("ACT-002", "outcome")]
        assert record_outcome(by=cast.alice, pk=meeting.pk, values={"outcome": "no_show"}).version == 3
        with pytest.raises(audit.Blocked) as refusal:
            edit_activity(by=cast.alice, pk=meeting.pk, changes={"subject": "Demo 3"})
        assert codes(refusal) == [("ACT-013", "")]


def test_edit_refuses_what_does_not_fit_and_what_cannot_be_empty(cast: Cast, acme: Account) -> None:
    note = log_activity(by=cast.alice, values={"kind": "note", "subject": "A", "account": acme.pk})
    changes = {"subject": "", "occurred_at": AHEAD, "outcome": "held"}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_activity(by=cast.alice, pk=note.pk, changes=changes)
    assert codes(refusal) == [("VAL-002", "subject"), ("ACT-003", "occurred_at")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_activity(by=cast.alice, pk=note.pk, changes={"outcome": "", "direction": ""})
    assert codes(refusal) == [("ACT-015", "direction"), ("ACT-015", "outcome")]
    with unchanged(), pytest.raises(access.Forbidden):
        edit_activity(by=cast.alice, pk=note.pk, changes={"kind": "call"})


def test_activity_of_somebody_else_is_read_and_not_changed(cast: Cast, acme: Account) -> None:
    note = log_activity(by=cast.alice, values={"kind": "note", "subject": "A", "account": acme.pk})
    with unchanged():
        for who, denied in (
            ("bob", access.Forbidden),
            ("mona", access.Forbidden),
            ("rita", access.Forbidden),
            ("charlie", Activity.DoesNotExist),
            ("sven", Activity.DoesNotExist),
        ):
            with pytest.raises(denied):
                edit_activity(by=cast.people[who], pk=note.pk, changes={"subject": "B"})
            with pytest.raises(denied):
                record_outcome(by=cast.people[who], pk=note.pk, values={"outcome": "done"})


def test_owner_keeps_seeing_their_activities_after_a_move(cast: Cast, acme: Account) -> None:
    values = {"kind": "note", "subject": "A", "account": acme.pk}
    first = log_activity(by=cast.alice, values=values)
    actions.move_to_team(by=cast.rita, user=cast.alice, team=cast.teams["West"])
    assert list(Activity.objects.visible_to(cast.alice)) == [first]
    assert list(Activity.objects.visible_to(cast.bob)) == [first]
    assert list(Activity.objects.visible_to(cast.charlie)) == []
    assert {part.count() for part in Activity.objects.visible_parts(cast.alice)} == {0, 1}


def test_stale_edit_is_a_conflict(cast: Cast, acme: Account) -> None:
    note = log_activity(by=cast.alice, values={"kind": "note", "subject": "A", "account": acme.pk})
    edit_activity(by=cast.alice, pk=note.pk, changes={"subject": "B"}, version=1)
    with unchanged():
        for write in (
            lambda: edit_activity(by=cast.alice, pk=note.pk, changes={"subject": "C"}, version=1),
            lambda: record_outcome(by=cast.alice, pk=note.pk, values={"outcome": "done"}, version=1),
            lambda: set_attendees(by=cast.alice, pk=note.pk, contacts=[], version=1),
        ):
            with pytest.raises(audit.Conflict):
                write()


def test_failed_trail_leaves_no_activity(cast: Cast, acme: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("no trail today")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    with unchanged(), pytest.raises(RuntimeError):
        log_activity(by=cast.alice, values={"kind": "note", "subject": "A", "account": acme.pk})


def test_activity_of_the_past_is_logged_as_of_then(cast: Cast, acme: Account) -> None:
    then = NOW - timedelta(days=100)
    values = {"kind": "note", "subject": "A", "account": acme.pk}
    note = log_activity(by=cast.alice, values=values, at=then)
    assert (note.occurred_at, note.created_at) == (then, then)
    ahead = {"subject": "Demo", "account": acme.pk, "occurred_at": when(then + HOUR)}
    meeting = schedule_meeting(by=cast.alice, values=ahead, at=then)
    done = {"outcome": "held", "contacts": []}
    assert record_outcome(by=cast.alice, pk=meeting.pk, values=done, at=then + 2 * HOUR).outcome == "held"


def test_logging_costs_the_same_for_one_attendee_and_for_three(
    cast: Cast, acme: Account, known: Any, settled_organisation: None
) -> None:
    people = [known(name).pk for name in ("Ann", "Ben", "Cid")]

    def cost(contacts: list[int]) -> int:
        values = {"kind": "note", "subject": "A", "account": acme.pk, "contacts": contacts}
        with CaptureQueriesContext(connection) as captured:
            log_activity(by=cast.alice, values=values)
        return len(captured)

    assert (cost(people[:1]), cost(people)) == (17, 17)


def test_who_declined_did_not_take_part(cast: Cast, acme: Account, known: Any) -> None:
    values = {"kind": "meeting", "subject": "Demo", "outcome": "held", "account": acme.pk}
    meeting = log_activity(by=cast.alice, values={**values, "contacts": [known("Ann").pk]})
    row = ActivityAttendee.objects.get()
    edit_attendee(by=cast.alice, pk=row.pk, changes={"response": "declined"}, version=1)
    meeting.refresh_from_db()
    assert (meeting.qualifies_buyer, meeting.version) == (False, 2)
    with unchanged():
        with pytest.raises(access.Forbidden):
            edit_attendee(by=cast.bob, pk=row.pk, changes={"response": "attended"})
        with pytest.raises(ActivityAttendee.DoesNotExist):
            edit_attendee(by=cast.charlie, pk=row.pk, changes={"response": "attended"})
        with pytest.raises(audit.Conflict):
            edit_attendee(by=cast.alice, pk=row.pk, changes={"response": "attended"}, version=1)
        with clocks.at(NOW + timedelta(days=3)), pytest.raises(audit.Blocked) as refusal:
            edit_attendee(by=cast.alice, pk=row.pk, changes={"response": "attended"})
        assert codes(refusal) == [("ACT-013", "")]
    edit_attendee(by=cast.alice, pk=row.pk, changes={"response": "attended"})
    meeting.refresh_from_db()
    assert meeting.qualifies_buyer
