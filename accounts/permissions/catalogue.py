"""The access rows of the catalogues: everyone reads them, for deals and leads name their entries."""

from revops.kernel.people.access import Grant, Scope, declare, edit
from revops.kernel.people.enums import Role

ALL = Scope.ALL
_SYSTEM = {"created_at", "updated_at"}
PRODUCT = {"name", "code", "family", "description", "is_active"}
CAMPAIGN = {"name", "channel", "theme", "audience", "starts_on", "ends_on", "description", "is_active"}
WRITERS_OF_PRODUCTS = ("PRODUCT", "SALES_OPS", "REVOPS")
WRITERS_OF_CAMPAIGNS = ("MKT_OPS", "SALES_OPS", "REVOPS")


def _grants(writers: tuple[str, ...], fields: set[str]) -> dict[str, Grant]:
    readers = " ".join(role for role in Role.values if role not in writers)
    written = Grant(view=ALL, create=frozenset(fields), edits=edit(ALL, fields), actions={"import": ALL})
    return {readers: Grant(view=ALL), " ".join(writers): written}


declare("accounts.product", fields=PRODUCT | _SYSTEM, grants=_grants(WRITERS_OF_PRODUCTS, PRODUCT))
declare("accounts.campaign", fields=CAMPAIGN | _SYSTEM, grants=_grants(WRITERS_OF_CAMPAIGNS, CAMPAIGN))
