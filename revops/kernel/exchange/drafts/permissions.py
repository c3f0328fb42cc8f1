"""The access rows of imports that are being prepared (spec/access.md, "Imports").

What one may import at all is the action `import` of the record type, asked when the work is done and not before.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare
from revops.kernel.people.access import edit as edits

ALL, OWN = Scope.ALL, Scope.OWN

_DECIDED = frozenset(
    {"object", "file_name", "options", "mapping", "columns", "constants", "values", "answers", "repairs"}
)
_DRAFT = _DECIDED | {
    "size", "sha256", "format", "seen", "state", "trouble", "check_result", "findings", "total", "done", "run",
    "report", "created_by", "created_at", "updated_at", "expires_at",
}  # fmt: skip

declare(
    "exchange.importdraft",
    fields=_DRAFT,
    keys=Keys(person="created_by_id"),
    grants={
        "SALES_OPS REVOPS": Grant(
            view=ALL, create=_DECIDED, edits=edits(ALL, _DECIDED), actions={"commit": ALL, "revert": ALL}
        ),
        "MKT_OPS": Grant(view=OWN, create=_DECIDED, edits=edits(OWN, _DECIDED), actions={"commit": OWN}),
        "AUDITOR": Grant(view=ALL),
    },
)

_MAPPING = frozenset({"object", "name", "is_shared", "system", "migration", "columns", "constants", "values"})

declare(
    "exchange.savedmapping",
    fields=_MAPPING | {"owner", "created_at", "updated_at"},
    keys=Keys(person="owner_id"),
    grants={
        "SALES_OPS REVOPS MKT_OPS": Grant(view=OWN, create=_MAPPING, edits=edits(OWN, _MAPPING)),
        "AUDITOR": Grant(view=ALL),
    },
)
