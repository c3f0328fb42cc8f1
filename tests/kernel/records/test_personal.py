"""Favourites, visits and choices: one's own, in their order, and shown only while one sees the record."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from accounts.actions import assign_account
from revops.kernel import audit, clocks
from revops.kernel.records import personal, telling
from revops.kernel.records.models import Choice, Favourite, Visit
from revops.kernel.records.personal import starring, visits
from tests.cast import Cast
from tests.kernel.records.conftest import Make

ACCOUNT = "accounts.account"


def star(cast: Cast, *records: Any, key: str = "alice") -> None:
    for record in records:
        personal.add(by=cast.people[key], record_type=ACCOUNT, pk=record.pk)


def titles(cast: Cast, key: str = "alice") -> list[str]:
    return [line.title for line in personal.favourites(cast.people[key])]


def visit(cast: Cast, record: Any, key: str = "alice") -> None:
    personal.note_visit(by=cast.people[key], record_type=ACCOUNT, pk=record.pk)


def test_favourites_keep_their_order_and_come_once(cast: Cast, make: Make) -> None:
    one, two, three = (make(name, by="alice") for name in ("One", "Two", "Three"))
    star(cast, one, two, three, one)
    assert [titles(cast), titles(cast, "bob")] == [["One", "Two", "Three"], []]
    personal.move(by=cast.alice, record_type=ACCOUNT, pk=three.pk, to=0)
    assert titles(cast) == ["Three", "One", "Two"]
    personal.move(by=cast.alice, record_type=ACCOUNT, pk=three.pk, to=99)
    personal.move(by=cast.bob, record_type=ACCOUNT, pk=one.pk, to=0)
    assert titles(cast) == ["One", "Two", "Three"]
    personal.remove(by=cast.alice, record_type=ACCOUNT, pk=one.pk)
    personal.remove(by=cast.bob, record_type=ACCOUNT, pk=two.pk)
    assert titles(cast) == ["Two", "Three"]


def test_favourite_out_of_sight_is_neither_given_nor_shown(cast: Cast, make: Make) -> None:
    account = make("Moving", by="alice")
    far = make("Far", by="charlie")
    star(cast, account)
    visit(cast, account)
    for give in (personal.add, personal.note_visit):
        for pk in (far.pk, 10**9):
            with pytest.raises(ObjectDoesNotExist):
                give(by=cast.alice, record_type=ACCOUNT, pk=pk)
        with pytest.raises(LookupError):
            give(by=cast.alice, record_type="identity.user", pk=1)
    assert (Favourite.objects.count(), Visit.objects.count()) == (1, 1)
    assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason="Charlie knows them better")
    assert (titles(cast), personal.recent(cast.alice)) == ([], [])
    assign_account(by=cast.rita, pk=account.pk, owner=cast.alice, reason="Alice knows them better")
    assert (titles(cast), [line.title for line in personal.recent(cast.alice)]) == (["Moving"], ["Moving"])


def test_favourites_are_limited_in_words(cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starring, "MOST", 1)
    one, two = make("One", by="alice"), make("Two", by="alice")
    star(cast, one, one)
    with pytest.raises(audit.Blocked) as refusal:
        star(cast, two)
    assert [(finding.code, finding.field) for finding in refusal.value.findings] == [
        ("REC-021", "favourites")
    ]


def test_recent_begins_with_the_last_and_forgets_the_oldest(
    cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "KEPT", 2)
    made = [make(name, by="alice") for name in ("One", "Two", "Three")]
    start = clocks.now()
    for minute, account in enumerate([*made, made[1]]):
        with clocks.at(start + timedelta(minutes=minute)):
            visit(cast, account)
    assert [line.title for line in personal.recent(cast.alice)] == ["Two", "Three"]
    assert Visit.objects.count() == 2
    assert [line.title for line in personal.recent(cast.alice, limit=1)] == ["Two"]
    assert personal.recent(cast.bob) == []


def test_choices_are_counted_for_each_person(cast: Cast) -> None:
    for key in ("Go to:Deals", "Create:New deal", "Go to:Deals"):
        personal.note_choice(by=cast.alice, key=key)
    personal.note_choice(by=cast.bob, key="x" * 500)
    assert personal.frequent(cast.alice) == {"Go to:Deals": 2, "Create:New deal": 1}
    assert Choice.objects.get(user=cast.bob).key == "x" * 120


@pytest.mark.parametrize("number", [1, 3])
def test_lines_take_a_constant_number_of_queries(
    cast: Cast, make: Make, settled_organisation: None, django_assert_num_queries: Any, number: int
) -> None:
    made = [make(f"Acme {place}", by="alice", domain=f"acme{place}.com") for place in range(number)]
    far = make("Far", by="charlie")
    wanted = [(ACCOUNT, one.pk) for one in [*made, far]]
    with django_assert_num_queries(2):
        told = telling.lines(cast.alice, wanted)
    assert [(told[place].title, told[place].note) for place in wanted[:-1]] == [
        (f"Acme {place}", f"Prospect · acme{place}.com · Alice") for place in range(number)
    ]
    assert len(told) == number


def test_lines_tell_readable_fields_alone(cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make("Acme", by="alice")
    readable = {"name", "status"}
    monkeypatch.setattr(telling.access, "readable", lambda user, label: readable)
    assert telling.lines(cast.alice, [(ACCOUNT, account.pk)])[ACCOUNT, account.pk].note == "Prospect"
    readable.remove("name")
    assert telling.lines(cast.alice, [(ACCOUNT, account.pk)]) == {}
