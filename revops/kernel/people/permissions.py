"""The access rows of the people mechanism (spec/access.md: "Users, teams, roles, availability", "Ownership")."""

from revops.kernel.people.access import Edit, Grant, Keys, Scope, declare, declare_set_up, edit

OWN, SUBTREE, ALL = Scope.OWN, Scope.SUBTREE, Scope.ALL
SELVES = (
    "SDR AE SE CSM RENEWALS AM MKT_OPS FINANCE LEGAL DEAL_DESK EXEC CRO CFO COUNCIL "
    "PARTNER PARTNER_MGR ENABLEMENT PRIVACY PRODUCT SECURITY"
)
MANAGERS = "SALES_MGR DIRECTOR VP_SALES CS_LEAD"
OPERATIONS = "SALES_OPS REVOPS"

_USER = {
    "name",
    "email",
    "kind",
    "is_active",
    "team",
    "manager",
    "roles",
    "availability",
    "created_at",
    "updated_at",
}

declare(
    "identity.user",
    fields=_USER,
    keys=Keys(person="id"),
    grants={
        SELVES: Grant(view=OWN, edits=edit(OWN, {"availability"})),
        MANAGERS: Grant(view=SUBTREE, edits=edit(SUBTREE, {"availability"})),
        OPERATIONS: Grant(view=ALL, edits=edit(ALL, {"team", "availability"})),
        "AUDITOR": Grant(view=ALL),
        "ADMIN": Grant(
            view=ALL,
            create=frozenset({"name", "email", "kind", "team", "manager", "roles"}),
            edits=(Edit(ALL, frozenset({"name", "email", "team", "manager", "availability"})),),
            actions={"deactivate": ALL, "reactivate": ALL, "grant_role": ALL},
        ),
    },
)

_TEAM = {"name", "parent", "manager", "is_active"}
for _label, _fields in {
    "people.team": _TEAM,
    "people.queue": {"name", "key", "team", "is_active", "members"},
    "people.territory": {"code", "name", "default_owner", "default_queue", "is_active"},
}.items():
    declare(
        _label,
        fields=_fields,
        grants={
            f"{SELVES} {MANAGERS} AUDITOR": Grant(view=ALL),
            OPERATIONS: Grant(view=ALL, create=frozenset(_fields), edits=edit(ALL, _fields)),
            "ADMIN": Grant(view=ALL)
            if _label == "people.territory"
            else Grant(view=ALL, create=frozenset(_fields), edits=edit(ALL, _fields)),
        },
    )

_AVAILABILITY = {"user", "active_from", "active_to", "kind", "source", "all_day"}
declare(
    "people.availability",
    fields=_AVAILABILITY,
    keys=Keys(person="user_id"),
    grants={
        SELVES: Grant(view=OWN, create=frozenset(_AVAILABILITY)),
        MANAGERS: Grant(view=SUBTREE, create=frozenset(_AVAILABILITY)),
        f"{OPERATIONS} ADMIN": Grant(view=ALL, create=frozenset(_AVAILABILITY)),
        "AUDITOR": Grant(view=ALL),
    },
)

declare(
    "people.customrole",
    fields={"code", "name", "grants", "is_active"},
    grants={
        "REVOPS SALES_OPS AUDITOR": Grant(view=ALL),
        "ADMIN": Grant(
            view=ALL,
            create=frozenset({"code", "name", "grants"}),
            edits=edit(ALL, {"name", "grants", "is_active"}),
        ),
    },
)

for _label in ("clocks.businesscalendar", "clocks.calendardayoverride", "clocks.fiscalperiod"):
    declare_set_up(_label)
