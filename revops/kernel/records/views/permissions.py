"""The access rows of saved views (A23): everybody keeps their own; who leads a team or operations shares them.

With whom a view is shared decides its own rows (`ViewQuerySet`). `keep` is what operations do with views that
others share: change, share and archive them; of private ones they see nothing.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare, edit
from revops.kernel.people.enums import Role

OWN, ALL = Scope.OWN, Scope.ALL
SHARERS = ("SALES_MGR", "DIRECTOR", "VP_SALES", "CS_LEAD", "MKT_OPS", "PARTNER_MGR", "ENABLEMENT")
KEEPERS = ("SALES_OPS", "REVOPS")

_VIEW = {
    "record_type", "name", "layout", "content", "owner", "is_archived", "created_at", "updated_at",
}  # fmt: skip
_GIVEN = frozenset({"record_type", "name", "layout", "content"})
_CHANGED = frozenset({"name", "layout", "content", "is_archived"})

declare(
    "records.savedview",
    fields=_VIEW,
    keys=Keys(person="owner_id"),
    grants={
        " ".join(role for role in Role.values if role not in (*SHARERS, *KEEPERS)): Grant(
            view=OWN, create=_GIVEN, edits=edit(OWN, _CHANGED)
        ),
        " ".join(SHARERS): Grant(view=OWN, create=_GIVEN, edits=edit(OWN, _CHANGED), actions={"share": OWN}),
        " ".join(KEEPERS): Grant(
            view=OWN, create=_GIVEN, edits=edit(ALL, _CHANGED), actions={"share": ALL, "keep": ALL}
        ),
    },
)
