"""The access rows of the opportunities domain (spec/access.md)."""

from accounts.permissions import account  # noqa: F401 - a deal is seen beside its account
from revops.kernel.people.access import Edit, Grant, Keys, Scope, declare, declare_set_up, edit

OWN, TEAM, SUBTREE, ALL = Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

DEAL = {
    "account",
    "type",
    "primary_product",
    "use_case",
    "source",
    "source_note",
    "campaign",
    "forecast_category",
    "amount",
    "currency",
    "amount_basis",
    "close_date",
    "start_date",
    "next_step",
    "next_step_on",
    "competitor",
    "description",
}
# Where a deal came from is said once, where nobody has said it yet; a later close date names its reason beside it
# (INV-2.4). Who moves a deal may name its stage among other changes: the edit is then that move, with its gates.
EDITABLE = DEAL - {"account", "type"} | {"slip_reason", "stage"}
CREATE = DEAL | {"primary_contact"}
TECHNICAL = {"technical_note"}
# Written by moves, by closing, by assigning and by what a deal copies from its account; edited by nobody.
COMPUTED = {
    "name",
    "segment",
    "territory",
    "geo",
    "stage",
    "stage_since",
    "probability",
    "push_count",
    "booked_at",
    "closed_at",
    "loss_reason",
    "loss_note",
    "lost_source",
    "last_buyer_contact_on",
    "opened_at",
    "last_buyer_activity_at",
    "owner",
    "queue",
    "team",
    "created_at",
    "updated_at",
    "tombstone_of",
}
IMPORTED = {"imported_name", "is_won", "is_closed"}
ALL_FIELDS = CREATE | EDITABLE | TECHNICAL | COMPUTED | IMPORTED

_MOVES = {"transition": OWN, "contact_roles": OWN}
_MANAGES = Grant(
    view=SUBTREE,
    edits=edit(SUBTREE, {"forecast_category", "stage"}),
    actions={
        "transition": SUBTREE,
        "reopen_late": SUBTREE,
        "reassign": SUBTREE,
        "inspect": SUBTREE,
        "excuse": SUBTREE,
    },
)

declare(
    "opportunities.opportunity",
    fields=ALL_FIELDS,
    keys=Keys(person="owner_id", team="team_id", ledger=True),
    grants={
        "SDR": Grant(view=OWN),
        "AE": Grant(
            view=TEAM,
            create=frozenset(CREATE),
            edits=edit(OWN, EDITABLE | TECHNICAL),
            actions=_MOVES | {"open_new_business": OWN},
        ),
        "SE": Grant(view=OWN, edits=edit(OWN, TECHNICAL)),
        # Renewals and expansions only: new business asks for `open_new_business`.
        "CSM RENEWALS AM": Grant(
            view=OWN, create=frozenset(CREATE), edits=edit(OWN, EDITABLE), actions=_MOVES
        ),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": _MANAGES,
        "SALES_OPS": Grant(view=ALL, actions={"reassign": ALL, "import": ALL}),
        "REVOPS": Grant(view=ALL, actions={"reassign": ALL, "excuse": ALL, "import": ALL}),
        # Deals with a quote or a contract, once there are such; what is won they alone may reopen.
        "FINANCE": Grant(actions={"reopen_won": ALL}),
        "DEAL_DESK": Grant(view=ALL, actions={"high_risk_review": ALL}),
        "MKT_OPS EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT": Grant(view=ALL),
    },
)

_ROLE_EDITS = {"role", "influence", "is_primary", "is_active"}
_ROLE_CREATE = frozenset({"opportunity", "contact", "role", "influence", "is_primary"})
_ROLE = _ROLE_CREATE | _ROLE_EDITS | {"raw_label", "engaged_at", "created_at", "updated_at"}
_SEEN_BY_ALL = "MKT_OPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT"

declare(
    "opportunities.oppcontactrole",
    fields=_ROLE,
    keys=Keys(parent="opportunity"),
    grants={
        "SDR SE": Grant(view=OWN),
        "AE": Grant(view=TEAM, create=_ROLE_CREATE, edits=(Edit(OWN, frozenset(_ROLE_EDITS)),)),
        "CSM RENEWALS AM": Grant(view=OWN, create=_ROLE_CREATE, edits=(Edit(OWN, frozenset(_ROLE_EDITS)),)),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE),
        "SALES_OPS REVOPS": Grant(view=ALL, actions={"import": ALL}),
        _SEEN_BY_ALL: Grant(view=ALL),
    },
)

_WITH_THE_DEAL = {
    "SDR SE CSM RENEWALS AM": Grant(view=OWN),
    "AE": Grant(view=TEAM),
    "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE),
    f"SALES_OPS REVOPS {_SEEN_BY_ALL}": Grant(view=ALL),
}
_INTERVAL = {
    "opportunity",
    "stage",
    "active_from",
    "active_to",
    "entered_by",
    "via",
    "reason_code",
    "note",
    "probability",
}
declare(
    "opportunities.stageinterval",
    fields=_INTERVAL | {"forecast_category", "created_at"},
    keys=Keys(parent="opportunity"),
    grants={
        **{codes: grant for codes, grant in _WITH_THE_DEAL.items() if "REVOPS" not in codes},
        "SALES_OPS REVOPS": Grant(view=ALL, actions={"import": ALL}),
        _SEEN_BY_ALL: Grant(view=ALL),
    },
)
declare(
    "opportunities.namehistory",
    fields={"opportunity", "name", "source", "used_until", "created_at"},
    keys=Keys(parent="opportunity"),
    grants=_WITH_THE_DEAL,
)
declare(
    "opportunities.opportunityactivity",
    fields={"opportunity", "activity", "occurred_at", "is_active", "created_at"},
    keys=Keys(parent="opportunity"),
    grants=_WITH_THE_DEAL,
)

declare(
    "opportunities.leadconversion",
    fields={"lead", "opportunity", "converted_at", "created_at"},
    keys=Keys(parent="lead"),
    grants={
        "SDR AE": Grant(view=TEAM),
        "SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE),
        "SALES_OPS REVOPS MKT_OPS EXEC CRO CFO COUNCIL AUDITOR ADMIN PRIVACY": Grant(view=ALL),
    },
)

_EVERYBODY = (
    "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES SALES_OPS REVOPS MKT_OPS FINANCE LEGAL "
    "DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT"
)
for _label, _fields in {
    "opportunities.usecase": {"code", "label", "is_active"},
    "opportunities.reason": {
        "kind",
        "code",
        "label",
        "requires_competitor",
        "requires_text",
        "is_active",
    },
}.items():
    declare(_label, fields=_fields, grants={_EVERYBODY: Grant(view=ALL)})
    declare_set_up(_label)
