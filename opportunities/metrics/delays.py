"""How often close dates move, and whether a slip out of the forecast is answered the same day. Source: ALG-5.8."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from opportunities.enums import DelayKind, ForecastCategory
from opportunities.metrics import conditions
from opportunities.metrics.hygiene import DEAL
from opportunities.models import SlipEvent
from revops.kernel.metrics import Ratio, register_ratio

WINDOW = timedelta(days=90)
_FORECAST = (ForecastCategory.COMMIT, ForecastCategory.UPSIDE)
_READS = frozenset({"stage", "push_count", "close_date", "forecast_category"})


def _slipped(now: datetime, *categories: str, **only: object) -> Q:
    """Return the condition of deals that slipped in the last 90 days while they were in one of these categories."""
    rows = SlipEvent.objects.filter(
        opportunity=OuterRef("pk"),
        kind=DelayKind.SLIP,
        occurred_at__gte=now - WINDOW,
        category_before__in=categories,
        **only,
    )
    return Q(Exists(rows))


def _committed(now: datetime) -> Q:
    """Return the condition of deals in Commit, and of those that slipped out of it in the last 90 days."""
    held = conditions.is_open(now) & Q(forecast_category=ForecastCategory.COMMIT)
    return held | _slipped(now, ForecastCategory.COMMIT)


PUSH_PER_OPP = register_ratio(
    Ratio(
        key="push_per_opp",
        label="Times put off",
        definition="How often an open deal was put off on average.",
        formula="Sum of the times put off ÷ open deals",
        owner="Sales Ops",
        record_type=DEAL,
        among=conditions.is_open,
        counted=lambda now: Q(push_count__gt=0),
        inside="Open deals that were put off",
        outside="Open deals that were never put off",
        better="low",
        green=Decimal(1),
        amber=Decimal(2),
        sums="push_count",
        reads=_READS,
    )
)
SLIP_RATE_COMMIT = register_ratio(
    Ratio(
        key="slip_rate_commit",
        label="Commit that slipped",
        definition="Of the deals in Commit, and those that slipped out of it in the last 90 days, those that slipped "
        "into a later fiscal quarter.",
        formula="Deals that slipped while in Commit ÷ deals in Commit or slipped out of it",
        owner="CRO",
        record_type=DEAL,
        among=_committed,
        counted=lambda now: _slipped(now, ForecastCategory.COMMIT),
        inside="Deals that slipped while in Commit",
        outside="Deals in Commit that did not slip",
        better="low",
        green=Decimal(10),
        amber=Decimal(25),
        reads=_READS,
    )
)
SAME_DAY_DOWNGRADE = register_ratio(
    Ratio(
        key="same_day_downgrade_pct",
        label="Downgraded the same day",
        definition="Of the deals that slipped while in Commit or Upside in the last 90 days, those that were "
        "downgraded on the day of every such slip.",
        formula="Deals downgraded on the day they slipped ÷ deals that slipped while in Commit or Upside",
        owner="CRO",
        record_type=DEAL,
        among=lambda now: _slipped(now, *_FORECAST),
        counted=lambda now: (
            ~(
                _slipped(now, *_FORECAST, same_day_downgrade=False)
                | _slipped(now, *_FORECAST, same_day_downgrade__isnull=True)
            )
        ),
        inside="Deals that were downgraded on the day they slipped",
        outside="Deals that slipped and were not downgraded the same day",
        green=Decimal(100),
        amber=Decimal(100),
        min_n=1,
        reads=_READS,
    )
)
