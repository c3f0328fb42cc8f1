"""The bell: told once, to people who are still here, about what they may still see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import clocks, notifications
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.notifications.receivers import notify_owner_on
from revops.kernel.outbox import delivery, receiving
from tests.kernel.outbox import scene

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def tell(*people: User | int, cause: str = "cause", **more: Any) -> None:
    arguments = {"kind": "account.assigned", "title": "Acme is yours now", "dedupe_key": cause, **more}
    notifications.notify(people, **arguments)


def titles(user: User, limit: int = 20) -> list[str]:
    return [notification.title for notification in notifications.unread(user, limit)]


def test_notify_writes_one_row_a_person() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    with clocks.at(NOON):
        tell(ann, ben.pk, ann.pk, text="By Mona.", url="/accounts/7/", subject=("accounts.account", 7))
    assert list(
        Notification.objects.order_by("pk").values_list(
            "recipient",
            "kind",
            "title",
            "text",
            "url",
            "subject_type",
            "subject_id",
            "dedupe_key",
            "created_at",
        )
    ) == [
        (
            pk,
            "account.assigned",
            "Acme is yours now",
            "By Mona.",
            "/accounts/7/",
            "accounts.account",
            7,
            "cause",
            NOON,
        )
        for pk in (ann.pk, ben.pk)
    ]


def test_notify_tells_a_cause_once_even_after_it_was_read() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    tell(ann, title="First")
    notifications.mark_read(ann)
    tell(ann, ben, title="Second")
    tell(ann, cause="another", title="Third")
    assert (titles(ann), titles(ben)) == (["Third"], ["Second"])
    assert Notification.objects.count() == 3


def test_notify_skips_inactive_people_and_services() -> None:
    gone, robot = scene.person("Gone", is_active=False), scene.person("Robot", kind="service")
    tell(gone, robot, 987_654)
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("people", [1, 3])
def test_notify_takes_three_statements(people: int) -> None:
    cast = [scene.person(name) for name in "ABC"[:people]]
    with CaptureQueriesContext(connection) as queries:
        tell(*cast)
    assert [q["sql"].split()[0] for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]] == [
        "SELECT",
        "SELECT",
        "INSERT",
    ]


@pytest.mark.parametrize(
    "url", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)", "accounts/7/"]
)
def test_notify_refuses_an_address_that_leaves_the_site(url: str) -> None:
    with pytest.raises(ValueError, match="is not a path on this site"):
        tell(scene.person("Ann"), url=url)
    assert Notification.objects.count() == 0


def test_notify_refuses_an_empty_cause_and_cuts_a_long_title() -> None:
    ann = scene.person("Ann")
    with pytest.raises(ValueError, match="needs a dedupe_key"):
        tell(ann, cause="")
    tell(ann, title="x" * 201)
    assert titles(ann) == ["x" * 199 + "…"]


def test_unread_is_newest_first_and_limited() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    for minute in range(4):
        with clocks.at(NOON + timedelta(minutes=minute)):
            tell(ann, cause=str(minute), title=str(minute))
    tell(ben, title="Ben's own")
    assert titles(ann, 3) == ["3", "2", "1"]
    assert (notifications.count_unread(ann), notifications.count_unread(ben)) == (4, 1)


def test_mark_read_touches_only_ones_own() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    for cause in "AB":
        tell(ann, ben, cause=cause, title=cause)
    ids = {row.title: row.pk for row in notifications.unread(ann)}
    bens = [row.pk for row in notifications.unread(ben)]
    with clocks.at(NOON):
        assert notifications.mark_read(ann, [ids["A"], *bens]) == 1
        assert notifications.mark_read(ann, [ids["A"]]) == 0
    assert (titles(ann), titles(ben)) == (["B"], ["B", "A"])
    assert Notification.objects.get(pk=ids["A"]).read_at == NOON
    assert (notifications.mark_read(ann), titles(ann)) == (1, [])


class Scoped:
    """A manager as governed records have it: everybody sees only the person they are."""

    def __init__(self) -> None:
        self.asked = 0

    def all(self) -> "Scoped":
        return self

    def visible_to(self, user: User) -> Any:
        self.asked += 1
        return User._base_manager.filter(pk=user.pk)


@pytest.fixture
def scoped(monkeypatch: pytest.MonkeyPatch) -> Scoped:
    manager = Scoped()
    monkeypatch.setattr("revops.kernel.notifications.queries._records", lambda label: manager)
    return manager


def test_unread_leaves_out_what_one_can_no_longer_see(scoped: Scoped) -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    for n, subject in enumerate((ann, ben, None, ann)):
        tell(ann, cause=str(n), title=str(n), subject=subject)
    assert (titles(ann), notifications.count_unread(ann), scoped.asked) == (["3", "2", "0"], 3, 2)


def test_unread_leaves_out_types_that_are_gone() -> None:
    ann = scene.person("Ann")
    tell(ann, cause="1", title="gone", subject=("attic.relic", 1))
    tell(ann, cause="2", title="here")
    assert titles(ann) == ["here"]


def assigned(owner: int | None, by: int) -> dict[str, Any]:
    return {"owner": owner, "by": by, "label": "Acme", "url": "/accounts/7/"}


@pytest.mark.usefixtures("receivers")
def test_notify_owner_on_tells_the_new_owner() -> None:
    notify_owner_on("user.renamed")
    notify_owner_on("user.renamed")
    assert [known.key for known in receiving.of("user.renamed")] == ["notifications.owner:user.renamed"]
    ann, mona = scene.person("Ann"), scene.person("Mona")
    (event,) = scene.rename(ann.pk, "A", payload=assigned(ann.pk, mona.pk))
    scene.rename(ann.pk, "B", payload=assigned(ann.pk, ann.pk))
    scene.rename(ann.pk, "C", payload=assigned(None, mona.pk))
    assert delivery.deliver_subject("identity.user", ann.pk) == 3
    row = Notification.objects.get()
    assert (row.recipient_id, row.kind, row.title, row.text, row.url, row.dedupe_key) == (
        ann.pk,
        "user.renamed",
        "Acme is yours now",
        "Assigned by Mona.",
        "/accounts/7/",
        f"event:{event.pk}",
    )
    assert (row.subject_type, row.subject_id) == ("identity.user", ann.pk)


@pytest.mark.usefixtures("receivers")
def test_notify_owner_on_needs_no_page() -> None:
    notify_owner_on("user.renamed")
    ann, mona = scene.person("Ann"), scene.person("Mona")
    scene.rename(ann.pk, "A", payload={"owner": ann.pk, "by": mona.pk, "label": "Acme"})
    delivery.deliver_subject("identity.user", ann.pk)
    assert list(Notification.objects.values_list("title", "url")) == [("Acme is yours now", "")]
