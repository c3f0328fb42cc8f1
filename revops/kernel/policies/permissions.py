"""The access rows of policies (spec/access.md: "Policies, RFCs"): everybody reads them, operations draft them."""

from revops.kernel.people.access import Grant, Scope, declare

ALL = Scope.ALL
READERS = (
    "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES MKT_OPS FINANCE LEGAL DEAL_DESK EXEC CRO CFO "
    "COUNCIL AUDITOR ADMIN PARTNER_MGR ENABLEMENT PRIVACY PRODUCT SECURITY"
)
_POLICY = frozenset({"key", "domain", "scope", "scope_key", "priority", "created_at", "updated_at"})
DRAFTED = frozenset({"policy", "body", "mode", "source_note", "migrate"})
_VERSION = DRAFTED | {
    "n",
    "status",
    "effective_from",
    "effective_to",
    "authority",
    "applied_at",
    "created_at",
    "updated_at",
}
_GO_LIVE = {"activate": ALL, "retire": ALL}

declare(
    "policies.policy",
    fields=_POLICY,
    grants={
        READERS: Grant(view=ALL),
        "SALES_OPS REVOPS": Grant(view=ALL, create=frozenset({"key", "scope", "priority"})),
    },
)
declare(
    "policies.policyversion",
    fields=_VERSION,
    grants={
        READERS: Grant(view=ALL),
        "SALES_OPS": Grant(view=ALL, create=DRAFTED),
        "REVOPS": Grant(view=ALL, create=DRAFTED, actions=_GO_LIVE),
    },
)
declare(
    "policies.setupmode",
    fields={"ended_at", "ended_by"},
    grants={
        f"{READERS} SALES_OPS": Grant(view=ALL),
        "REVOPS": Grant(view=ALL, create=frozenset({"ended_at"})),
    },
)
declare(
    "policies.keptsimulation",
    fields={
        "policy_key",
        "scope",
        "mode",
        "digest",
        "record_type",
        "total",
        "moved",
        "counts",
        "changed",
        "past",
        "simulated_at",
        "simulated_by",
        "created_at",
        "updated_at",
    },
    grants={f"{READERS} SALES_OPS REVOPS": Grant(view=ALL)},
)
declare(
    "policies.brokenversion",
    fields={"policy_version", "found_on", "problems", "created_at", "updated_at"},
    grants={f"{READERS} SALES_OPS REVOPS": Grant(view=ALL)},
)
