"""Every night: deals that show less than they are forecast as come down, found in SQL by the same rules. Source: d2.

What changes by an action comes down in its change; time alone changes the rest: evidence grows old, a next step passes,
an inspection is a week ago, another version begins to hold.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from accounts.enums import Segment
from opportunities import policies
from opportunities.actions.categories import holding
from opportunities.actions.categories.weighing import rank
from opportunities.enums import OPEN
from opportunities.models import Opportunity
from opportunities.policies.categories import GATED, KEY, failing
from revops.kernel import audit, clocks
from revops.kernel import policies as kernel_policies
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs
from revops.kernel.policies.resolving import InForce

ACTION = "opportunity.hold_categories"
BATCH = 1_000


def clamp(now: datetime) -> int:
    """Bring down every open deal that is forecast as more than it shows; return how many.

    A statement a batch finds them, and a batch costs a constant number; each is a change of its own, so that a killed
    run loses nothing that it did. Safe to repeat.
    """
    condition, system, lowered, last = unheld(now), User.objects.system(), 0, 0
    promising = Opportunity.objects.filter(stage__in=OPEN, forecast_category__in=GATED)
    while True:
        found = promising.filter(condition, pk__gt=last).order_by("pk").values_list("pk", flat=True)
        pks = list(found[:BATCH])
        if not pks:
            return lowered
        last = pks[-1]
        with audit.change(by=system, action=ACTION, reason="Held to their evidence"):
            lowered += len(holding.hold(lock_many(Opportunity.objects.filter(pk__in=pks))))


def unheld(now: datetime) -> Q:
    """Return the condition of the deals whose stage or evidence does not carry their category."""
    condition = Q(pk__in=[])
    for policy, segments in _versions(now):
        below = Q(pk__in=[])
        for category in GATED:
            below |= Q(forecast_category=category) & failing(policy, category, now)
        condition |= Q(segment__in=segments) & below
    return condition | _past_stage()


def _versions(now: datetime) -> Iterator[tuple[InForce, list[str]]]:
    """Yield each version in force with the segments that it decides for."""
    found: dict[str, InForce] = {}
    segments: dict[str, list[str]] = defaultdict(list)
    for segment in Segment.values:
        policy = kernel_policies.get_sound(KEY, {"segment": segment}, now)
        found[policy.ref] = policy
        segments[policy.ref].append(segment)
    for ref, policy in found.items():
        yield policy, segments[ref]


def _past_stage() -> Q:
    """Return the condition of the deals that are forecast as more than their stage allows."""
    condition = Q(pk__in=[])
    for segment in Segment.values:
        held = policies.stages(segment)
        for stage in OPEN:
            most = rank(held.of(stage).max_category)
            above = [str(category) for category in GATED if rank(category) > most]
            condition |= Q(segment=segment, stage=stage, forecast_category__in=above)
    return condition


@jobs.job("opportunities.categories", owner="REVOPS", local="05:30", limit=1_800)
def hold_categories() -> str:
    """Bring down the deals that show less than they are forecast as."""
    return f"{clamp(clocks.now())} deals came down"
