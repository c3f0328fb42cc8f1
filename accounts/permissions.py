"""The access rows of the accounts domain (spec/access.md)."""

from revops.kernel.people.access import Edit, Grant, Keys, Scope, declare, declare_set_up, edit

O, T, S, A = Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

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
_OPS_ACTIONS = {"assign": A, "merge": A, "set_territory": A, "set_parent": A, "domains": A, "import": A}

declare(
    "accounts.account",
    fields=ALL_FIELDS,
    keys=Keys(person="owner_id", team="team_id", ledger=True),
    hidden={name: READERS_OF_BILLING for name in BILLING | TAX},
    grants={
        "SDR AE": Grant(view=T, create=frozenset(BASIC), edits=edit(T, SITE)),
        "SE": Grant(view=O),
        "CSM RENEWALS AM": Grant(view=O, edits=edit(O, SUCCESS)),
        "CS_LEAD": Grant(view=S, edits=edit(S, SUCCESS)),
        "SALES_MGR DIRECTOR VP_SALES": Grant(view=S, edits=edit(S, {"description"})),
        "SALES_OPS REVOPS": Grant(
            view=A, create=frozenset(OPERATIONS), edits=edit(A, EDITABLE), actions=_OPS_ACTIONS
        ),
        "FINANCE LEGAL": Grant(view=A, edits=edit(A, BILLING | TAX | {"legal_name"})),
        "MKT_OPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=A),
        "PARTNER_MGR": Grant(view=A, only={"status": "partner"}),
    },
)

_DOMAIN = {"account", "domain", "kind", "verified_at", "source", "is_active", "created_at"}
declare(
    "accounts.accountdomain",
    fields=_DOMAIN,
    keys=Keys(parent="account"),
    grants={
        "SDR AE": Grant(view=T),
        "SE CSM RENEWALS AM": Grant(view=O),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(view=S),
        "SALES_OPS REVOPS": Grant(view=A, create=frozenset(_DOMAIN), edits=(Edit(A, frozenset(_DOMAIN)),)),
        "FINANCE LEGAL MKT_OPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=A),
    },
)

declare_set_up("accounts.maildomain")
