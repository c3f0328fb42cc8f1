"""The access rows of exports (spec/access.md, "Exports"): over what one sees; SALES_OPS and REVOPS approve.

Which rows and columns a file may hold is asked of the record type itself, at the time it is written.
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare

ALL, OWN = Scope.ALL, Scope.OWN

_EXPORT = {
    "record_type", "parameters", "columns", "format", "layout", "exact", "purpose", "requested_by", "counted",
    "approval_reasons", "state", "decided_by", "decided_at", "decision_reason", "failure", "rows", "size", "sha256",
    "ready_at", "expires_at", "downloads", "created_at", "updated_at",
}  # fmt: skip
_ASKED = frozenset({"parameters", "columns", "format", "layout", "exact", "purpose"})

declare(
    "exchange.dataexport",
    fields=_EXPORT,
    keys=Keys(person="requested_by_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES MKT_OPS FINANCE LEGAL DEAL_DESK EXEC CRO CFO "
        "COUNCIL": Grant(view=OWN, create=_ASKED),
        "SALES_OPS REVOPS": Grant(view=ALL, create=_ASKED, actions={"approve": ALL}),
        "AUDITOR ADMIN": Grant(view=ALL),
    },
)
