"""The poller: thresholds that running clocks have passed, told once; calendars that changed, counted anew.

Late, doubled or dead in the middle, it tells the same: a clock says when it has to be looked at, two pollers never hold
one clock at a time, and each threshold is kept once. What it tells is a fact of the ledger, not of its own clock.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, QuerySet

from revops.kernel import audit, clocks
from revops.kernel.audit.writing import remember
from revops.kernel.clocks.models import BusinessCalendar
from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs
from revops.kernel.sla import hours as calendars
from revops.kernel.sla import keeping, starting
from revops.kernel.sla.arithmetic import whole
from revops.kernel.sla.models import SlaClock
from revops.kernel.sla.moving import pass_by

BATCH = 500


@dataclass(frozen=True, slots=True)
class Polled:
    """How many clocks were looked at because a threshold was behind them, and how many because of a new calendar."""

    looked_at: int
    counted_anew: int

    def __str__(self) -> str:
        return f"{self.looked_at:,} clocks past a threshold, {self.counted_anew:,} counted anew"


def poll(now: datetime | None = None) -> Polled:
    """Tell what running clocks passed by `now`, after counting those anew whose calendar has a new version.

    Batches of 500, each a change of its own; nothing to do costs one query a calendar and one more.
    """
    instant = whole(now or clocks.now())
    anew = sum(_count_anew(key, version) for key, version in _newest().items())
    looked = 0
    while _due(instant).exists():
        held = _pass(instant)
        if not held:
            break
        looked += held
    return Polled(looked, anew)


@jobs.job("sla.poll", owner="REVOPS", every=60)
def poll_clocks() -> str:
    """Tell which clocks warn, breached or escalate."""
    return str(poll())


def _due(now: datetime) -> QuerySet[SlaClock]:
    found: QuerySet[SlaClock] = SlaClock.objects.filter(next_at__isnull=False, next_at__lte=now)
    return found.order_by("next_at", "pk")


def _hold(rows: QuerySet[SlaClock]) -> list[SlaClock]:
    """Lock the clocks of a batch that nobody else holds: another poller takes the next ones, or finds them done."""
    held = list(rows.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    for clock in held:
        remember(clock)
    return held


def _pass(now: datetime) -> int:
    with audit.change(by=User.objects.system(), action="sla.poll"):
        held = _hold(_due(now))
        hours = calendars.of_many({clock.calendar_key for clock in held})
        told = [(clock, pass_by(clock, hours[clock.calendar_key], now)) for clock in held]
        audit.write_many(held)
        keeping.tell(told)
    return len(held)


def _newest() -> dict[str, int]:
    """Return the newest version of every stored calendar."""
    rows = BusinessCalendar.objects.values("key").annotate(newest=Max("version")).order_by("key")
    return {row["key"]: row["newest"] for row in rows}


def _outdated(key: str, version: int) -> QuerySet[SlaClock]:
    found: QuerySet[SlaClock] = SlaClock.objects.filter(
        calendar_key=key, calendar_version__lt=version, running_since__isnull=False
    )
    return found.order_by(F("calendar_version"), "pk")


def _count_anew(key: str, version: int) -> int:
    """Work out anew when the clocks of a calendar are due; what was measured already keeps its version."""
    done = 0
    while _outdated(key, version).exists():
        with audit.change(by=User.objects.system(), action="sla.count_anew"):
            held = _hold(_outdated(key, version))
            starting.settle(keeping.sheets(held))
        if not held:
            break
        done += len(held)
    return done
