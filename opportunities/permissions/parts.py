"""The access rows of what belongs to a deal: people in it, its stages, its names, its activities, its lists."""

from opportunities.permissions.deal import ALL, OWN, SUBTREE, TEAM
from revops.kernel.people.access import Edit, Grant, Keys, declare, declare_set_up

_ROLE_EDITS = {"role", "influence", "is_primary", "is_active"}
_ROLE_CREATE = frozenset({"opportunity", "contact", "role", "influence", "is_primary"})
_ROLE = _ROLE_CREATE | _ROLE_EDITS | {"raw_label", "engaged_at", "created_at", "updated_at"}
SEEN_BY_ALL = "MKT_OPS DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT"

declare(
    "opportunities.oppcontactrole",
    fields=_ROLE,
    keys=Keys(parent="opportunity"),
    grants={
        "SDR SE": Grant(view=OWN),
        "AE": Grant(view=TEAM, create=_ROLE_CREATE, edits=(Edit(OWN, frozenset(_ROLE_EDITS)),)),
        "CSM RENEWALS AM": Grant(view=OWN, create=_ROLE_CREATE, edits=(Edit(OWN, frozenset(_ROLE_EDITS)),)),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE),
        "SALES_OPS REVOPS": Grant(view=ALL, actions={"import": ALL}),
        SEEN_BY_ALL: Grant(view=ALL),
    },
)

WITH_THE_DEAL = {
    "SDR SE CSM RENEWALS AM": Grant(view=OWN),
    "AE": Grant(view=TEAM),
    "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE),
    f"SALES_OPS REVOPS {SEEN_BY_ALL}": Grant(view=ALL),
}
_INTERVAL = {
    "opportunity",
    "stage",
    "active_from",
    "active_to",
    "entered_by",
    "via",
    "reason_code",
    "note",
    "probability",
    "aged_at",
}
declare(
    "opportunities.stageinterval",
    fields=_INTERVAL | {"forecast_category", "created_at"},
    keys=Keys(parent="opportunity"),
    grants={
        **{codes: grant for codes, grant in WITH_THE_DEAL.items() if "REVOPS" not in codes},
        "SALES_OPS REVOPS": Grant(view=ALL, actions={"import": ALL}),
        SEEN_BY_ALL: Grant(view=ALL),
    },
)
declare(
    "opportunities.namehistory",
    fields={"opportunity", "name", "source", "used_until", "created_at"},
    keys=Keys(parent="opportunity"),
    grants=WITH_THE_DEAL,
)
declare(
    "opportunities.opportunityactivity",
    fields={"opportunity", "activity", "occurred_at", "is_active", "created_at"},
    keys=Keys(parent="opportunity"),
    grants=WITH_THE_DEAL,
)

declare(
    "opportunities.leadconversion",
    fields={"lead", "opportunity", "converted_at", "created_at"},
    keys=Keys(parent="lead"),
    grants={
        "SDR AE": Grant(view=TEAM),
        "SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE),
        "SALES_OPS REVOPS MKT_OPS EXEC CRO CFO COUNCIL AUDITOR ADMIN PRIVACY": Grant(view=ALL),
    },
)

EVERYBODY = (
    "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES SALES_OPS REVOPS MKT_OPS FINANCE LEGAL "
    "DEAL_DESK EXEC CRO CFO COUNCIL AUDITOR ADMIN ENABLEMENT"
)
for _label, _fields in {
    "opportunities.usecase": {"code", "label", "is_active"},
    "opportunities.reason": {
        "kind",
        "code",
        "label",
        "requires_competitor",
        "requires_text",
        "is_active",
    },
}.items():
    declare(_label, fields=_fields, grants={EVERYBODY: Grant(view=ALL)})
    declare_set_up(_label)
