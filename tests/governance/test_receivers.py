"""Who is told what became of a request, and what follows from decisions that are overdue; what waits in My work."""

from datetime import datetime, timedelta

import pytest

from governance import receivers
from governance.actions import council, rfcs
from governance.models import ChangeRequest
from governance.queries import work
from revops.kernel import clocks, sla
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets.models import Obligation
from revops.kernel.people import actions as people
from tests.cast import Cast
from tests.governance.conftest import NOW, Make, decide_all, draft_of, rfc_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("recipient__name", flat=True))


def last(kind: str) -> OutboxEvent:
    return OutboxEvent.objects.filter(type=kind).order_by("pk").last()  # type: ignore[return-value]


def breach_of(policy: str) -> OutboxEvent:
    """Return the breach of one clock; those of the steps of the board breach beside it."""
    rows = OutboxEvent.objects.filter(type="sla.breached")
    return next(event for event in rows if event.payload["policy"].partition("@")[0] == policy)


def test_those_concerned_are_told_once_and_everybody_in_the_digest(cast: Cast, approved: Make) -> None:
    rfc = approved()
    for _ in range(2):
        receivers.tell(last("rfc.approved"))
    assert told("rfc.approved") == ["Olga", "Rita"]
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
        receivers.tell(last("rfc.live"))
    assert told("rfc.live") == ["Olga"]
    assert len(told("rules.live")) == len(cast.people) - 1
    one = Notification.objects.get(kind="rfc.live")
    assert (one.title, one.url) == (f"{rfc.number} is live: A lower limit", f"/rfcs/{rfc.pk}/")


def test_overdue_decision_is_told_to_the_council_while_the_clock_goes_on(
    cast: Cast, at_ten: datetime
) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga), urgency="urgent")
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    later = NOW + timedelta(days=2)
    with clocks.at(later):
        sla.poll(later)
        receivers.overdue(breach_of("governance.rfc_decision"))
    assert told("rfc.overdue") == ["Connie", "Rita"]
    assert ChangeRequest.objects.get().state == "submitted"


def test_emergency_nobody_ratifies_in_time_is_to_be_rolled_back(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga), urgency="emergency")
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.fin)
    rfcs.go_live(by=cast.rita, pk=rfc.pk)
    later = NOW + timedelta(days=3)
    with clocks.at(later):
        sla.poll(later)
        for _ in range(2):
            receivers.overdue(breach_of("governance.rfc_ratification"))
    assert Obligation.objects.filter(text__startswith="Roll back").count() == 1
    assert Notification.objects.filter(kind="rfc.overdue", recipient=cast.rita).count() == 1


def test_what_waits_stands_in_my_work(cast: Cast, approved: Make) -> None:
    rfc = approved()
    people.grant_role(by=cast.ada, user=cast.fin, role="COUNCIL")
    item = council.create_item(by=cast.rita, values={"topic": "Who may give discounts?"})
    rejected = rfc_of(cast.alice, draft_of(cast.olga, key="quotes.limit"))
    rfcs.simulate_again(by=cast.olga, pk=rejected.pk)
    rfcs.submit(by=cast.alice, pk=rejected.pk)
    decide_all(rejected, cast.rita, decision="reject")
    now = NOW + HOUR
    assert [one.pk for one in work.to_put_live(cast.rita, now, 10)] == [rfc.pk]
    assert [one.pk for one in work.to_put_live(cast.olga, now, 10)] == []
    assert [one.pk for one in work.come_back(cast.alice, now, 10)] == [rejected.pk]
    assert [one.pk for one in work.to_vote(cast.fin, now, 10)] == [item.pk]
    assert [one.pk for one in work.to_vote(cast.connie, now, 10)] == []
    council.vote(by=cast.fin, pk=item.pk, choice="Approve")
    assert [one.pk for one in work.to_vote(cast.fin, now, 10)] == []
