"""Who sees and writes which contacts and leads, written down from spec/access.md and its addenda.

Positions: `own` theirs · `held` Charlie's, which they hold as success manager · `around` Charlie's at an account
on which they are success manager · `mate` of their team · `report` of somebody who reports to them, on another team ·
`other` of another team · `queue` in that team's queue · `partner` of another team, a lead that a partner brought.
"""

from collections.abc import Mapping
from typing import NamedTuple

CONTACT_POSITIONS = ("own", "held", "around", "mate", "report", "other", "queue")
CONTACT_REACH: dict[str, set[str]] = {
    "-": set(),
    "O": {"own", "held", "around"},
    "T": {"own", "held", "around", "mate"},
    "S": {"own", "held", "around", "report"},
    "A": set(CONTACT_POSITIONS),
}
LEAD_POSITIONS = ("own", "mate", "report", "other", "queue", "partner")
LEAD_REACH: dict[str, set[str]] = {
    "-": set(),
    "O": {"own"},
    "T": {"own", "mate"},
    "S": {"own", "report"},
    "A": set(LEAD_POSITIONS),
    "P": {"partner"},
}
# Personal numbers are known to the owner's team (the asker is on Alice's and Bob's), PRIVACY and AUDITOR.
NEAR = {"own", "mate"}
READERS_OF_PERSONAL = {"PRIVACY", "AUDITOR"}

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
CONTACT = PERSON | CONSENT | TECHNICAL
PARTS = {"email", "phone", "mobile_phone", "assistant_phone", "personal_phone"}
NEW_CONTACT = CONTACT | PARTS | {"source_original", "source_note"}

DESCRIBED = {
    "salutation",
    "first_name",
    "last_name",
    "title",
    "email",
    "phone",
    "mobile_phone",
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
    "description",
}
SOURCE = {
    "source_latest",
    "source_note",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "campaign",
}
SCORES = {"intent_score", "icp_score"}
LEAD = DESCRIBED | SOURCE
NEW_LEAD = LEAD | {"source_original", "link_known"}


class Row(NamedTuple):
    """One role: view, fields of a new record, edit scope and fields, scope by special action."""

    view: str = "-"
    create: set[str] = set()
    edit: str = "-"
    fields: set[str] = set()
    actions: Mapping[str, str] = {}


def _reach(scope: str) -> dict[str, str]:
    return {"emails": scope, "phones": scope, "leave": scope}


CONTACT_ACTIONS = ("emails", "phones", "leave", "assign", "merge", "import")
_SELLS = Row("T", NEW_CONTACT, "T", CONTACT, _reach("T"))
_CARES = Row("O", NEW_CONTACT, "O", CONTACT, _reach("O"))
_LEADS_PEOPLE = Row("S", edit="S", fields=CONTACT, actions=_reach("S"))
_OPERATES = Row(
    "A", edit="A", fields=CONTACT, actions=_reach("A") | {"assign": "A", "merge": "A", "import": "A"}
)
_READS = Row("A")
_IS_ON = Row("O")
CONTACTS: dict[str, Row] = {
    "SDR": _SELLS,
    "AE": _SELLS,
    "SE": Row("O", edit="O", fields=TECHNICAL),
    "CSM": _CARES,
    "RENEWALS": _CARES,
    "AM": _CARES,
    "CS_LEAD": _LEADS_PEOPLE,
    "SALES_MGR": _LEADS_PEOPLE,
    "DIRECTOR": _LEADS_PEOPLE,
    "VP_SALES": _LEADS_PEOPLE,
    "SALES_OPS": _OPERATES,
    "REVOPS": _OPERATES,
    "MKT_OPS": Row("A", edit="A", fields=CONSENT, actions={"leave": "A"}),
    "FINANCE": _IS_ON,
    "LEGAL": _IS_ON,
    "DEAL_DESK": _IS_ON,
    "EXEC": _READS,
    "CRO": _READS,
    "CFO": _READS,
    "COUNCIL": _READS,
    "AUDITOR": _READS,
    "ADMIN": _READS,
    "PRIVACY": _READS,
    "PARTNER": Row(),
    "PARTNER_MGR": Row(),
    "ENABLEMENT": Row(),
    "PRODUCT": Row(),
    "SECURITY": Row(),
}

LEAD_ACTIONS = ("accept", "reject", "convert", "dispose", "reassign", "route", "import")
_SELLER = {"accept": "O", "convert": "O", "dispose": "O"}
_MANAGES = Row("S", edit="S", fields=LEAD, actions={"dispose": "S", "reassign": "S"})
_RUNS = Row(
    "A",
    edit="A",
    fields=LEAD,
    actions={"dispose": "A", "reassign": "A", "route": "A", "import": "A"},
)
LEADS: dict[str, Row] = dict.fromkeys(CONTACTS, Row()) | {
    "SDR": Row("T", NEW_LEAD, "O", LEAD, _SELLER | {"reject": "O"}),
    "AE": Row("T", NEW_LEAD, "O", LEAD, _SELLER),
    "SALES_MGR": _MANAGES,
    "DIRECTOR": _MANAGES,
    "VP_SALES": _MANAGES,
    "SALES_OPS": _RUNS,
    "REVOPS": _RUNS,
    "MKT_OPS": Row("A", NEW_LEAD | SCORES, "A", SOURCE | SCORES, {"import": "A"}),
    "EXEC": _READS,
    "CRO": _READS,
    "CFO": _READS,
    "COUNCIL": _READS,
    "AUDITOR": _READS,
    "ADMIN": _READS,
    "PRIVACY": _READS,
    "PARTNER_MGR": Row("P"),
}

# What nobody edits: computed, written once, or changed by an action alone.
NEVER_EDITED_OF_CONTACTS = PARTS | {
    "name",
    "primary_email",
    "primary_phone",
    "owner",
    "queue",
    "team",
    "source_original",
    "source_note",
    "created_at",
    "updated_at",
    "tombstone_of",
}
NEVER_EDITED_OF_LEADS = {
    "name",
    "email_domain",
    "status",
    "disposition_reason",
    "disposition_note",
    "routing_cycle",
    "matched_account",
    "matched_contact",
    "converted_at",
    "converted_account",
    "converted_contact",
    "link_known",
    "owner",
    "queue",
    "team",
    "source_original",
    "created_at",
    "updated_at",
    "tombstone_of",
}
