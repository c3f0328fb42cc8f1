"""How the roles of contacts in other systems become ours (spec mappings.md)."""

from opportunities.actions.importing import contact_roles
from opportunities.enums import BuyingRole
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

_ROLE = {
    "decision maker": BuyingRole.DECISION_MAKER,
    "economic buyer": BuyingRole.ECONOMIC_BUYER,
    "economic decision maker": BuyingRole.ECONOMIC_BUYER,
    "executive sponsor": BuyingRole.CHAMPION,
    "influencer": BuyingRole.USER,
    "technical buyer": BuyingRole.TECHNICAL,
    "evaluator": BuyingRole.TECHNICAL,
    "business user": BuyingRole.USER,
    "other": BuyingRole.OTHER,
}

SALESFORCE = Mapping(
    name="salesforce",
    record_type="opportunities.oppcontactrole",
    system="salesforce",
    external_id="Id",
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("OpportunityId", "opportunity", also=("Opportunity ID",)),
        Column("ContactId", "contact", also=("Contact ID",)),
        Column("Role", "role", values=_ROLE, fallback=BuyingRole.OTHER, raw="raw_label"),
        Column("IsPrimary", "is_primary", also=("Primary",)),
    ),
)

register(
    Importer(
        record_type="opportunities.oppcontactrole",
        name="contact_role",
        prepare=contact_roles.prepare,
        write=contact_roles.write,
        required=("opportunity", "contact"),
        by_action={"role": "import", "raw_label": "import", "is_primary": "import"},
        mappings=(SALESFORCE,),
    )
)
