"""The access rows of requests for change (spec/access.md, "Policies, RFCs"): everybody reads, most may ask.

Who approves says the change board's policy, not this table. What is asked is edited by whoever asked and by operations.
"""

from revops.kernel.people.access import Edit, Grant, Keys, Scope, declare, edit

OWN, ALL = Scope.OWN, Scope.ALL
WORDS = frozenset(
    {"title", "problem", "proposal", "impact", "rollback_plan", "training", "urgency", "migrate"}
    | {"window_from", "window_to", "planned_at"}
)
CREATE = WORDS | {"drafts"}
_COMPUTED = {
    "requester", "state", "touches_sales", "touches_marketing", "touches_money", "content_digest", "submitted_at",
    "decided_at", "live_at", "live_by", "check_due_on", "ratified_at", "rollback_asked_at", "rolled_back_at",
    "rolled_back_by", "created_at", "updated_at",
}  # fmt: skip
ASKERS = "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES MKT_OPS FINANCE LEGAL DEAL_DESK"
READERS = "EXEC CRO CFO COUNCIL AUDITOR ADMIN PARTNER_MGR ENABLEMENT PRIVACY PRODUCT SECURITY"
_ASKS = {"attach": OWN, "detach": OWN, "submit": OWN, "withdraw": OWN}
_OPERATES = dict.fromkeys(_ASKS, ALL) | {"simulate": ALL, "put_to_council": ALL}

declare(
    "governance.changerequest",
    fields=CREATE | _COMPUTED,
    keys=Keys(person="requester_id"),
    grants={
        ASKERS: Grant(view=ALL, create=CREATE, edits=edit(OWN, WORDS), actions=_ASKS),
        "SALES_OPS": Grant(view=ALL, create=CREATE, edits=edit(ALL, WORDS), actions=_OPERATES),
        "REVOPS": Grant(
            view=ALL,
            create=CREATE,
            edits=(Edit(ALL, WORDS),),
            actions=_OPERATES | {"schedule": ALL, "go_live": ALL, "roll_back": ALL},
        ),
        READERS: Grant(view=ALL),
    },
)
declare(
    "governance.rfcchange",
    fields={"rfc", "policy_version", "replaced", "simulation", "is_active", "created_at", "updated_at"},
    keys=Keys(parent="rfc"),
    grants={f"{ASKERS} SALES_OPS REVOPS {READERS}": Grant(view=ALL)},
)
