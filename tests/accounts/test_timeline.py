"""What happened around an account, a contact and a lead: from every source, in order, within the reader's scope."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import (
    assign_account,
    create_contact,
    create_lead,
    edit_account,
    log_activity,
    set_attendees,
)
from accounts.models import Account, Activity
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.records import timeline
from tests.accounts.conftest import WHY, Make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
Note = Callable[..., Activity]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


@pytest.fixture
def acme(make: Make) -> Account:
    with clocks.at(NOW - timedelta(days=50)):
        return make("Acme", owner="alice")


@pytest.fixture
def note(cast: Cast, acme: Account) -> Note:
    """Log a note so many days ago, by Alice unless somebody else is named, at Acme."""

    def one(subject: str, ago: int, by: str = "alice", **values: Any) -> Activity:
        said = {"kind": "note", "subject": subject, "account": acme.pk, **values}
        moment = NOW - timedelta(days=ago)
        return log_activity(by=cast.people[by], values=said, at=moment)

    return one


def told(record: Any, user: Any, **asked: Any) -> list[str]:
    return [entry.title.label for entry in timeline.page(record, user, **asked).entries]


def test_account_tells_activities_owners_and_states_newest_first(
    cast: Cast, acme: Account, note: Note
) -> None:
    note("First note", 40)
    with clocks.at(NOW - timedelta(days=30)):
        edit_account(by=cast.rita, pk=acme.pk, changes={"status": "partner"}, reason="Signed with us")
    with clocks.at(NOW - timedelta(days=20)):
        assign_account(by=cast.rita, pk=acme.pk, owner=cast.bob, reason=WHY)
    note("Last note", 10)
    assert told(acme, cast.bob) == [
        "Last note",
        "Owner: Bob",
        "Status: Prospect → Partner",
        "First note",
        "Account created",
        "Owner: Alice",
    ]
    entries = timeline.page(acme, cast.bob).entries
    assert [(entry.who, entry.text) for entry in entries[1:3]] == [("Bob", WHY), ("Rita", "Signed with us")]
    assert [mark.label for mark in entries[2].marks] == ["Partner"]


def test_timeline_of_a_contact_and_a_lead_tells_what_they_took_part_in(
    cast: Cast, acme: Account, note: Note
) -> None:
    ann, ben = (
        create_contact(by=cast.alice, values={"last_name": name, "account": acme.pk})
        for name in ("Ann", "Ben")
    )
    lead = create_lead(
        by=cast.alice,
        values={"last_name": "Lee", "company": "L", "email": "lee@lee-ltd.com", "source_original": "web"},
    )
    both = note("Both", 3, contacts=[ann.pk, ben.pk])
    note("Ann alone", 2, contacts=[ann.pk])
    note("With Lee", 1, account="", lead=lead.pk)
    kinds = {"kinds": ["note"]}
    assert told(ann, cast.alice, **kinds) == ["Ann alone", "Both"]
    assert told(ben, cast.alice, **kinds) == ["Both"]
    assert told(lead, cast.alice, **kinds) == ["With Lee"]
    assert [link.label for link in timeline.page(ben, cast.alice, **kinds).entries[0].with_whom] == [
        "Ann",
        "Ben",
    ]
    with clocks.at(NOW - timedelta(days=3)):
        set_attendees(by=cast.alice, pk=both.pk, contacts=[ann.pk])
    assert told(ben, cast.alice, **kinds) == []
    assert told(lead, cast.alice) == ["Lead created", "Owner: Alice", "With Lee"]


def test_reader_sees_only_what_lies_in_their_scope(cast: Cast, acme: Account, note: Note) -> None:
    note("By Alice", 3)
    with clocks.at(NOW - timedelta(days=2)):
        assign_account(by=cast.rita, pk=acme.pk, owner=cast.charlie, reason=WHY)
    note("By Charlie", 1, by="charlie")
    kinds = {"kinds": ["note"]}
    assert told(acme, cast.charlie, **kinds) == ["By Charlie"]
    assert told(acme, cast.alice, **kinds) == ["By Alice"]
    assert told(acme, cast.mona, **kinds) == ["By Alice"]
    assert told(acme, cast.rita, **kinds) == ["By Charlie", "By Alice"]
    assert told(acme, cast.priya, **kinds) == []


def test_contact_out_of_sight_is_counted_and_not_named(cast: Cast, acme: Account, note: Note) -> None:
    ann = create_contact(by=cast.alice, values={"last_name": "Secret", "account": acme.pk})
    note("Talked", 1, contacts=[ann.pk])
    entry = timeline.page(acme, cast.eddie, kinds=["note"]).entries[0]
    assert [(link.label, link.url) for link in entry.with_whom] == [("1 not visible to you", "")]


def test_timeline_is_filtered_by_kind_and_person(cast: Cast, acme: Account, note: Note) -> None:
    note("Note by Alice", 4)
    note("Note by Bob", 3, by="bob")
    note("Mail by Bob", 2, by="bob", kind="email")
    assert told(acme, cast.alice, kinds=["email"]) == ["Mail by Bob"]
    assert told(acme, cast.alice, kinds=["note", "email"], person=cast.bob.pk) == [
        "Mail by Bob",
        "Note by Bob",
    ]
    assert told(acme, cast.alice, kinds=["ownership"]) == ["Owner: Alice"]
    assert told(acme, cast.alice, person=cast.rita.pk) == ["Account created"]
    assert told(acme, cast.alice, person=cast.fin.pk) == []


def test_pages_lose_nothing_and_repeat_nothing(cast: Cast, acme: Account, note: Note) -> None:
    for number in range(7):
        note(f"Note {number}", 50)  # all at the instant at which the account was created and got its owner
    whole = told(acme, cast.alice, limit=50)
    assert len(whole) == 9
    for limit in (1, 2, 3, 5, 8):
        found, after = [], ""
        while True:
            page = timeline.page(acme, cast.alice, limit=limit, after=after)
            assert len(page.entries) == limit or not page.next
            found += [entry.title.label for entry in page.entries]
            after = page.next
            if not after:
                break
        assert found == whole, limit


@pytest.mark.parametrize(
    "asked", [{"kinds": ["tweet"]}, {"after": "x"}, {"after": "W10"}, {"after": "A" * 500}]
)
def test_what_does_not_fit_is_refused(cast: Cast, acme: Account, asked: dict[str, Any]) -> None:
    with pytest.raises(Blocked) as refusal:
        timeline.page(acme, cast.alice, **asked)
    assert [finding.code for finding in refusal.value.findings] == ["LST-001"]


def test_meeting_that_lies_ahead_comes_first_and_long_words_are_cut(
    cast: Cast, acme: Account, note: Note
) -> None:
    note("Long", 0, body="x" * 1_000)
    ahead = {"kind": "meeting", "subject": "Demo", "account": acme.pk}
    log_activity(by=cast.alice, values={**ahead, "occurred_at": (NOW + timedelta(days=2)).isoformat()})
    demo, long = timeline.page(acme, cast.alice).entries[:2]
    assert (demo.title.label, demo.marks[0].label, demo.is_buyer) == ("Demo", "Planned", False)
    assert (len(long.text), long.text[-1]) == (401, "…")


def test_timeline_costs_the_same_for_one_activity_and_for_three(
    cast: Cast, acme: Account, note: Note, settled_organisation: None
) -> None:
    ann = create_contact(by=cast.alice, values={"last_name": "Ann", "account": acme.pk})

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            timeline.page(acme, cast.alice, kinds=["note", "ownership", "record"])
        return len(captured)

    note("One", 3, contacts=[ann.pk])
    one = cost()
    note("Two", 2, contacts=[ann.pk])
    note("Three", 1, contacts=[ann.pk])
    assert (one, cost()) == (7, 7)


def test_source_belongs_to_one_who_feeds_it() -> None:
    mine = timeline.Source("activity", frozenset(), {}, lambda record, user, asked: ())
    with pytest.raises(ValueError, match="activity"):
        timeline.source(mine)
