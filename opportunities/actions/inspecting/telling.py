"""Who hears of an inspection: the owner of a deal that came down, whoever stands above one that is escalated."""

from typing import Any

from opportunities.enums import ForecastCategory, InspectionOutcome
from opportunities.models import InspectionRecord, Opportunity
from revops.kernel.identity.models import User
from revops.kernel.notifications import kinds
from revops.kernel.notifications.notifying import notify
from revops.kernel.people.access.organisation import current

INSPECTED = kinds.Kind(
    "opportunity.inspected", "Inspections of your deals", "A deal of yours came down, or out."
)
ESCALATED = kinds.Kind(
    "opportunity.escalated", "Deals escalated to you", "An inspection asks for your decision."
)
kinds.register(INSPECTED)
kinds.register(ESCALATED)


def payload(row: InspectionRecord) -> dict[str, Any]:
    """Return what the event of an inspection says."""
    return {
        "opportunity": row.opportunity_id,
        "week": row.week.isoformat(),
        "outcome": row.outcome,
        "fails": list(row.fails),
        "excused": sorted(row.excused),
        "from": row.category_before,
        "to": row.category_after,
        "by": row.inspector_id,
    }


def tell(row: InspectionRecord, deal: Opportunity, by: User) -> None:
    """Tell the owner what an inspection took away, and the inspector's manager what it escalates."""
    url, key = f"{deal.get_absolute_url()}?tab=inspections", f"inspection:{row.pk}"
    if row.category_after != row.category_before and deal.owner_id is not None:
        after = ForecastCategory(row.category_after).label
        title = f"{by} inspected {deal.name}: now {after}"
        notify([deal.owner_id], INSPECTED.key, title, row.note, url, deal, dedupe_key=key)
    if row.outcome == InspectionOutcome.ESCALATE:
        above = current().manager_of.get(by.pk)
        people = [above] if above is not None else []
        notify(people, ESCALATED.key, f"{by} escalates {deal.name}", row.note, url, deal, dedupe_key=key)
