"""The access rows of clocks (spec/access.md, "Approvals, packets, obligations"): who answers for one sees it.

Managers see those of their people, operations, executives, auditors and administrators all. Nobody writes one by hand.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare

FIELDS = frozenset(
    {
        "policy_key", "policy_ref", "title", "subject_type", "subject_id", "subject", "cycle", "state", "measure",
        "target_s", "calendar_key", "calendar_version", "started_at", "running_since", "used_s", "due_at",
        "stopped_at", "breached_at", "owner", "team", "created_at", "updated_at",
    }
)  # fmt: skip

declare(
    "sla.slaclock",
    fields=FIELDS,
    keys=Keys(person="owner_id", team="team_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM MKT_OPS FINANCE LEGAL PARTNER PARTNER_MGR PRIVACY": Grant(view=Scope.OWN),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(view=Scope.SUBTREE),
        "SALES_OPS REVOPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=Scope.ALL),
    },
)
