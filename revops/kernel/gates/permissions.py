"""The access rows of attempts: who answers for a record sees what was tried with it, operations and auditors all."""

from revops.kernel.people.access import Grant, Keys, Scope, declare

OWN, TEAM, SUBTREE, ALL = Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

declare(
    "gates.gateattempt",
    fields={
        "machine",
        "transition",
        "subject_type",
        "subject_id",
        "from_state",
        "to_state",
        "outcome",
        "findings",
        "observed",
        "excused",
        "acknowledged",
        "decision",
        "source",
        "tried_by",
        "tried_at",
        "owner",
        "team",
        "created_at",
    },
    keys=Keys(person="owner_id", team="team_id", maker="tried_by_id"),
    grants={
        "SDR SE CSM RENEWALS AM": Grant(view=OWN),
        "AE": Grant(view=TEAM),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE),
        "SALES_OPS REVOPS DEAL_DESK ENABLEMENT EXEC CRO CFO COUNCIL AUDITOR ADMIN": Grant(view=ALL),
    },
)
