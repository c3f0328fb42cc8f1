"""Activities from the files of other systems: tasks and events of Salesforce, calls and meetings of HubSpot."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_contact, create_lead
from accounts.actions.activities import importing as activities
from accounts.models import Account, Activity, Contact
from revops.kernel import audit, clocks
from revops.kernel.exchange import external_ids, importing
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.reports import Report
from revops.kernel.identity.models import User
from tests.accounts.conftest import Make
from tests.cast import Cast
from tests.kernel.exchange.files import counts, told

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TASKS = (
    "id,who_id,what_id,account_id,owner_id,subject,description,task_subtype,type,status,call_type,"
    "call_disposition,call_duration_in_seconds,activity_date,completed_date_time,created_date,is_deleted\n"
)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


@pytest.fixture
def acme(make: Make, cast: Cast) -> Account:
    account = make("Acme", owner="alice")
    known(cast, account, "001A")
    return account


@pytest.fixture
def ann(cast: Cast, acme: Account) -> Contact:
    contact = create_contact(by=cast.alice, values={"last_name": "Ann", "account": acme.pk})
    known(cast, contact, "003A")
    known(cast, cast.bob, "005B")
    return contact


def known(cast: Cast, record: Any, external_id: str, system: str = "salesforce") -> None:
    with audit.change(by=cast.rita, action="test.link"):
        external_ids.link(record, system, external_id)


def bring(
    cast: Cast, folder: Path, text: str, mapping: str = "salesforce", by: User | None = None, **how: Any
) -> Report:
    path = folder / "file.csv"
    path.write_text(text)
    return importing.run(by=by or cast.rita, record_type="activity", path=path, mapping=mapping, **how)


def made() -> list[tuple[Any, ...]]:
    names = ("subject", "kind", "direction", "outcome", "duration_s", "qualifies_buyer")
    return list(Activity.objects.order_by("pk").values_list(*names))


def test_tasks_of_salesforce_become_calls_mails_and_notes(
    cast: Cast, acme: Account, ann: Contact, tmp_path: Path
) -> None:
    report = bring(
        cast,
        tmp_path,
        TASKS
        + "T1,003A,,001A,005B,Call,Talked,Call,,Completed,Inbound,Connected,121,2026-05-01,"
        + "2026-05-02T08:30:00.000Z,2026-05-01 07:00:00,FALSE\n"
        + "T2,003A,,,bob@example.com,Re: offer,,Email,,Completed,,,,2026-05-03,,2026-05-03 07:00:00,FALSE\n"
        + "T3,,,001A,nobody,Prepare,,Task,X,Completed,,,,2026-05-04,,2026-05-04 07:00:00,FALSE\n"
        + "T4,,,001A,,Gone,,Task,,Completed,,,,2026-05-04,,2026-05-04 07:00:00,TRUE\n",
    )
    assert counts(report) == (3, 0, 0, 0, 1)
    assert made() == [
        ("Call", "call", "inbound", "connected", 121, True),
        ("Re: offer", "email", "outbound", "done", None, False),
        ("Prepare", "note", "none", "done", None, False),
    ]
    call, mail, note = Activity.objects.order_by("pk")
    assert (call.occurred_at, call.created_at) == (
        datetime(2026, 5, 2, 8, 30, tzinfo=UTC),
        datetime(2026, 5, 1, 7, tzinfo=UTC),
    )
    assert (call.owner, call.team, call.account_id) == (cast.bob, cast.teams["East"], acme.pk)
    assert (mail.owner, mail.account_id, mail.occurred_at.hour) == (cast.bob, acme.pk, 12)
    assert note.owner == cast.rita
    assert [one.contact_id for one in call.attendees.all()] == [ann.pk]
    assert told(report) == [("IMP-140", 4, "owner_id")]


def test_events_are_meetings_and_an_unknown_outcome_counts_for_nothing(
    cast: Cast, acme: Account, ann: Contact, tmp_path: Path
) -> None:
    report = bring(
        cast,
        tmp_path,
        "Id,WhoId,AccountId,Subject,EventSubtype,Type,StartDateTime,EndDateTime,CreatedDate\n"
        "E1,003A,001A,Demo,Event,Call,2026-05-01T08:00:00Z,2026-05-01T08:45:00Z,2026-04-01T08:00:00Z\n"
        "E2,003A,001A,,Event,Meeting,2026-07-01T08:00:00Z,2026-07-01T09:00:00Z,2026-04-01T08:00:00Z\n",
    )
    assert counts(report) == (2, 0, 0, 0, 0)
    assert made() == [
        ("Demo", "meeting", "none", "", 2700, False),
        ("Meeting", "meeting", "none", "planned", 3600, False),
    ]
    assert told(report) == [("ACT-002", 2, ""), ("ACT-001", 3, "Subject")]


def test_ordinary_import_refuses_a_past_meeting_without_an_outcome(
    cast: Cast, acme: Account, tmp_path: Path
) -> None:
    report = bring(
        cast,
        tmp_path,
        "external_id,kind,subject,occurred_at,outcome,account\n"
        f"1,meeting,Demo,2026-05-01T08:00:00Z,,ACC-{acme.pk:06d}\n"
        f"2,meeting,Demo,2026-05-01T08:00:00Z,held,ACC-{acme.pk:06d}\n"
        f"3,note,Later,2026-07-01T08:00:00Z,,ACC-{acme.pk:06d}\n"
        "4,note,Nobody,2026-05-01T08:00:00Z,,\n",
        mapping="columns",
    )
    assert counts(report) == (1, 0, 0, 3, 0)
    assert told(report) == [
        ("ACT-002", 2, "outcome"),
        ("ACT-003", 4, "occurred_at"),
        ("ACT-007", 5, "account"),
    ]


def test_meetings_and_calls_of_hubspot(cast: Cast, acme: Account, ann: Contact, tmp_path: Path) -> None:
    known(cast, acme, "77", "hubspot")
    known(cast, ann, "501", "hubspot")
    report = bring(
        cast,
        tmp_path,
        "engagement_id,start_time,end_time,meeting_outcome,title,body,company_id,contact_ids\n"
        "1,2026-05-01 08:00:00,2026-05-01 09:00:00,COMPLETED,Intro,Words,77,501\n"
        "2,2026-05-02 08:00:00,2026-05-02 09:00:00,NO_SHOW,Second,,77,501\n",
        mapping="hubspot",
    )
    assert counts(report) == (2, 0, 0, 0, 0)
    report = bring(
        cast,
        tmp_path,
        "Record ID,Call Title,Activity type,Activity date,Call duration,Call direction,Call outcome,"
        "Associated Company IDs,Associated Contact IDs\n"
        "3,Ring,Call,2026-05-03 08:00,130000,Inbound,f240bbac-87c9-4f6e-bf70-924b57d47db7,77,501\n"
        "4,Ring 2,Call,2026-05-04 08:00,,OUTBOUND,Left voicemail,77,\n",
        mapping="hubspot",
    )
    assert counts(report) == (2, 0, 0, 0, 0)
    assert made() == [
        ("Intro", "meeting", "none", "held", 3600, True),
        ("Second", "meeting", "none", "no_show", 3600, False),
        ("Ring", "call", "inbound", "connected", 130, True),
        ("Ring 2", "call", "outbound", "left_message", None, False),
    ]


def test_row_with_a_strange_person_an_open_task_or_no_time_is_refused(
    cast: Cast, acme: Account, tmp_path: Path
) -> None:
    report = bring(
        cast,
        tmp_path,
        TASKS
        + "T1,003X,,001A,,Call,,Call,,Completed,,Connected,9,2026-05-01,,,FALSE\n"
        + "T2,,,001A,,To do,,Task,,Not Started,,,,2026-05-01,,,FALSE\n"
        + "T3,,,001A,,When?,,Task,,Completed,,,,,,,FALSE\n"
        + "T4,,,001X,,Whose?,,Task,,Completed,,,,2026-05-01,,,FALSE\n",
    )
    assert counts(report) == (0, 0, 0, 4, 0)
    assert [(code, line) for code, line, _ in told(report)] == [
        ("ACT-008", 2),
        ("ACT-020", 3),
        ("ACT-001", 4),
        ("IMP-109", 5),
    ]


def test_second_import_changes_what_changed_and_nothing_else(
    cast: Cast, acme: Account, ann: Contact, tmp_path: Path
) -> None:
    ben = create_contact(by=cast.alice, values={"last_name": "Ben", "account": acme.pk})
    known(cast, ben, "003B")
    head = (
        "Id,WhoId,AccountId,Subject,TaskSubtype,Status,CallDisposition,CallDurationInSeconds,ActivityDate\n"
    )
    same = "T2,003A,001A,Same,Call,Completed,Connected,200,2026-05-01\n"
    bring(cast, tmp_path, head + "T1,003A,001A,First,Call,Completed,Connected,100,2026-05-01\n" + same)
    report = bring(
        cast, tmp_path, head + "T1,003B,001A,Changed,Call,Completed,Connected,140,2026-05-01\n" + same
    )
    assert counts(report) == (0, 1, 1, 0, 0)
    changed, kept = Activity.objects.order_by("pk")
    assert (changed.subject, changed.duration_s, changed.qualifies_buyer) == ("Changed", 140, True)
    assert (changed.version, kept.version) == (2, 1)
    assert [one.contact_id for one in changed.attendees.filter(is_active=True)] == [ben.pk]


def test_lead_is_found_by_who_and_upper_apps_link_what_it_was_about(
    cast: Cast, acme: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = create_lead(
        by=cast.alice,
        values={"last_name": "Lee", "company": "L", "email": "lee@lee-ltd.com", "source_original": "web"},
    )
    known(cast, lead, "00QL")
    monkeypatch.setattr(activities, "_about", {})
    heard: list[Any] = []
    activities.about("deals", lambda system, told: heard.append((system, list(told))))
    report = bring(cast, tmp_path, TASKS + "T1,00QL,006D,,,Note,,Task,,Completed,,,,2026-05-01,,,FALSE\n")
    assert counts(report) == (1, 0, 0, 0, 0)
    note = Activity.objects.get()
    assert (note.lead, note.account) == (lead, None)
    assert heard == [("salesforce", [(note, "006D")])]
    with pytest.raises(ValueError, match="deals"):
        activities.about("deals", lambda system, told: None)


def test_only_operations_import_activities(cast: Cast, acme: Account, tmp_path: Path) -> None:
    for who in ("alice", "mona", "mark", "ada"):
        with pytest.raises(FileRefused):
            bring(cast, tmp_path, TASKS, by=cast.people[who])


def test_import_costs_the_same_for_one_row_and_for_three(
    cast: Cast, acme: Account, ann: Contact, tmp_path: Path, settled_organisation: None
) -> None:
    def cost(*ids: str) -> int:
        rows = [f"{one},003A,,001A,005B,{one},,Task,,Completed,,,,2026-05-01,,,FALSE\n" for one in ids]
        with CaptureQueriesContext(connection) as captured:
            assert counts(bring(cast, tmp_path, TASKS + "".join(rows)))[0] == len(ids)
        return len(captured)

    assert cost("A") == cost("B", "C", "D")
