"""What rules may ask about requests for change and topics of the council: how urgent, and whose records are touched."""

from governance.enums import DecisionState, RfcState, Urgency
from revops.kernel.policies.facts import Fact, FactSchema, register
from revops.kernel.policies.kinds import FactKind

RFC = register(
    FactSchema(
        "governance.changerequest",
        facts=(
            Fact("rfc.urgency", "Urgency", FactKind.CHOICE, choices=Urgency.choices),
            Fact("rfc.state", "State", FactKind.CHOICE, choices=RfcState.choices),
            Fact("rfc.touches_sales", "Touches what sales own", FactKind.BOOLEAN),
            Fact("rfc.touches_marketing", "Touches what marketing own", FactKind.BOOLEAN),
            Fact("rfc.touches_money", "Touches money and terms", FactKind.BOOLEAN),
            Fact("rfc.migrate", "Binds what is in flight", FactKind.BOOLEAN),
        ),
    )
)

COUNCIL_ITEM = register(
    FactSchema(
        "governance.decisionitem",
        facts=(
            Fact("item.urgency", "Urgency", FactKind.CHOICE, choices=Urgency.choices),
            Fact("item.state", "State", FactKind.CHOICE, choices=DecisionState.choices),
        ),
    )
)
