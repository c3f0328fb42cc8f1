"""Followers hear once an hour what others changed, in fields they may read, while they see the record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.actions import assign_account, create_account, edit_account
from accounts.models import Account
from revops.kernel import audit, clocks, notifications
from revops.kernel.audit import Blocked
from revops.kernel.audit.sealing import seal
from revops.kernel.identity.models import User
from revops.kernel.notifications import choosing
from revops.kernel.notifications.models import Notification
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.records import following, work
from revops.kernel.records.following import telling
from revops.kernel.records.following import work as followed_work
from revops.kernel.records.models import Follow, FollowReading
from tests.cast import Cast
from tests.kernel.records.conftest import Make

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
ACCOUNT = "accounts.account"
WHY = "Because the test wants it so"


def after(minutes: float) -> clocks.at:
    return clocks.at(TEN + timedelta(minutes=minutes))


def edit(by: User, account: Account, **changes: object) -> None:
    edit_account(by=by, pk=account.pk, changes=changes)


def tell() -> str:
    while seal():
        pass
    return telling.tell_followers()


def heard(user: User) -> list[str]:
    return [row.title for row in notifications.unread(user)]


@pytest.fixture
def northwind(make: Make, cast: Cast) -> Account:
    """An account that Alice owns, made before anybody follows it."""
    with after(-60):
        return make("Northwind", owner=cast.alice.pk)


@pytest.fixture
def follow(northwind: Account) -> Callable[..., None]:
    def all_of(*people: User) -> None:
        with after(-30):
            for person in people:
                following.follow(by=person, label=ACCOUNT, pk=northwind.pk)

    return all_of


def test_followers_hear_what_others_changed_in_words(
    cast: Cast, northwind: Account, follow: Callable[..., None]
) -> None:
    follow(cast.alice, cast.bob)
    with after(1):
        edit(cast.alice, northwind, phone="+1 202 555 0100", website="https://x.example")
        assert tell().endswith(" changes read, 1 notifications written")
    assert (heard(cast.alice), heard(cast.bob)) == ([], ["Alice changed website and phone of Northwind"])
    row = notifications.unread(cast.bob)[0]
    assert (row.kind, row.url, row.subject_type, row.subject_id) == (
        "followed",
        f"/accounts/{northwind.pk}/",
        ACCOUNT,
        northwind.pk,
    )


def test_one_notification_a_record_and_hour_says_everything(
    cast: Cast, northwind: Account, follow: Callable[..., None]
) -> None:
    follow(cast.mona)
    for minute, by, changes in (
        (1, "alice", {"phone": "1"}),
        (2, "alice", {"phone": "2"}),
        (9, "rita", {"city": "Boston"}),
    ):
        with after(minute):
            edit(cast.people[by], northwind, **changes)
            tell()
    assert heard(cast.mona) == ["Alice and Rita changed phone and city of Northwind"]
    with after(20):
        notifications.mark_read(cast.mona)
        edit(cast.rita, northwind, website="https://northwind.example")
        tell()
    assert heard(cast.mona) == ["Rita changed website of Northwind"]
    assert Notification.objects.count() == 1
    with after(61):
        edit(cast.rita, northwind, city="Salem")
        tell()
    assert heard(cast.mona) == ["Rita changed city of Northwind", "Rita changed website of Northwind"]


def test_many_fields_are_counted(cast: Cast, northwind: Account, follow: Callable[..., None]) -> None:
    follow(cast.bob)
    with after(1):
        changes = {"phone": "1", "city": "X", "region": "Y", "country": "US", "website": "https://x.example"}
        edit(cast.rita, northwind, **changes)
        tell()
    assert heard(cast.bob) == ["Rita changed website, phone, country and 2 more of Northwind"]


def test_change_is_told_once_however_often_the_trail_is_read(
    cast: Cast, northwind: Account, follow: Callable[..., None]
) -> None:
    follow(cast.bob)
    with after(1):
        edit(cast.alice, northwind, phone="1")
        tell()
        notifications.mark_read(cast.bob)
        assert tell() == "0 changes read, 0 notifications written"
    assert heard(cast.bob) == []


def test_hidden_field_is_never_named(cast: Cast, northwind: Account, follow: Callable[..., None]) -> None:
    """Bob does not read the tax id; Fin does."""
    follow(cast.bob, cast.fin)
    with after(1):
        edit_account(by=cast.fin, pk=northwind.pk, changes={"tax_id": "SECRET-1"})
        tell()
    assert heard(cast.bob) == []
    with after(2):
        edit_account(by=cast.rita, pk=northwind.pk, changes={"phone": "1"})
        tell()
    assert heard(cast.bob) == ["Rita changed phone of Northwind"]
    assert "tax" not in str(list(Notification.objects.filter(recipient=cast.bob).values())).lower()
    assert heard(cast.fin) == ["Rita changed phone of Northwind"]


def test_who_lost_sight_hears_nothing_before_and_after(
    cast: Cast, northwind: Account, follow: Callable[..., None]
) -> None:
    """A18: the scope is asked when it is told, and again when it is read or sent."""
    follow(cast.bob, cast.mona)
    choosing.choose(by=cast.bob, kind="followed", in_bell=True, mail="once")
    with after(1):
        edit(cast.alice, northwind, phone="1")
        tell()
    assert len(heard(cast.bob)) == 1
    with after(2):
        edit(cast.alice, northwind, phone="2")
        assign_account(by=cast.rita, pk=northwind.pk, owner=cast.charlie, reason=WHY)
        told = Notification.objects.get(recipient=cast.bob).detail
        tell()
    assert heard(cast.bob) == []
    assert Notification.objects.get(recipient=cast.bob).detail == told
    assert following.followed(cast.bob) == []


def test_what_happened_before_one_followed_is_not_told(cast: Cast, northwind: Account) -> None:
    with after(1):
        edit(cast.alice, northwind, phone="1")
    with after(2):
        following.follow(by=cast.bob, label=ACCOUNT, pk=northwind.pk)
        tell()
    with after(3):
        following.unfollow(by=cast.bob, label=ACCOUNT, pk=northwind.pk)
        edit(cast.alice, northwind, phone="2")
        tell()
    assert heard(cast.bob) == []


def test_follow_needs_sight(cast: Cast, northwind: Account) -> None:
    for pk in (northwind.pk, 10**9, 2**63):
        with pytest.raises(Account.DoesNotExist):
            following.follow(by=cast.charlie, label=ACCOUNT, pk=pk)
    assert following.follow_many(by=cast.charlie, label=ACCOUNT, ids=[northwind.pk, 10**9]) == 0
    for label in ("accounts.activityattendee", "nothing.here"):
        with pytest.raises(LookupError):
            following.follow(by=cast.rita, label=label, pk=1)
    assert Follow.objects.count() == 0


def test_follow_is_counted_and_taken_back(cast: Cast, northwind: Account) -> None:
    for person in (cast.bob, cast.bob, cast.mona):
        following.follow(by=person, label=ACCOUNT, pk=northwind.pk)
    assert following.following(cast.bob, ACCOUNT, northwind.pk) == following.Followed(True, 2)
    assert following.following(cast.rita, ACCOUNT, northwind.pk) == following.Followed(False, 2)
    assert [(kind.label, pk, title) for kind, pk, title in following.followed(cast.bob)] == [
        (ACCOUNT, northwind.pk, "Northwind")
    ]
    following.unfollow(by=cast.bob, label=ACCOUNT, pk=northwind.pk)
    following.unfollow(by=cast.bob, label=ACCOUNT, pk=northwind.pk)
    assert following.following(cast.mona, ACCOUNT, northwind.pk) == following.Followed(True, 1)


def test_many_are_followed_in_a_constant_number_of_statements(cast: Cast, make: Make) -> None:
    ids = [make(f"Company {n}").pk for n in range(4)]
    counts = []
    for some in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as queries:
            assert following.follow_many(by=cast.rita, label=ACCOUNT, ids=some) == len(some)
        counts.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
    assert counts[0] == counts[1]
    assert list(following.ids_of(cast.rita, ACCOUNT).order_by("record_id")) == [
        {"record_id": pk} for pk in ids
    ]
    with pytest.raises(Blocked, match="At most 10,000 records"):
        following.follow_many(by=cast.rita, label=ACCOUNT, ids=range(1, 10_002))


def test_what_becomes_ones_own_is_followed_by_choice_from_then_on(cast: Cast, make: Make) -> None:
    with after(-1):
        make("Before", owner=cast.alice.pk)
    with after(0):
        following.use_owned(by=cast.alice, owned=True)
        tell()
    with after(1):
        mine = create_account(by=cast.alice, values={"name": "Mine"})
        create_account(by=cast.bob, values={"name": "Bob's"})
        given = make("Given", owner=cast.bob.pk)
    with after(2):
        assign_account(by=cast.rita, pk=given.pk, owner=cast.alice, reason=WHY)
        tell()
    assert set(Follow.objects.values_list("user", "record_id", "by_itself")) == {
        (cast.alice.pk, mine.pk, True),
        (cast.alice.pk, given.pk, True),
    }
    following.unfollow(by=cast.alice, label=ACCOUNT, pk=mine.pk)
    with after(3):
        edit(cast.rita, mine, phone="1")
        tell()
    assert not Follow.objects.filter(record_id=mine.pk).exists()
    following.use_owned(by=cast.alice, owned=False)
    with after(4):
        create_account(by=cast.alice, values={"name": "Later"})
        tell()
    assert (Follow.objects.count(), following.follows_owned(cast.alice)) == (1, False)


def test_writer_of_a_followed_record_pays_nothing(
    cast: Cast, northwind: Account, follow: Callable[..., None], settled_organisation: None
) -> None:
    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as queries, after(1):
            edit(cast.alice, northwind, phone=str(len(northwind.name) + Follow.objects.count()))
        return [one["sql"].split()[0] for one in queries]

    before = statements()
    follow(cast.bob, cast.mona, cast.rita)
    assert statements() == before


def test_reading_on_takes_the_same_statements_for_one_change_and_for_a_thousand(
    cast: Cast, northwind: Account, follow: Callable[..., None], settled_organisation: None
) -> None:
    follow(cast.bob)
    with after(0):
        tell()

    def statements(rows: int) -> int:
        made = [Account(name=f"Company {rows}-{n}") for n in range(rows)]
        with audit.change(by=cast.rita, action="account.import", source=audit.Source.IMPORT):
            for one in made:
                ownership.assign(one, to=ownership.holder(owner=cast.rita), reason=AssignReason.MANUAL)
            audit.write_many(made)
        with audit.change(by=cast.rita, action="account.import", source=audit.Source.IMPORT):
            held = audit.writing.lock_many(Account.objects.filter(pk__in=[one.pk for one in made]))
            for one in held:
                one.city = "Boston"
            audit.write_many(held)
        edit(cast.alice, northwind, phone=str(rows))
        seal()
        with CaptureQueriesContext(connection) as queries:
            telling.tell_followers()
        return len(queries)

    with after(5):
        few = statements(1)
    with after(65):
        assert statements(1_000) == few
    assert heard(cast.bob) == ["Alice changed phone of Northwind"] * 2


def test_change_waits_in_ones_work_until_it_is_read(
    cast: Cast, northwind: Account, follow: Callable[..., None]
) -> None:
    follow(cast.bob)
    with after(1):
        edit(cast.alice, northwind, phone="1")
        tell()
        (item,) = followed_work.items(cast.bob, clocks.now(), 10)
        assert (item.title, item.url) == ("Alice changed phone of Northwind", f"/accounts/{northwind.pk}/")
        work.do(by=cast.bob, source="followed", pk=item.pk, name="read", values={})
        assert followed_work.items(cast.bob, clocks.now(), 10) == []


def test_run_that_was_overtaken_keeps_nothing(
    cast: Cast, northwind: Account, follow: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run moves on while this one tells: this one is rolled back, and nobody is told twice."""
    follow(cast.bob)
    with after(0):
        tell()
    told = telling._tell

    def overtaken(rows: Any) -> int:
        written = told(rows)
        FollowReading.objects.update(seal=F("seal") + 1_000)
        return written

    with after(1):
        edit(cast.alice, northwind, phone="1")
        with monkeypatch.context() as patch:
            patch.setattr(telling, "_tell", overtaken)
            with pytest.raises(RuntimeError, match="Another run has told the followers"):
                tell()
        assert Notification.objects.count() == 0
        tell()
    assert heard(cast.bob) == ["Alice changed phone of Northwind"]
