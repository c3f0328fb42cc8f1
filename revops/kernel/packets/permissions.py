"""The access rows of obligations (spec/access.md, "Approvals, packets, obligations").

Who owns a task or asked for it sees it, so do the managers of its owner; operations, executives, auditors and
administrators see all. Whoever is asked does what is asked; administrators, executives and auditors write nothing.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare, edit

OWN, SUBTREE, ALL = Scope.OWN, Scope.SUBTREE, Scope.ALL

EDITABLE = frozenset({"text", "note", "due_on", "due_at", "priority", "counterparty_side"})
CREATE = EDITABLE | {"owner", "subject"}
_COMPUTED = {
    "kind", "subject_type", "subject_id", "creator", "state", "outcome", "done_at", "done_by", "source_ref", "queue",
    "team", "created_at", "updated_at",
}  # fmt: skip


def _asked(view: Scope, hands: Scope, assigns: Scope) -> Grant:
    return Grant(
        view=view,
        create=CREATE,
        edits=edit(hands, EDITABLE),
        actions={"complete": hands, "assign": assigns},
    )


declare(
    "packets.obligation",
    fields=CREATE | _COMPUTED,
    keys=Keys(person="owner_id", team="team_id", maker="creator_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM MKT_OPS FINANCE LEGAL": _asked(OWN, OWN, OWN),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": _asked(SUBTREE, SUBTREE, SUBTREE),
        "SALES_OPS REVOPS": _asked(ALL, OWN, ALL),
        "DEAL_DESK": _asked(ALL, OWN, OWN),
        "EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=ALL),
        "PARTNER": Grant(view=OWN, actions={"complete": OWN}),
    },
)
