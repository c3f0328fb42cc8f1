"""Clocks as people see them: their list and board, their page, the panel of a record, My work, what is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import audit, clocks, sla
from revops.kernel.gates.debts import GRACE
from revops.kernel.notifications import kinds
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.records import work
from revops.kernel.records.work.clocks import feeding, notices, reading
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 9, 13, tzinfo=UTC)  # 09:00 in New York; five business days end on 16 March at nine
WARNED = datetime(2026, 3, 12, 20, tzinfo=UTC)
OVER = datetime(2026, 3, 17, 15, tzinfo=UTC)


@pytest.fixture
def clock(cast: Cast, account: Account) -> SlaClock:
    with clocks.at(MONDAY), audit.change(by=cast.alice, action="test.start"):
        found: SlaClock = sla.start(GRACE, account)
    return found


def told() -> list[str]:
    """Deliver what was told of clocks, and return who heard of it."""
    for event in OutboxEvent.objects.filter(type="sla.escalated").order_by("id"):
        notices.tell_escalation(event)
        notices.tell_escalation(event)
    return list(Notification.objects.order_by("pk").values_list("recipient__name", flat=True))


@pytest.mark.parametrize(
    "path", ["/clocks/", "/clocks/?layout=board", "/clocks/?state=running", "/clocks/{pk}/"]
)
def test_clock_is_on_its_pages(cast: Cast, clock: SlaClock, path: str) -> None:
    page = Browser(cast.alice).get(path.format(pk=clock.pk))
    assert (page.status_code, clock.title in page.content.decode()) == (200, True)


def test_clock_of_somebody_else_is_on_no_page(cast: Cast, clock: SlaClock) -> None:
    charlie = Browser(cast.charlie)
    assert charlie.get(f"/clocks/{clock.pk}/").status_code == 404
    assert clock.title not in charlie.get("/clocks/").content.decode()


def test_panel_of_a_record_says_how_much_is_left(cast: Cast, account: Account, clock: SlaClock) -> None:
    with clocks.at(WARNED):
        page = Browser(cast.alice).get(f"/accounts/{account.pk}/").content.decode()
    assert ("77 % used: 9 h left of 40 h" in page, "When it ran" in page) == (True, True)


def test_record_without_clocks_asks_once(
    cast: Cast, account: Account, settled_organisation: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert reading.of_record(account, cast.alice) == []


@pytest.mark.parametrize(
    ("seconds", "days", "said"),
    [
        (59, False, "59 s"),
        (2_700, False, "45 min"),
        (9_000, False, "2 h 30 min"),
        (144_000, False, "40 h"),
        (187_200, True, "2 d 4 h"),
        (86_400, True, "24 h"),
    ],
)
def test_lengths_are_told_as_people_say_them(seconds: int, days: bool, said: str) -> None:
    assert reading.length(seconds, days=days) == said


def test_clock_that_warned_or_breached_waits_in_my_work(cast: Cast, clock: SlaClock) -> None:
    assert feeding.items(cast.alice, MONDAY, 5) == []
    sla.poll(WARNED)
    with clocks.at(WARNED):
        (item,) = feeding.items(cast.alice, WARNED, 5)
    assert (item.pk, item.why, feeding.due(cast.alice, WARNED).count()) == (clock.pk, "9 h left of 40 h", 0)
    sla.poll(OVER)
    with clocks.at(OVER):
        (item,) = feeding.items(cast.alice, OVER, 5)
    assert (item.why, item.urgency.name) == ("over by 10 h", "OVERDUE")
    assert feeding.due(cast.alice, OVER).count() == 1
    assert feeding.items(cast.bob, OVER, 5) == []


def test_whom_the_terms_name_hears_once(cast: Cast, clock: SlaClock) -> None:
    sla.poll(OVER)
    assert told() == ["Alice", "Mona", "Alice"]
    titles = Notification.objects.filter(recipient=cast.alice).order_by("pk").values_list("title", "url")
    about, url = f"{clock.title} of {clock.subject}", f"/accounts/{clock.subject_id}/"
    assert list(titles) == [
        (f"{about} has used 75 % of its target", url),
        (f"{about} is over its target", url),
    ]


def test_owner_hears_that_a_breach_was_none(cast: Cast, clock: SlaClock, account: Account) -> None:
    sla.poll(OVER)
    with clocks.at(OVER), audit.change(by=cast.alice, action="test.late"):
        sla.signal(account, "debt.cleared", at=WARNED)
    (event,) = OutboxEvent.objects.filter(type="sla.corrected")
    notices.tell_correction(event)
    (note,) = Notification.objects.all()
    assert (note.recipient, note.title) == (
        cast.alice,
        f"{clock.title} of {clock.subject} was met after all",
    )


@pytest.mark.parametrize(
    ("to", "heard"), [("owner", "alice"), ("manager", "mona"), ("director", "dora"), ("revops", "rita")]
)
def test_escalation_finds_its_way_up(cast: Cast, clock: SlaClock, to: str, heard: str) -> None:
    assert notices.recipients(clock, to) == [cast.people[heard].pk]


def test_escalation_of_a_clock_without_anybody_goes_to_operations(cast: Cast, clock: SlaClock) -> None:
    clock.owner_id, clock.team_id = None, None
    assert notices.recipients(clock, "manager") == [cast.rita.pk]
    clock.team_id = cast.teams["East"].pk
    assert notices.recipients(clock, "owner") == [cast.mona.pk]


def test_clock_is_read_through_the_api_and_written_by_nobody(cast: Cast, clock: SlaClock) -> None:
    alice = Browser(cast.alice)
    with clocks.at(WARNED):
        status = alice.get(f"/api/v1/clocks/{clock.pk}/status/").json()
    assert (status["state"], status["elapsed_s"], status["remaining_s"], status["share"]) == (
        "running",
        111_600,
        32_400,
        0.775,
    )
    assert alice.get(f"/api/v1/clocks/{clock.pk}/").json()["subject"] == clock.subject
    refused = alice.patch(f"/api/v1/clocks/{clock.pk}/", "{}", content_type="application/json")
    assert refused.status_code in (400, 403, 428)
    assert Browser(cast.charlie).get(f"/api/v1/clocks/{clock.pk}/status/").status_code == 404


def test_what_is_told_of_clocks_is_heard_and_chosen_as_one_kind() -> None:
    heard = {name: [one.key for one in receiving.of(name)] for name in notices.TYPES}
    assert heard == {
        "sla.escalated": ["records.clocks.escalated"],
        "sla.corrected": ["records.clocks.corrected"],
    }
    assert {kinds.of(name).key for name in notices.TYPES} == {"clocks"}


def test_clocks_are_a_source_of_my_work(cast: Cast, clock: SlaClock) -> None:
    sla.poll(OVER)
    with clocks.at(OVER):
        (item,) = work.work(cast.alice, OVER, kinds=["clock"]).items
        page = Browser(cast.alice).get("/my-work/").content.decode()
    assert (item.pk, "over by 10 h" in page) == (clock.pk, True)
