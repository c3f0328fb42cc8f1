"""The access rows of contacts, their addresses and their numbers (spec/access.md)."""

from revops.kernel.people.access import Grant, Keys, Scope, declare, edit

NONE, OWN, TEAM, SUBTREE, ALL = Scope.NONE, Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

PERSON = {
    "salutation",
    "first_name",
    "last_name",
    "title",
    "seniority",
    "department",
    "country",
    "time_zone",
    "description",
    "account",
}
CONSENT = {"subscriber_type", "status"}
TECHNICAL = {"technical_note"}
EDITABLE = PERSON | CONSENT | TECHNICAL
# A first address and first numbers come with a new contact; later ones by an action each.
FIRST = {"email", "phone", "mobile_phone", "assistant_phone", "personal_phone"}
CREATE = EDITABLE | FIRST | {"source_original", "source_note"}
COMPUTED = {"name", "primary_email", "primary_phone", "team", "created_at", "updated_at", "tombstone_of"}
ALL_FIELDS = CREATE | COMPUTED | {"owner", "queue"}


def _reach(scope: Scope) -> dict[str, Scope]:
    """Return the actions of whoever edits contacts within `scope`."""
    return {"emails": scope, "phones": scope, "leave": scope}


_OPERATIONS = _reach(ALL) | {"assign": ALL, "merge": ALL, "import": ALL}

declare(
    "accounts.contact",
    fields=ALL_FIELDS,
    keys=Keys(person="owner_id", team="team_id", ledger=True, through="account"),
    grants={
        "SDR AE": Grant(
            view=TEAM, create=frozenset(CREATE), edits=edit(TEAM, EDITABLE), actions=_reach(TEAM)
        ),
        "SE": Grant(view=OWN, edits=edit(OWN, TECHNICAL)),
        "CSM RENEWALS AM": Grant(
            view=OWN, create=frozenset(CREATE), edits=edit(OWN, EDITABLE), actions=_reach(OWN)
        ),
        "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(
            view=SUBTREE, edits=edit(SUBTREE, EDITABLE), actions=_reach(SUBTREE)
        ),
        "SALES_OPS REVOPS": Grant(view=ALL, edits=edit(ALL, EDITABLE), actions=_OPERATIONS),
        "MKT_OPS": Grant(view=ALL, edits=edit(ALL, CONSENT), actions={"leave": ALL}),
        "FINANCE LEGAL DEAL_DESK": Grant(view=OWN),
        "EXEC CRO CFO COUNCIL AUDITOR ADMIN PRIVACY": Grant(view=ALL),
    },
)

_PART = {"contact", "kind", "is_primary", "is_active", "created_at"}
_VIEWS = {
    "SDR AE": Grant(view=TEAM),
    "SE CSM RENEWALS AM FINANCE LEGAL DEAL_DESK": Grant(view=OWN),
    "CS_LEAD SALES_MGR DIRECTOR VP_SALES": Grant(view=SUBTREE),
    "SALES_OPS REVOPS MKT_OPS EXEC CRO CFO COUNCIL AUDITOR ADMIN PRIVACY": Grant(view=ALL),
}
declare(
    "accounts.contactemail",
    fields=_PART | {"address", "verified_at", "bounced_at"},
    keys=Keys(parent="contact"),
    grants=_VIEWS,
)
# Which numbers are personal, and who sees those, is the queryset's affair: it depends on the row.
declare(
    "accounts.contactphone",
    fields=_PART | {"number"},
    keys=Keys(parent="contact"),
    grants=_VIEWS,
)
