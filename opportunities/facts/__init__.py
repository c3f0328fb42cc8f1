"""What rules may ask about deals: one module a noun."""

from accounts.enums import AccountStatus, Segment, Source
from opportunities.enums import (
    AmountBasis,
    ForecastCategory,
    Geo,
    LostSource,
    OpportunityType,
    Stage,
    StepKind,
)
from opportunities.facts import forecast, people, showing
from revops.kernel.packets.enums import Side
from revops.kernel.policies.facts import Fact, FactSchema, register
from revops.kernel.policies.kinds import FactKind

_CHOICE, _LINK = FactKind.CHOICE, FactKind.REFERENCE


def _choices(enum: type) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(label)) for value, label in enum.choices)  # type: ignore[attr-defined]


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
            Fact("opportunity.next_step_kind", "Kind of the next step", _CHOICE, choices=_choices(StepKind)),
            Fact(
                "opportunity.next_step_side",
                "Whose move the next step is",
                _CHOICE,
                choices=_choices(Side),
            ),
            Fact("opportunity.next_step_contact", "Buyer's owner of the next step", _LINK),
            Fact("opportunity.lost_source", "Lost by", _CHOICE, choices=_choices(LostSource)),
            Fact("opportunity.competitor", "Competitor"),
            Fact("opportunity.loss_reason", "Reason of the loss", _LINK),
            Fact("opportunity.opened_at", "Opened", FactKind.INSTANT),
            Fact("opportunity.closed_at", "Closed", FactKind.INSTANT),
            Fact("opportunity.last_buyer_activity_at", "Last buyer activity", FactKind.INSTANT),
            Fact("opportunity.last_buyer_contact_on", "Last contact with the buyer", FactKind.DATE),
            Fact("opportunity.owner", "Owner", _LINK),
            Fact("opportunity.queue", "Queue", _LINK),
            *people.FACTS,
            *showing.FACTS,
            *forecast.FACTS,
            *_ACCOUNT,
        ),
        collections=(people.ROLES, people.PEOPLE, forecast.DELAYS),
    )
)
