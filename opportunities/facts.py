"""What rules may ask about deals."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.enums import AccountStatus, ActivityKind, ActivityOutcome, Segment, Source
from opportunities.enums import (
    AmountBasis,
    BuyingRole,
    ForecastCategory,
    Geo,
    OpportunityType,
    Stage,
)
from opportunities.models import OppContactRole, OpportunityActivity
from revops.kernel.policies.facts import Collection, Fact, FactSchema, register
from revops.kernel.policies.kinds import FactKind

_CHOICE, _LINK = FactKind.CHOICE, FactKind.REFERENCE


def _choices(enum: type) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(label)) for value, label in enum.choices)  # type: ignore[attr-defined]


def _a_role(*wanted: Q, **only: str) -> Subquery:
    """Return a contact in the deal, in any role or in those named; null where there is none."""
    rows = OppContactRole.objects.filter(*wanted, opportunity=OuterRef("pk"), is_active=True, **only)
    return Subquery(rows.order_by("pk").values("contact_id")[:1])


def _met(role: str) -> Subquery:
    """Return when a meeting about the deal was last held with a contact who has this role in it; null without one."""
    there = OppContactRole.objects.filter(
        opportunity=OuterRef("opportunity"),
        contact__attendances__activity=OuterRef("activity"),
        contact__attendances__is_active=True,
        is_active=True,
        role=role,
    )
    held = OpportunityActivity.objects.filter(
        Exists(there),
        opportunity=OuterRef("pk"),
        is_active=True,
        activity__kind=ActivityKind.MEETING,
        activity__outcome=ActivityOutcome.HELD,
    )
    return Subquery(held.order_by("-occurred_at").values("occurred_at")[:1])


def _how_many(*wanted: Q) -> Coalesce:
    """Return how many contacts are in the deal."""
    rows = OppContactRole.objects.filter(*wanted, opportunity=OuterRef("pk"), is_active=True).order_by()
    counted = rows.values("opportunity").annotate(many=Count("contact", distinct=True)).values("many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


# A contact whose role nobody has said yet is in the deal, but in no role.
_SAID = ~Q(role=BuyingRole.OTHER) | ~Q(raw_label="")


_ROLES = Collection(
    "opportunity.contact_roles",
    "Contacts in the deal",
    rows=lambda: OppContactRole.objects.filter(is_active=True),
    link="opportunity_id",
    facts=(
        Fact("role", "Role", _CHOICE, choices=_choices(BuyingRole)),
        Fact("influence", "Influence", FactKind.INTEGER),
        Fact("is_primary", "Primary", FactKind.BOOLEAN),
        Fact("engaged_at", "Last engaged", FactKind.INSTANT),
    ),
)

_ACCOUNT = (
    Fact(
        "account.segment", "Account's segment", _CHOICE, column="account__segment", choices=_choices(Segment)
    ),
    Fact(
        "account.status",
        "Account's status",
        _CHOICE,
        column="account__status",
        choices=_choices(AccountStatus),
    ),
    Fact("account.country", "Account's country", column="account__country"),
    Fact("account.employees", "Account's employees", FactKind.INTEGER, column="account__employees"),
)

OPPORTUNITY = register(
    FactSchema(
        "opportunities.opportunity",
        facts=(
            Fact("opportunity.name", "Name", folded="name_key"),
            Fact("opportunity.type", "Type", _CHOICE, choices=_choices(OpportunityType)),
            Fact("opportunity.segment", "Segment", _CHOICE, choices=_choices(Segment)),
            Fact("opportunity.geo", "Region", _CHOICE, choices=_choices(Geo)),
            Fact("opportunity.territory", "Territory", _LINK),
            Fact("opportunity.primary_product", "Product", _LINK),
            Fact("opportunity.use_case", "Use case", _LINK),
            Fact("opportunity.source", "Source", _CHOICE, choices=_choices(Source)),
            Fact("opportunity.campaign", "Campaign", _LINK),
            Fact("opportunity.stage", "Stage", _CHOICE, choices=_choices(Stage)),
            Fact("opportunity.stage_since", "In this stage since", FactKind.INSTANT),
            Fact(
                "opportunity.forecast_category",
                "Forecast category",
                _CHOICE,
                choices=_choices(ForecastCategory),
            ),
            Fact("opportunity.amount", "Amount", FactKind.MONEY),
            Fact("opportunity.currency", "Currency"),
            Fact("opportunity.amount_basis", "Basis of the amount", _CHOICE, choices=_choices(AmountBasis)),
            Fact("opportunity.close_date", "Close date", FactKind.DATE),
            Fact("opportunity.start_date", "Start date", FactKind.DATE),
            Fact("opportunity.push_count", "Times put off", FactKind.INTEGER),
            Fact("opportunity.next_step", "Next step"),
            Fact("opportunity.next_step_on", "Next step on", FactKind.DATE),
            Fact("opportunity.competitor", "Competitor"),
            Fact("opportunity.loss_reason", "Reason of the loss", _LINK),
            Fact("opportunity.opened_at", "Opened", FactKind.INSTANT),
            Fact("opportunity.closed_at", "Closed", FactKind.INSTANT),
            Fact("opportunity.last_buyer_activity_at", "Last buyer activity", FactKind.INSTANT),
            Fact("opportunity.last_buyer_contact_on", "Last contact with the buyer", FactKind.DATE),
            Fact("opportunity.owner", "Owner", _LINK),
            Fact("opportunity.queue", "Queue", _LINK),
            Fact("opportunity.contact_role", "A contact in the deal", _LINK, column=_a_role()),
            Fact(
                "opportunity.economic_buyer",
                "An economic buyer",
                _LINK,
                column=_a_role(role=BuyingRole.ECONOMIC_BUYER),
            ),
            Fact("opportunity.contact_with_role", "A contact with a role", _LINK, column=_a_role(_SAID)),
            Fact(
                "opportunity.contacts_with_role",
                "Contacts with a role",
                FactKind.INTEGER,
                column=_how_many(_SAID),
            ),
            Fact(
                "opportunity.economic_buyer_met_at",
                "Economic buyer last met",
                FactKind.INSTANT,
                column=_met(BuyingRole.ECONOMIC_BUYER),
            ),
            *_ACCOUNT,
        ),
        collections=(_ROLES,),
    )
)
