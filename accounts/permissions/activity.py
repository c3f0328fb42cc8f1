"""The access rows of activities and their attendees (spec/access.md, "Activity")."""

from revops.kernel.people.access import Grant, Keys, Scope, declare, edit

OWN, TEAM, SUBTREE, ALL = Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

# The 24 hours after which nobody changes them any more are a rule of the action (ACT-013).
EDITABLE = {"subject", "body", "occurred_at", "duration_s", "direction", "outcome"}
CREATE = EDITABLE | {"kind", "account", "lead", "contacts"}
COMPUTED = {"qualifies_buyer", "owner", "team", "created_at", "updated_at"}

# What one logged is one's own to correct, and a meeting one planned to bring to its end.
_HANDS = {"record_outcome": OWN, "set_attendees": OWN}


def _logs(view: Scope) -> Grant:
    return Grant(view=view, create=frozenset(CREATE), edits=edit(OWN, EDITABLE), actions=_HANDS)


declare(
    "accounts.activity",
    fields=CREATE | COMPUTED,
    keys=Keys(person="owner_id", team="team_id", dated=True),
    grants={
        "SDR AE": _logs(TEAM),
        "SE CSM RENEWALS AM": _logs(OWN),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(
            view=SUBTREE, create=frozenset(CREATE), actions={"record_outcome": OWN}
        ),
        "SALES_OPS REVOPS": Grant(view=ALL, actions={"import": ALL}),
        "MKT_OPS EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT": Grant(view=ALL),
        "FINANCE LEGAL DEAL_DESK": Grant(view=OWN),
    },
)

_ANSWERS = {"response"}
declare(
    "accounts.activityattendee",
    fields={"activity", "contact", "response", "is_active", "created_at", "updated_at"},
    keys=Keys(parent="activity"),
    grants={
        "SDR AE": Grant(view=TEAM, edits=edit(OWN, _ANSWERS)),
        "SE CSM RENEWALS AM": Grant(view=OWN, edits=edit(OWN, _ANSWERS)),
        "FINANCE LEGAL DEAL_DESK": Grant(view=OWN),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE),
        "SALES_OPS REVOPS MKT_OPS EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT": Grant(view=ALL),
    },
)
