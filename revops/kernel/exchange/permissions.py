"""The access rows of imports (spec/access.md, "Imports").

`commit` is the right to run an import for good, `revert` to take it back; which record types one may import is the
action `import` of the record type itself, and which columns its `create` and `edit` fields.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare

ALL, OWN = Scope.ALL, Scope.OWN

_RUN = {
    "record_type", "mapping", "file_name", "sha256", "size", "encoding", "delimiter", "options", "started_by", "state",
    "total_rows", "created", "updated", "unchanged", "rejected", "skipped", "findings", "outcomes", "started_at",
    "heartbeat_at", "finished_at", "removed", "restored", "kept", "reverted_by", "reverted_at",
}  # fmt: skip

declare(
    "exchange.importrun",
    fields=_RUN,
    keys=Keys(person="started_by"),
    grants={
        "SALES_OPS REVOPS": Grant(
            view=ALL, create=frozenset({"mapping", "options"}), actions={"commit": ALL, "revert": ALL}
        ),
        "MKT_OPS": Grant(view=OWN, create=frozenset({"mapping", "options"}), actions={"commit": OWN}),
        "AUDITOR": Grant(view=ALL),
    },
)

declare(
    "exchange.externallink",
    fields={"system", "record_type", "external_id", "record_id", "first_seen_at"},
    grants={"SALES_OPS REVOPS AUDITOR": Grant(view=ALL)},
)
