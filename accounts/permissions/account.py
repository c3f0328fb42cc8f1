"""The access rows of the accounts domain (spec/access.md)."""

from revops.kernel.people.access import Edit, Grant, Keys, Scope, declare, declare_set_up, edit

OWN, TEAM, SUBTREE, ALL = Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

BILLING = {
    "billing_street",
    "billing_city",
    "billing_state",
    "billing_postal_code",
    "billing_country",
    "billing_account_ext",
    "credit_status",
}
TAX = {"tax_id"}
SITE = {"description", "phone", "website"}
SUCCESS = {"customer_since", "success_note"}
BASIC = SITE | {
    "name",
    "kind",
    "country",
    "region",
    "city",
    "industry",
    "industry_note",
    "employees",
    "annual_revenue",
    "currency",
    "domain",
    "source_original",
}
HIERARCHY = {"parent", "inherit_ownership", "shared_domain_of"}
OPERATIONS = (
    BASIC
    | HIERARCHY
    | SUCCESS
    | {"legal_name", "status", "segment", "territory", "clm_party_ext", "owner", "queue"}
)
COMPUTED = {"primary_domain", "ultimate_parent", "team", "created_at", "updated_at", "tombstone_of"}
ALL_FIELDS = OPERATIONS | BILLING | TAX | COMPUTED

# An owner changes by `assign`, an original source never; neither is edited.
EDITABLE = OPERATIONS - {"owner", "queue", "source_original", "domain"}
READERS_OF_BILLING = ("FINANCE", "LEGAL", "REVOPS", "AUDITOR")
_OPS_ACTIONS = {
    "assign": ALL,
    "merge": ALL,
    "set_territory": ALL,
    "set_parent": ALL,
    "domains": ALL,
    "import": ALL,
}

declare(
    "accounts.account",
    fields=ALL_FIELDS,
    keys=Keys(person="owner_id", team="team_id", ledger=True),
    hidden=dict.fromkeys(BILLING | TAX, READERS_OF_BILLING),
    grants={
        "SDR AE": Grant(view=TEAM, create=frozenset(BASIC), edits=edit(TEAM, SITE)),
        "SE": Grant(view=OWN),
        "CSM RENEWALS AM": Grant(view=OWN, edits=edit(OWN, SUCCESS)),
        "CS_LEAD": Grant(view=SUBTREE, edits=edit(SUBTREE, SUCCESS)),
        "SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE, edits=edit(SUBTREE, {"description"})),
        "SALES_OPS REVOPS": Grant(
            view=ALL, create=frozenset(OPERATIONS), edits=edit(ALL, EDITABLE), actions=_OPS_ACTIONS
        ),
        "FINANCE LEGAL": Grant(view=ALL, edits=edit(ALL, BILLING | TAX | {"legal_name"})),
        "MKT_OPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=ALL),
        "PARTNER_MGR": Grant(view=ALL, only={"status": "partner"}),
    },
)

_DOMAIN = {"account", "domain", "kind", "verified_at", "source", "is_active", "created_at"}
declare(
    "accounts.accountdomain",
    fields=_DOMAIN,
    keys=Keys(parent="account"),
    grants={
        "SDR AE": Grant(view=TEAM),
        "SE CSM RENEWALS AM": Grant(view=OWN),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE),
        "SALES_OPS REVOPS": Grant(
            view=ALL, create=frozenset(_DOMAIN), edits=(Edit(ALL, frozenset(_DOMAIN)),)
        ),
        "FINANCE LEGAL MKT_OPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=ALL),
    },
)

declare_set_up("accounts.maildomain")
