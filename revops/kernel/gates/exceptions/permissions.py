"""The access rows of exceptions (spec/access.md, "Policy exceptions").

Who answers for one or asked for it sees it, so do the managers of its owner. Which of those who may approve does so for
a given line, that line says (money and terms: FINANCE, LEGAL, DEAL_DESK).
"""

from revops.kernel.people.access import Grant, Keys, Scope, declare

OWN, SUBTREE, ALL = Scope.OWN, Scope.SUBTREE, Scope.ALL

CREATE = frozenset(
    {
        "policy_key",
        "criterion_key",
        "subject",
        "scope_note",
        "justification",
        "compensating_control",
        "risk",
        "owner",
        "starts_at",
        "expires_at",
        "max_uses",
    }
)
COMPUTED = frozenset(
    {
        "name",
        "subject_type",
        "subject_id",
        "requested_by",
        "approver",
        "decided_at",
        "term_from",
        "ends_by",
        "state",
        "renewals_used",
        "uses",
        "rules_ref",
        "closing_note",
        "is_settled",
        "lapsed_at",
        "review_week",
        "created_at",
        "updated_at",
    }
)
_WATCHERS = "EXEC CRO CFO COUNCIL AUDITOR ADMIN"

declare(
    "gates.policyexception",
    fields=CREATE | COMPUTED,
    keys=Keys(person="owner_id", maker="requested_by_id"),
    grants={
        "SDR AE SE CSM RENEWALS AM MKT_OPS": Grant(view=OWN, create=CREATE, actions={"withdraw": OWN}),
        "CS_LEAD": Grant(view=SUBTREE, create=CREATE, actions={"withdraw": OWN}),
        "SALES_MGR DIRECTOR VP_SALES": Grant(
            view=SUBTREE, create=CREATE, actions={"withdraw": OWN, "approve": SUBTREE}
        ),
        "SALES_OPS": Grant(view=ALL, create=CREATE, actions={"withdraw": OWN, "approve": ALL, "review": ALL}),
        "REVOPS": Grant(
            view=ALL,
            create=CREATE,
            actions={"withdraw": OWN, "approve": ALL, "review": ALL, "revoke": ALL},
        ),
        "FINANCE LEGAL DEAL_DESK": Grant(view=ALL, actions={"approve": ALL}),
        _WATCHERS: Grant(view=ALL),
    },
)

_WITH_THE_EXCEPTION = {
    "SDR AE SE CSM RENEWALS AM MKT_OPS": Grant(view=OWN),
    "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE),
    f"SALES_OPS REVOPS FINANCE LEGAL DEAL_DESK {_WATCHERS}": Grant(view=ALL),
}
declare(
    "gates.exceptionuse",
    fields={"exception", "decision", "used_at", "created_at"},
    keys=Keys(parent="exception"),
    grants=_WITH_THE_EXCEPTION,
)
declare(
    "gates.exceptionreview",
    fields={"exception", "week", "decision", "note", "reviewed_by", "reviewed_at", "created_at"},
    keys=Keys(parent="exception"),
    grants=_WITH_THE_EXCEPTION,
)
declare(
    "gates.gatedebt",
    fields={
        "name",
        "policy_key",
        "criterion_key",
        "subject_type",
        "subject_id",
        "subject",
        "exception",
        "owner",
        "state",
        "opened_at",
        "due_at",
        "closed_at",
        "created_at",
        "updated_at",
    },
    keys=Keys(person="owner_id"),
    grants=_WITH_THE_EXCEPTION,
)
