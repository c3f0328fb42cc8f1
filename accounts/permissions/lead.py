"""The access rows of leads (spec/access.md)."""

from revops.kernel.people.access import Edit, Grant, Keys, Scope, declare, edit

OWN, TEAM, SUBTREE, ALL = Scope.OWN, Scope.TEAM, Scope.SUBTREE, Scope.ALL

PERSON = {"salutation", "first_name", "last_name", "title", "email", "phone", "mobile_phone"}
COMPANY = {
    "company",
    "website",
    "country",
    "region",
    "city",
    "industry",
    "industry_note",
    "employees",
    "annual_revenue",
    "currency",
}
SOURCE = {
    "source_latest",
    "source_note",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
}
SCORES = {"intent_score", "icp_score"}
MARKETING = SOURCE | SCORES | {"campaign"}
DESCRIBED = PERSON | COMPANY | {"description"}
EDITABLE = DESCRIBED | SOURCE | {"campaign"}
CREATE = EDITABLE | {"source_original", "link_known"}
# What a status action or a conversion writes, and nobody edits.
STATES = {"status", "disposition_reason", "disposition_note", "routing_cycle"}
LINKS = {"matched_account", "matched_contact", "converted_at", "converted_account", "converted_contact"}
COMPUTED = {"name", "email_domain", "team", "created_at", "updated_at", "tombstone_of"}
ALL_FIELDS = CREATE | SCORES | STATES | LINKS | COMPUTED | {"owner", "queue"}

# The original source is written once (INV-1.7); who owns a lead changes by `reassign` or by routing.
_SELLER = {"accept": OWN, "convert": OWN, "dispose": OWN}
_OPERATIONS = {"dispose": ALL, "reassign": ALL, "route": ALL, "import": ALL}

declare(
    "accounts.lead",
    fields=ALL_FIELDS,
    keys=Keys(person="owner_id", team="team_id", ledger=True),
    grants={
        "SDR": Grant(
            view=TEAM,
            create=frozenset(CREATE),
            edits=edit(OWN, EDITABLE),
            actions=_SELLER | {"reject": OWN},
        ),
        "AE": Grant(view=TEAM, create=frozenset(CREATE), edits=edit(OWN, EDITABLE), actions=_SELLER),
        "SALES_MGR DIRECTOR VP_SALES": Grant(
            view=SUBTREE,
            edits=edit(SUBTREE, EDITABLE),
            actions={"dispose": SUBTREE, "reassign": SUBTREE},
        ),
        "SALES_OPS REVOPS": Grant(view=ALL, edits=edit(ALL, EDITABLE), actions=_OPERATIONS),
        "MKT_OPS": Grant(
            view=ALL,
            create=frozenset(CREATE | SCORES),
            edits=(Edit(ALL, frozenset(MARKETING)),),
            actions={"import": ALL},
        ),
        "EXEC CRO CFO COUNCIL AUDITOR ADMIN PRIVACY": Grant(view=ALL),
        # The leads of partners are those that a partner brought.
        "PARTNER_MGR": Grant(view=ALL, only={"source_original": "partner_referral"}),
    },
)
