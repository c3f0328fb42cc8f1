"""What rules may ask about the forecast of a deal: its later close dates, its inspections, its silence."""

from django.db.models import DateField, Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from opportunities.enums import DelayKind, ForecastCategory, InspectionOutcome
from opportunities.models import InspectionRecord, SlipEvent
from revops.kernel.clocks.enums import PeriodKind
from revops.kernel.clocks.models import FiscalPeriod
from revops.kernel.policies.facts import Collection, Fact
from revops.kernel.policies.kinds import FactKind

_KEPT = InspectionRecord.objects.filter(opportunity=OuterRef("pk"), outcome=InspectionOutcome.KEEP)
# A slip that was not answered the same day, and that no inspection has dealt with since (§10.3, question 4).
_LOOKED_AT = InspectionRecord.objects.filter(
    opportunity=OuterRef("opportunity"), inspected_at__gte=OuterRef("occurred_at")
)
_SLIPPED = SlipEvent.objects.filter(
    ~Exists(_LOOKED_AT),
    opportunity=OuterRef("pk"),
    kind=DelayKind.SLIP,
    category_before__in=(ForecastCategory.COMMIT, ForecastCategory.UPSIDE),
    same_day_downgrade=False,
)
# The fiscal quarter of the close date: the period in which a deal is forecast.
_PERIOD = FiscalPeriod.objects.filter(
    kind=PeriodKind.QUARTER, start__lte=OuterRef("close_date"), end__gte=OuterRef("close_date")
)

DELAYS = Collection(
    "opportunity.delays",
    "Later close dates",
    rows=SlipEvent.objects.all,
    link="opportunity_id",
    facts=(Fact("occurred_at", "When", FactKind.INSTANT), Fact("days", "Days", FactKind.INTEGER)),
)

FACTS = (
    Fact(
        "opportunity.period_ends_on",
        "End of the quarter of its close date",
        FactKind.DATE,
        column=Coalesce(Subquery(_PERIOD.values("end")[:1]), F("close_date"), output_field=DateField()),
        help="Where no fiscal quarter is laid out for it: the close date.",
    ),
    Fact(
        "opportunity.manager_verified_at",
        "Last inspection that kept it",
        FactKind.INSTANT,
        column=Subquery(_KEPT.order_by("-inspected_at").values("inspected_at")[:1]),
    ),
    Fact(
        "opportunity.slip_kept_at",
        "Slipped without coming down the same day",
        FactKind.INSTANT,
        column=Subquery(_SLIPPED.order_by("-occurred_at").values("occurred_at")[:1]),
        help="Out of Commit or Upside, since the last inspection.",
    ),
    Fact(
        "opportunity.heard_at",
        "Buyer last heard, or opened",
        FactKind.INSTANT,
        column=Coalesce(F("last_buyer_activity_at"), F("opened_at")),
        read=lambda deal: deal.last_buyer_activity_at or deal.opened_at,
    ),
)
