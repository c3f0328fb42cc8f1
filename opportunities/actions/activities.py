"""Activities of deals: logged on a deal, or found to be about it by who took part. They end its idle days (ALG-2.1)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from accounts.actions.activities import draft_activity, write_activity
from accounts.models import Activity, ActivityAttendee
from opportunities.enums import OPEN
from opportunities.models import OppContactRole, Opportunity, OpportunityActivity
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange import external_ids
from revops.kernel.identity.models import User
from revops.kernel.people import access


def log_activity(*, by: User, pk: int, values: Mapping[str, Any], at: datetime | None = None) -> Activity:
    """Log one activity about a deal; `values` are those of an activity. It is at the deal's account.

    Raises Blocked with every finding, Forbidden for a field one may not set, DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="opportunity.log_activity", at=at):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk)
        access.require_create(by, Activity, values)
        draft = draft_activity(values, by=by, account=deal.account)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        activity = write_activity(draft, by)
        write_links([deal], [activity])
        return activity


def link_activity(*, by: User, pk: int) -> list[Opportunity]:
    """Link an activity to the open deals of its account that its contacts are in; tell them when a buyer took part.

    Safe to repeat: what is linked stays linked, and an outcome recorded later is taken over. `by` is the system.
    """
    activity = Activity.objects.filter(pk=pk).first()
    if activity is None:
        return []
    found = _concerned(activity)
    if not found:
        return []
    with audit.change(by=by, action="opportunity.link_activity"):
        deals = lock_many(Opportunity.objects.filter(pk__in=found))
        write_links(deals, [activity])
        return deals


def _concerned(activity: Activity) -> set[int]:
    """Return the deals an activity is about: those it is linked to, and the open ones of its people at its account."""
    linked = OpportunityActivity.objects.filter(activity=activity, is_active=True)
    people = activity.attendees.filter(is_active=True).values("contact_id")
    inside = OppContactRole.objects.filter(
        contact__in=people,
        is_active=True,
        opportunity__account=activity.account_id,
        opportunity__stage__in=OPEN,
    )
    return {
        *linked.values_list("opportunity_id", flat=True),
        *inside.values_list("opportunity_id", flat=True),
    }


def link_imported(system: str, named: Sequence[tuple[Activity, str]]) -> None:
    """Link imported activities to the deals that their file names, inside the import's change.

    An id of no deal, or of one outside the importing person's sight, links nothing: it may name another record.
    """
    ids = external_ids.find(system, "opportunities.opportunity", {text for _, text in named})
    if not ids:
        return
    seen = Opportunity.objects.filter(pk__in=ids.values()).visible_to(audit.current().by)
    deals = {deal.pk: deal for deal in lock_many(seen)}
    pairs = [(deals[ids[text]], activity) for activity, text in named if ids.get(text) in deals]
    if pairs:
        _link(pairs)
        _hear(list({deal.pk: deal for deal, _ in pairs}.values()), [activity.pk for _, activity in pairs])


def _link(pairs: Sequence[tuple[Opportunity, Activity]]) -> None:
    audit.write_many(
        [
            OpportunityActivity(opportunity=deal, activity=activity, occurred_at=activity.occurred_at)
            for deal, activity in pairs
        ]
    )


def write_links(deals: Sequence[Opportunity], activities: Sequence[Activity]) -> None:
    """Link locked deals to activities and bring what they say of their buyers up to date, inside the open change."""
    ids = [activity.pk for activity in activities]
    rows = lock_many(OpportunityActivity.objects.filter(opportunity__in=deals, activity__in=ids))
    known = {(row.opportunity_id, row.activity_id) for row in rows}
    when = {activity.pk: activity.occurred_at for activity in activities}
    for row in rows:
        row.occurred_at = when[row.activity_id]
    audit.write_many(rows)
    pairs = [(deal, activity) for deal in deals for activity in activities]
    _link([(deal, activity) for deal, activity in pairs if (deal.pk, activity.pk) not in known])
    _hear(deals, ids)


def _hear(deals: Sequence[Opportunity], activities: Collection[int]) -> None:
    """Put on deals and on the contacts in them when a buyer last took part, from the activities themselves."""
    linked = OpportunityActivity.objects.filter(
        opportunity__in=deals, is_active=True, activity__qualifies_buyer=True
    )
    heard = dict(linked.values_list("opportunity_id").annotate(Max("activity__occurred_at")))
    for deal in deals:
        deal.last_buyer_activity_at = heard.get(deal.pk)
    audit.write_many(deals)
    took_part = ActivityAttendee.objects.filter(activity__in=activities).values("contact_id")
    roles = lock_many(
        OppContactRole.objects.filter(opportunity__in=deals, contact__in=took_part, is_active=True)
    )
    engage(roles)
    audit.write_many(roles)


def engage(roles: Sequence[OppContactRole]) -> None:
    """Put on roles when their contacts last took part in what was done about their deals; nothing is written.

    An outcome that was taken back, and an attendee who was taken out, engage nobody any more. One query.
    """
    if not roles:
        return
    rows = OpportunityActivity.objects.filter(
        opportunity__in={role.opportunity_id for role in roles},
        is_active=True,
        activity__qualifies_buyer=True,
        activity__attendees__is_active=True,
        activity__attendees__contact__in={role.contact_id for role in roles},
    )
    by_contact = rows.values_list("opportunity_id", "activity__attendees__contact_id")
    when = {(deal, contact): at for deal, contact, at in by_contact.annotate(Max("activity__occurred_at"))}
    for role in roles:
        role.engaged_at = when.get((role.opportunity_id, role.contact_id))
