"""The access rows of approvals (spec/access.md, "Approvals, packets, obligations").

Who asks for an approval sees it, so do their managers; whoever is asked to decide sees it as their own, and decides.
Operations, executives, auditors and administrators see all; administrators and auditors decide nothing.
"""

from revops.kernel.approvals import queries
from revops.kernel.people.access import Also, Grant, Keys, Scope, declare

OWN, SUBTREE, ALL = Scope.OWN, Scope.SUBTREE, Scope.ALL
FIELDS = {
    "purpose", "title", "subject_type", "subject_id", "subject_owner", "state", "policy_ref", "submitter", "team",
    "submitted_at", "decided_at", "valid_until", "note", "created_at", "updated_at",
}  # fmt: skip


def _asked(view: Scope) -> Grant:
    return Grant(view=view, actions={"decide": OWN, "recall": OWN})


declare(
    "approvals.approvalrequest",
    fields=FIELDS,
    keys=Keys(person="submitter_id", team="team_id", also=Also(queries.requests_asking, queries.asked_by)),
    grants={
        "SDR AE SE CSM RENEWALS AM MKT_OPS FINANCE LEGAL PARTNER_MGR ENABLEMENT PRIVACY PRODUCT SECURITY": _asked(
            OWN
        ),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": _asked(SUBTREE),
        "SALES_OPS REVOPS DEAL_DESK EXEC CRO CFO COUNCIL": _asked(ALL),
        "AUDITOR ADMIN": Grant(view=ALL),
        "PARTNER": Grant(view=OWN),
    },
)

_DELEGATION = frozenset({"delegator", "delegate", "active_from", "active_to", "reason"})
_SELF = Grant(view=OWN, create=_DELEGATION, actions={"end": OWN})
declare(
    "approvals.delegation",
    fields=_DELEGATION | {"created_at", "updated_at"},
    keys=Keys(person="delegator_id", maker="delegate_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM MKT_OPS FINANCE LEGAL PARTNER_MGR ENABLEMENT PRIVACY PRODUCT SECURITY": _SELF,
        "DEAL_DESK EXEC CRO CFO COUNCIL SALES_OPS": _SELF,
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE, create=_DELEGATION, actions={"end": OWN}),
        "REVOPS": Grant(view=ALL, create=_DELEGATION, actions={"end": ALL}),
        "AUDITOR ADMIN": Grant(view=ALL),
    },
)
