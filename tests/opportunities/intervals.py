"""The law of stage intervals in plain Python: contiguous from the opening, and the deal says what the last one says."""

from itertools import pairwise

from opportunities.enums import CLOSED, Stage
from opportunities.models import Opportunity, StageInterval


def interval_faults() -> list[str]:
    """Return where a deal has a gap, an overlap, no open interval, or other copies than its last interval."""
    faults = []
    for deal in Opportunity.objects.order_by("pk"):
        rows = list(StageInterval.objects.filter(opportunity=deal).in_order())
        if not rows or rows[0].active_from != deal.opened_at:
            faults.append(f"{deal.pk}: does not begin at its opening")
            continue
        faults += [
            f"{deal.pk}: gap or overlap at {b.active_from}"
            for a, b in pairwise(rows)
            if a.active_to != b.active_from
        ]
        last = rows[-1]
        if last.active_to is not None:
            faults.append(f"{deal.pk}: stands nowhere")
        if (last.stage, last.active_from, last.probability) != (
            deal.stage,
            deal.stage_since,
            deal.probability,
        ):
            faults.append(f"{deal.pk}: the copies differ")
        if (deal.closed_at is not None) != (deal.stage in CLOSED):
            faults.append(f"{deal.pk}: closed_at")
        if (deal.booked_at is not None) != (deal.stage == Stage.CLOSED_WON):
            faults.append(f"{deal.pk}: booked_at")
    return faults
