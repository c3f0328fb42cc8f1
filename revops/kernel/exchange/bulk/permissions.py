"""The access rows of bulk changes: over what one may change oneself; operations see everybody's.

What may be done with which record is asked of the record type itself, when it is done (A17).
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare

ALL, OWN = Scope.ALL, Scope.OWN
LABEL = "exchange.bulkrun"

_ASKED = frozenset({"record_type", "deed", "values", "reason", "parameters", "ids"})
_RUN = _ASKED | {
    "asked_by", "undoes", "undone_by", "state", "total", "repeated", "changed", "unchanged", "refused", "denied",
    "trouble", "items", "preview", "created_at", "started_at", "finished_at",
}  # fmt: skip

declare(
    LABEL,
    fields=_RUN,
    keys=Keys(person="asked_by_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES MKT_OPS FINANCE LEGAL PRIVACY": Grant(
            view=OWN, create=_ASKED, actions={"start": OWN, "undo": OWN}
        ),
        "SALES_OPS REVOPS": Grant(view=ALL, create=_ASKED, actions={"start": OWN, "undo": ALL}),
        "AUDITOR": Grant(view=ALL),
    },
)
