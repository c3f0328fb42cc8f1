"""The access rows of obligations (spec/access.md, "Approvals, packets, obligations").

Who owns a task or asked for it sees it, so do the managers of its owner; operations, executives, auditors and
administrators see all. Whoever is asked does what is asked; administrators, executives and auditors write nothing.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare, edit

OWN, SUBTREE, ALL = Scope.OWN, Scope.SUBTREE, Scope.ALL

EDITABLE = frozenset({"text", "note", "due_on", "due_at", "priority", "counterparty_side"})
CREATE = EDITABLE | {"owner", "subject"}
_COMPUTED = {
    "kind", "subject_type", "subject_id", "creator", "state", "outcome", "evidence_ref", "done_at", "done_by",
    "source_ref", "overdue_told", "queue", "team", "created_at", "updated_at",
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

# Packets: who sends sees their own, who is named as its receiver as well; managers those of their people. Whoever
# decides must hold a role of the template besides (`standing.decides`).
_FILLED = frozenset({"template", "subject", "values", "receiver"})
_KEPT = {
    "title", "owner", "queue", "team", "template_version", "template_ref", "form", "roles", "subject_type",
    "subject_id", "facts", "state", "submitted_at", "submitted_by", "decided_at", "decided_by", "gaps",
    "withdrawn_because", "supersedes", "created_at", "updated_at",
}  # fmt: skip


def _sends(view: Scope, decides: Scope, hands: Scope = OWN) -> Grant:
    return Grant(
        view=view,
        create=_FILLED,
        edits=edit(hands, {"values", "receiver"}),
        actions={"submit": hands, "withdraw": hands, "decide": decides},
    )


declare(
    "packets.packet",
    fields=_FILLED | _KEPT,
    keys=Keys(person="owner_id", team="team_id", maker="receiver_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM MKT_OPS FINANCE LEGAL": _sends(OWN, OWN),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": _sends(SUBTREE, SUBTREE, SUBTREE),
        "SALES_OPS REVOPS": Grant(
            view=ALL,
            create=_FILLED,
            edits=edit(OWN, {"values", "receiver"}),
            actions={"submit": OWN, "withdraw": ALL, "decide": ALL},
        ),
        "DEAL_DESK": _sends(ALL, ALL),
        "EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=ALL),
    },
)
