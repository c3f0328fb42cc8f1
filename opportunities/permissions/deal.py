"""The access rows of deals (spec/access.md)."""

from accounts.permissions import account  # noqa: F401 - a deal is seen beside its account
from revops.kernel.people.access import Grant, Keys, Scope, declare, edit

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
    "next_step_kind",
    "next_step_side",
    "next_step_contact",
    "competitor",
    "description",
}
# Where a deal came from is said once, where nobody has said it yet; a later close date names its reason beside it
# (INV-2.4). Who moves a deal may name its stage among other changes: the edit is then that move, with its gates.
EDITABLE = DEAL - {"account", "type"} | {"slip_reason", "stage", "stage_reason"}
CREATE = DEAL | {"primary_contact"}
TECHNICAL = {"technical_note"}
# What happens next: whoever may move a deal may say so (access, "Stage evidence, MEDDICC, next step").
NEXT_STEP = {"next_step", "next_step_on", "next_step_kind", "next_step_side", "next_step_contact"}
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

_MOVES = {"transition": OWN, "contact_roles": OWN, "qualify": OWN, "next_step": OWN}
_MANAGES = Grant(
    view=SUBTREE,
    edits=edit(SUBTREE, {"forecast_category", "stage", "stage_reason"} | NEXT_STEP),
    actions={
        "transition": SUBTREE,
        "qualify": SUBTREE,
        "next_step": SUBTREE,
        "verify": SUBTREE,
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
        "SE": Grant(view=OWN, edits=edit(OWN, TECHNICAL), actions={"qualify": OWN}),
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
