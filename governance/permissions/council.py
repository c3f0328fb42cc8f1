"""The access rows of the council (spec/access.md, "Policies, RFCs": COUNCIL decides).

Which seat somebody sits on says the council's policy; the right to vote at all says this table.
"""

from governance.permissions.rfc import ASKERS, READERS
from revops.kernel.people.access import Grant, Keys, Scope, declare, edit

OWN, ALL = Scope.OWN, Scope.ALL
WORDS = frozenset({"topic", "options", "impact", "evidence", "urgency", "owner", "meets_on"})
CREATE = WORDS | {"rfc"}
_COMPUTED = {"proposer", "state", "outcome", "decided_at", "decided_under", "created_at", "updated_at"}
_BRINGS = {"withdraw": OWN}
_DECIDES = {"vote": ALL, "decide": ALL, "defer": ALL, "add_follow_up": ALL}

declare(
    "governance.decisionitem",
    fields=CREATE | _COMPUTED,
    keys=Keys(person="proposer_id", maker="owner_id"),
    grants={
        ASKERS: Grant(view=ALL, create=CREATE, edits=edit(OWN, WORDS), actions=_BRINGS),
        "SALES_OPS REVOPS": Grant(view=ALL, create=CREATE, edits=edit(ALL, WORDS), actions={"withdraw": ALL}),
        "COUNCIL": Grant(
            view=ALL, create=CREATE, edits=edit(ALL, WORDS), actions=_DECIDES | {"withdraw": OWN}
        ),
        " ".join(role for role in READERS.split() if role != "COUNCIL"): Grant(view=ALL),
    },
)
declare(
    "governance.decisionvote",
    fields={"item", "seat", "voter", "choice", "dissent", "cast_at", "created_at", "updated_at"},
    keys=Keys(parent="item"),
    grants={f"{ASKERS} SALES_OPS REVOPS {READERS}": Grant(view=ALL)},
)
