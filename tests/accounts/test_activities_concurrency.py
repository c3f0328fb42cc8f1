"""Two people finish one meeting, or name one product, at the same moment. Controls show the fault without a guard.

SQLite lets one writer in at a time, so there is no lock to remove there and the controls run on PostgreSQL.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.actions import (
    create_account,
    create_contact,
    create_product,
    record_outcome,
    schedule_meeting,
    set_attendees,
)
from accounts.actions.activities import editing
from accounts.actions.catalogues import writing
from accounts.models import Activity, Product
from revops.kernel import clocks
from tests.cast import Cast
from tests.meeting import Meeting, kinds, remove_locks, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


def finish_while_attendees_leave(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], Activity]:
    """Record a meeting as held while somebody takes its only attendee off; return the results and the meeting."""
    now = clocks.now()
    account = create_account(by=cast.alice, values={"name": "Acme"})
    ann = create_contact(by=cast.alice, values={"last_name": "Ann", "account": account.pk})
    values = {"subject": "Demo", "account": account.pk, "contacts": [ann.pk]}
    start = (now - timedelta(hours=1)).isoformat()
    planned = schedule_meeting(
        by=cast.alice, values={**values, "occurred_at": start}, at=now - timedelta(hours=2)
    )
    monkeypatch.setattr(editing, "judged", Meeting().after(editing.judged))
    results = together(
        lambda: record_outcome(by=cast.alice, pk=planned.pk, values={"outcome": "held"}),
        lambda: set_attendees(by=cast.alice, pk=planned.pk, contacts=[]),
    )
    return results, Activity.objects.get(pk=planned.pk)


def test_meeting_without_attendees_does_not_qualify_whoever_was_faster(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, meeting = finish_while_attendees_leave(committed_cast, monkeypatch)
    assert kinds(results) == ["ok", "ok"]
    assert (meeting.outcome, meeting.qualifies_buyer) == ("held", False)
    assert meeting.attendees.filter(is_active=True).count() == 0


@pytest.mark.control
def test_meeting_without_the_lock_qualifies_with_nobody(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    _, meeting = finish_while_attendees_leave(committed_cast, monkeypatch)
    assert (meeting.outcome, meeting.qualifies_buyer) == ("held", True)
    assert meeting.attendees.filter(is_active=True).count() == 0


def two_products(cast: Cast, monkeypatch: pytest.MonkeyPatch, create: Any) -> list[Any]:
    monkeypatch.setattr(writing, "check", Meeting().after(writing.check))
    return together(
        *(lambda name=name: create(by=cast.rita, values={"name": name, "code": "ONE"}) for name in ("A", "B"))
    )


def test_one_code_given_twice_at_once_is_told_to_the_slower(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = two_products(committed_cast, monkeypatch, create_product)
    assert kinds(results) == ["Blocked", "ok"]
    assert Product.objects.count() == 1


@pytest.mark.control
def test_one_code_given_twice_without_a_second_look_is_a_database_error(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = create_product.__wrapped__  # type: ignore[attr-defined]
    assert kinds(two_products(committed_cast, monkeypatch, unguarded)) == ["IntegrityError", "ok"]
