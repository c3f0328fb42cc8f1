"""Activities of deals: logged on one, or linked because of who took part; only those of a buyer end idle days."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.activities import log_activity as log_elsewhere
from accounts.actions.activities import record_outcome, schedule_meeting
from accounts.models import Activity
from opportunities import receivers
from opportunities.actions import add_contact_role, close_lost, log_activity
from opportunities.models import OppContactRole, Opportunity, OpportunityActivity
from opportunities.queries import stages
from opportunities.queries.timeline import DEALS
from revops.kernel import audit, clocks
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.records import timeline
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import ENDED, codes
from tests.opportunities.people import make_contact

CALL = {"kind": "call", "subject": "Demo", "outcome": "connected", "direction": "outbound"}


def hear(event: OutboxEvent) -> None:
    receivers.link_activity(event)


def event_of(activity: Activity, type: str = "activity.logged") -> OutboxEvent:
    found: OutboxEvent = OutboxEvent.objects.filter(type=type, subject_id=activity.pk).latest("created_at")
    return found


def in_deal(cast: Cast, deal: Opportunity, name: str = "Ann") -> Any:
    contact = make_contact(cast, name, account=deal.account)
    values = {"opportunity": deal.pk, "contact": contact.pk, "role": "champion"}
    add_contact_role(by=cast.alice, values=values)
    return contact


@pytest.mark.parametrize(("seconds", "heard"), [("119", False), ("120", True)])
def test_logged_call_ends_idle_days_only_when_a_buyer_took_part(
    cast: Cast, deal: Opportunity, seconds: str, heard: bool
) -> None:
    contact = in_deal(cast, deal)
    values = {**CALL, "duration_s": seconds, "contacts": [contact.pk]}
    activity = log_activity(by=cast.alice, pk=deal.pk, values=values)
    deal.refresh_from_db()
    assert (activity.account_id, activity.qualifies_buyer) == (deal.account_id, heard)
    assert (deal.last_buyer_activity_at == activity.occurred_at) == heard
    role = OppContactRole.objects.get()
    assert (role.engaged_at == activity.occurred_at) == heard
    assert OpportunityActivity.objects.get().activity == activity


def test_activity_elsewhere_is_linked_to_open_deals_of_its_people(cast: Cast, deal: Opportunity) -> None:
    contact = in_deal(cast, deal)
    activity = log_elsewhere(by=cast.alice, values={**CALL, "duration_s": "300", "contacts": [contact.pk]})
    hear(event_of(activity))
    deal.refresh_from_db()
    assert deal.last_buyer_activity_at == activity.occurred_at
    version = deal.version
    with unchanged():
        hear(event_of(activity))
    deal.refresh_from_db()
    assert deal.version == version


def test_activity_of_others_or_of_closed_deals_is_not_linked(cast: Cast, deal: Opportunity) -> None:
    contact, stranger = in_deal(cast, deal), make_contact(cast, "Zed", account=deal.account)
    other = log_elsewhere(by=cast.alice, values={**CALL, "contacts": [stranger.pk]})
    close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    late = log_elsewhere(by=cast.alice, values={**CALL, "contacts": [contact.pk]})
    with unchanged():
        hear(event_of(other))
        hear(event_of(late))
    assert OpportunityActivity.objects.count() == 0


def test_planned_meeting_counts_when_it_was_held(cast: Cast, deal: Opportunity) -> None:
    contact = in_deal(cast, deal)
    soon = clocks.now() + timedelta(hours=1)
    values = {"subject": "Review", "occurred_at": soon.isoformat(), "contacts": [contact.pk]}
    meeting = schedule_meeting(by=cast.alice, values=values)
    hear(event_of(meeting, "activity.scheduled"))
    deal.refresh_from_db()
    assert (deal.last_buyer_activity_at, OpportunityActivity.objects.count()) == (None, 1)
    with clocks.at(soon + timedelta(hours=1)):
        record_outcome(by=cast.alice, pk=meeting.pk, values={"outcome": "held"})
        hear(event_of(meeting, "activity.outcome_recorded"))
    deal.refresh_from_db()
    assert deal.last_buyer_activity_at == soon


def test_every_event_of_activities_is_heard() -> None:
    for name in ("logged", "scheduled", "outcome_recorded", "edited", "attendees_changed"):
        keys = [one.key for one in receiving.of(f"activity.{name}")]
        assert [key for key in keys if key.startswith("opportunities.")], name


def test_findings_of_the_activity_are_told(cast: Cast, deal: Opportunity) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        log_activity(by=cast.alice, pk=deal.pk, values={**CALL, "subject": "", "contacts": [999_999]})
    assert ("ACT-008", "contacts") in codes(refusal)


def test_who_does_not_see_the_deal_or_logs_nothing_is_refused(cast: Cast, deal: Opportunity) -> None:
    with unchanged(), pytest.raises(Opportunity.DoesNotExist):
        log_activity(by=cast.charlie, pk=deal.pk, values=CALL)
    with unchanged(), pytest.raises(access.Forbidden):
        log_activity(by=cast.rita, pk=deal.pk, values=CALL)


@pytest.mark.parametrize(("days", "idle"), [(0, 0), (30, 30), (31, 31)])
def test_idle_days_are_shown_on_the_path(cast: Cast, deal: Opportunity, days: int, idle: int) -> None:
    with clocks.at(deal.opened_at + timedelta(days=days)):
        assert stages.path(deal, cast.alice).idle_days == idle


def test_timelines_tell_stages_and_activities(cast: Cast, deal: Opportunity) -> None:
    log_activity(by=cast.alice, pk=deal.pk, values=CALL)
    told = timeline.page(deal, cast.alice).entries
    assert {entry.kind for entry in told} == {"call", "stage", "ownership"}
    at_account = timeline.page(deal.account, cast.alice, kinds=[DEALS]).entries
    assert [entry.title.label for entry in at_account] == [f"{deal.name}: Qualification"]
    assert (
        timeline.page(deal.account, cast.rita, kinds=[DEALS]).entries[0].title.url
        == f"/opportunities/{deal.pk}/"
    )
