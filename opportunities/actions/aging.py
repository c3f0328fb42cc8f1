"""Every night: how long won deals stood in their stages, and which open ones stand far longer. Source: ALG-2.3."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median, quantiles

from django.db.models import DurationField, ExpressionWrapper, F, Sum

from accounts.enums import Segment
from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity, StageBaseline, StageInterval
from opportunities.policies import aging, days
from opportunities.policies.aging import Aging, Key
from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.notifications import Note, kinds, tell
from revops.kernel.notifications.kinds import Kind
from revops.kernel.people.access import organisation

KIND = "opportunity.stage_aged"
BATCH = 1_000
_DAY, _CENT = timedelta(days=1), Decimal("0.01")
kinds.register(
    Kind(KIND, "Deals that stand still", "A deal of one of your people's stands far too long in its stage.")
)


def age(now: datetime) -> tuple[int, int]:
    """Measure what is usual and tell managers of red deals; return how many stages were measured, deals told of."""
    return measure(now), tell_red(now)


@outbox.job("opportunities.aging", owner="SALES_OPS", local="05:15", limit=3_600)
def age_deals() -> str:
    """Measure how long deals stand in their stages, and tell managers of those that stand far longer."""
    measured, told = age(clocks.now())
    return f"{measured} stages measured, {told:,} deals told of"


def measure(now: datetime) -> int:
    """Write for every segment and stage how long its won deals stood there; return how many had wins enough.

    Where they are too few the row keeps the days of the policy and says so. Third quartile and median are those of the
    whole stays, interpolated between neighbours.
    """
    body, stays = aging.in_force(now), _stays()
    with audit.change(by=User.objects.system(), action="opportunity.measure_stages"):
        known = {(row.segment, row.stage): row for row in lock_many(StageBaseline.objects.all())}
        rows = []
        for segment in Segment.values:
            for stage in OPEN:
                row = known.get((segment, str(stage))) or StageBaseline(segment=segment, stage=str(stage))
                _fill(row, stays.get((segment, str(stage)), []), body, now)
                rows.append(row)
        new = [row for row in rows if row._state.adding]
        audit.write_many([row for row in rows if not row._state.adding])
        audit.write_many(new)
    return sum(row.measured for row in rows)


def _fill(row: StageBaseline, held: Sequence[float], body: Aging, now: datetime) -> None:
    row.wins, row.measured = len(held), len(held) >= body.least_wins
    usually = (float(body.of(row.stage)),) * 2
    p75, middle = (_p75(held), median(held)) if row.measured else usually
    row.p75_days, row.median_days, row.as_of = _rounded(p75), _rounded(middle), now


def _p75(held: Sequence[float]) -> float:
    return quantiles(held, n=4, method="inclusive")[2] if len(held) > 1 else held[0]


def _rounded(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_CENT)


def _stays() -> dict[Key, list[float]]:
    """Return the days that won deals stood in each stage, all their stays together, by segment and stage."""
    length = ExpressionWrapper(F("active_to") - F("active_from"), output_field=DurationField())
    rows = (
        StageInterval.objects.filter(
            opportunity__stage=Stage.CLOSED_WON, stage__in=OPEN, active_to__isnull=False
        )
        .order_by()
        .values("opportunity", "opportunity__segment", "stage")
        .annotate(stood=Sum(length))
    )
    found: dict[Key, list[float]] = defaultdict(list)
    for segment, stage, stood in rows.values_list("opportunity__segment", "stage", "stood").iterator():
        found[segment, stage].append(stood / _DAY)
    return found


def tell_red(now: datetime) -> int:
    """Tell the managers of open deals that are red, once an interval; return how many were told of."""
    condition, told, last = aging.aged(now), 0, 0
    while True:
        rows = StageInterval.objects.filter(
            opportunity__in=Opportunity.objects.filter(condition, tombstone_of__isnull=True),
            active_to__isnull=True,
            aged_at__isnull=True,
            pk__gt=last,
        )
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not pks:
            return told
        last = pks[-1]
        told += _tell(pks, now)


def _tell(pks: Sequence[int], now: datetime) -> int:
    with audit.change(by=User.objects.system(), action="opportunity.tell_aged"):
        held = lock_many(
            StageInterval.objects.filter(pk__in=pks, active_to__isnull=True, aged_at__isnull=True)
        )
        deals = Opportunity.objects.in_bulk([row.opportunity_id for row in held])
        for row in held:
            row.aged_at = now
        audit.write_many(held)
        notes = []
        for row in held:
            deal = deals[row.opportunity_id]
            stood = days.between(row.active_from, now)
            outbox.emit(
                KIND, row, {"opportunity": deal.pk, "owner": deal.owner_id, "stage": row.stage, "days": stood}
            )
            notes += _notes(deal, row, stood)
        tell(KIND, notes)
        return len(held)


def _notes(deal: Opportunity, row: StageInterval, stood: int) -> list[Note]:
    manager = organisation.current().manager_of.get(deal.owner_id) if deal.owner_id is not None else None
    if manager is None:
        return []
    title = f"{stood} days in {Stage(row.stage).label}: {deal.name}"
    text = "More than twice as long as won deals of its segment stood there."
    key = f"{KIND}:{row.pk}"
    return [Note(manager, title, key, text, deal.get_absolute_url(), ("opportunities.opportunity", deal.pk))]
