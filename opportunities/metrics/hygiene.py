"""The parts of hygiene: what an open deal has to have, each as a ratio that opens its deals. Source: d2, 11-metrics."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from opportunities.metrics import conditions
from revops.kernel.metrics import Ratio, register_ratio
from revops.kernel.sla.enums import ClockState

DEAL, CLOCK, OWNER = "opportunities.opportunity", "sla.slaclock", "Sales Ops"
_HIGH = (Decimal(95), Decimal(80))
_WINDOW = timedelta(days=90)
_STEP = frozenset({"stage", "segment", "next_step", "next_step_on"})


def _clocks_decided(now: datetime) -> Q:
    """Return the condition of clocks of the last 90 days that were met or not: what still runs is not told yet."""
    over = Q(state__in=(ClockState.MET, ClockState.BREACHED))
    return Q(started_at__gte=now - _WINDOW) & (over | Q(state=ClockState.RUNNING, due_at__lt=now))


NEXT_STEP_FRESH = register_ratio(
    Ratio(
        key="next_step_fresh_pct",
        label="Next step fresh",
        definition="Of the open deals, those whose next step is dated today or later, at most 30 days ahead "
        "(45 in Enterprise and Strategic).",
        formula="Open deals with a fresh next step ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=conditions.dated,
        inside="Open deals with a fresh next step",
        outside="Open deals without a fresh next step",
        green=_HIGH[0],
        amber=_HIGH[1],
        reads=_STEP,
    )
)
NEXT_STEP_OVERDUE = register_ratio(
    Ratio(
        key="next_step_overdue_pct",
        label="Next step overdue",
        definition="Of the open deals, those whose next step was due before today.",
        formula="Open deals with a next step in the past ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=lambda now: Q(next_step_on__lt=conditions.today(now)),
        inside="Open deals with an overdue next step",
        outside="Open deals without an overdue next step",
        better="low",
        green=Decimal(5),
        amber=Decimal(20),
        reads=_STEP,
    )
)
REQUIRED_FIELDS = register_ratio(
    Ratio(
        key="required_fields_pct",
        label="Required fields",
        definition="Of the open deals, those that hold every field that the rule of required fields asks for where "
        "they stand, also where that rule only observes.",
        formula="Open deals that lack no required field ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=conditions.complete,
        inside="Open deals that lack no required field",
        outside="Open deals that lack a required field",
        green=_HIGH[0],
        amber=_HIGH[1],
        reads=frozenset({"stage"}),
    )
)
IDLE = register_ratio(
    Ratio(
        key="idle_opps_pct",
        label="Idle for more than 30 days",
        definition="Of the open deals, those in which no buyer took part for more than 30 whole days; a deal that "
        "never heard a buyer counts from its opening.",
        formula="Open deals idle for more than 30 days ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=conditions.silent_for_long,
        inside="Open deals idle for more than 30 days",
        outside="Open deals that are not idle",
        better="low",
        green=Decimal(15),
        amber=Decimal(25),
        reads=frozenset({"stage", "last_buyer_activity_at", "opened_at"}),
    )
)
CLOSES_LATER = register_ratio(
    Ratio(
        key="close_date_future_pct",
        label="Close date not past",
        definition="Of the open deals, those whose close date is today or later.",
        formula="Open deals with a close date that is not past ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=conditions.closes_later,
        inside="Open deals with a close date that is not past",
        outside="Open deals with a close date in the past",
        green=_HIGH[0],
        amber=_HIGH[1],
        reads=frozenset({"stage", "close_date"}),
    )
)
STAGE_AGE_RED = register_ratio(
    Ratio(
        key="stage_age_red_pct",
        label="Too long in stage",
        definition="Of the open deals, those in their stage for more than twice as long as won deals of their segment "
        "usually stood there.",
        formula="Open deals older in stage than 2 × the median of won deals ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=conditions.too_long_in_stage,
        inside="Open deals that are too long in their stage",
        outside="Open deals that are not too long in their stage",
        better="low",
        green=Decimal(10),
        amber=Decimal(25),
        reads=frozenset({"stage", "stage_since", "segment"}),
    )
)
SLA_MET = register_ratio(
    Ratio(
        key="sla_met_pct",
        label="Clocks met",
        definition="Of the clocks that somebody answers for, started in the last 90 days and decided, those that were "
        "met in time. What was called off, and what still has time, does not count.",
        formula="Clocks met ÷ clocks met, breached or past due",
        owner=OWNER,
        record_type=CLOCK,
        among=_clocks_decided,
        counted=lambda now: Q(state=ClockState.MET),
        inside="Clocks that were met",
        outside="Clocks that were breached",
        green=_HIGH[0],
        amber=_HIGH[1],
        reads=frozenset({"state", "started_at", "due_at"}),
    )
)
CLEAN = register_ratio(
    Ratio(
        key="clean_deals_pct",
        label="Nothing amiss",
        definition="Of the open deals, those that lack nothing: a fresh next step, every required field, a buyer heard "
        "in the last 30 days, a close date that is not past, and not too long in their stage.",
        formula="Open deals with nothing amiss ÷ open deals",
        owner=OWNER,
        record_type=DEAL,
        among=conditions.is_open,
        counted=conditions.clean,
        inside="Open deals with nothing amiss",
        outside="Open deals with something amiss",
        green=Decimal(80),
        amber=Decimal(50),
        reads=_STEP | {"last_buyer_activity_at", "opened_at", "close_date", "stage_since"},
    )
)
