"""Who sees and writes what, written down from spec/access.md and its addenda, and from nothing in the product.

One line a role: how far they see, what they may set on a new account, how far they edit and what, and whether they
may do the special actions. Scopes are the letters of the specification; POSITIONS says which records each reaches.
"""

from typing import NamedTuple

# The records of a world, by where they stand for the person who asks:
#   own: theirs · held: Charlie's, which they hold as success manager · mate: of somebody on their team
#   report: of somebody who reports to them, on another team · other: of another team · queue: in that team's queue
#   partner: of another team, a partner's account
POSITIONS = ("own", "held", "mate", "report", "other", "queue", "partner")
REACH: dict[str, set[str]] = {
    "-": set(),
    "O": {"own", "held"},
    "T": {"own", "held", "mate"},
    "S": {"own", "held", "report"},
    "A": set(POSITIONS),
    "P": {"partner"},  # all accounts of partners, no others
}

SITE = {"description", "phone", "website"}
SUCCESS = {"customer_since", "success_note"}
BILLING = {
    "billing_street",
    "billing_city",
    "billing_state",
    "billing_postal_code",
    "billing_country",
    "billing_account_ext",
    "credit_status",
    "tax_id",
}
COMPANY = SITE | {
    "name",
    "kind",
    "country",
    "region",
    "city",
    "industry",
    "industry_note",
    "employees",
    "annual_revenue",
    "currency",
}
ALL_BUT_BILLING = (
    COMPANY
    | SUCCESS
    | {"legal_name", "status", "segment", "territory", "clm_party_ext"}
    | {"parent", "inherit_ownership", "shared_domain_of"}
)
# A seller describes the company; operations also say whose it is and where it stands.
BY_SELLER = COMPANY | {"domain", "source_original"}
BY_OPERATIONS = ALL_BUT_BILLING | {"domain", "source_original", "owner", "queue"}
NEVER_EDITED = {
    "owner",
    "queue",
    "team",
    "source_original",
    "primary_domain",
    "ultimate_parent",
    "created_at",
}

READERS_OF_BILLING = {"FINANCE", "LEGAL", "REVOPS", "AUDITOR"}


class Row(NamedTuple):
    """One role and accounts: view, fields of a new one, edit scope and fields, scope of the special actions."""

    view: str
    create: set[str] = set()
    edit: str = "-"
    fields: set[str] = set()
    actions: str = "-"


ACCOUNTS: dict[str, Row] = {
    "SDR": Row("T", BY_SELLER, "T", SITE),
    "AE": Row("T", BY_SELLER, "T", SITE),
    "SE": Row("O"),
    "CSM": Row("O", edit="O", fields=SUCCESS),
    "RENEWALS": Row("O", edit="O", fields=SUCCESS),
    "AM": Row("O", edit="O", fields=SUCCESS),
    "CS_LEAD": Row("S", edit="S", fields=SUCCESS),
    "SALES_MGR": Row("S", edit="S", fields={"description"}),
    "DIRECTOR": Row("S", edit="S", fields={"description"}),
    "VP_SALES": Row("S", edit="S", fields={"description"}),
    "SALES_OPS": Row("A", BY_OPERATIONS, "A", ALL_BUT_BILLING, "A"),
    "REVOPS": Row("A", BY_OPERATIONS, "A", ALL_BUT_BILLING, "A"),
    "MKT_OPS": Row("A"),
    "FINANCE": Row("A", edit="A", fields=BILLING | {"legal_name"}),
    "LEGAL": Row("A", edit="A", fields=BILLING | {"legal_name"}),
    "DEAL_DESK": Row("A"),
    "EXEC": Row("A"),
    "CRO": Row("A"),
    "CFO": Row("A"),
    "COUNCIL": Row("A"),
    "AUDITOR": Row("A"),
    "ADMIN": Row("A"),
    "PARTNER": Row("-"),
    "PARTNER_MGR": Row("P"),
    "ENABLEMENT": Row("-"),
    "PRIVACY": Row("-"),
    "PRODUCT": Row("-"),
    "SECURITY": Row("-"),
}

# A domain is seen with its account; operations add and release it. Partner managers see accounts, not their domains.
DOMAINS_VIEW = {role: "-" if role == "PARTNER_MGR" else row.view for role, row in ACCOUNTS.items()}
SPECIAL_ACTIONS = ("assign", "merge", "set_territory", "set_parent", "domains", "import")

# People stand for the asker as: self, report (to them), mate (on their team), other.
PEOPLE_POSITIONS = ("self", "report", "mate", "other")
PEOPLE_REACH: dict[str, set[str]] = {
    "-": set(),
    "O": {"self"},
    "S": {"self", "report"},
    "A": set(PEOPLE_POSITIONS),
}


class Person(NamedTuple):
    """One role and people: view, edit scope and fields, create, scope of deactivate, reactivate and grant_role."""

    view: str = "O"
    edit: str = "O"
    fields: set[str] = {"availability"}
    create: bool = False
    actions: str = "-"


SELF = Person()
MANAGER = Person("S", "S")
OPERATIONS = Person("A", "A", {"team", "availability"})
PEOPLE: dict[str, Person] = dict.fromkeys(ACCOUNTS, SELF) | {
    "SALES_MGR": MANAGER,
    "DIRECTOR": MANAGER,
    "VP_SALES": MANAGER,
    "CS_LEAD": MANAGER,
    "SALES_OPS": OPERATIONS,
    "REVOPS": OPERATIONS,
    "AUDITOR": Person("A", "-", set()),
    "ADMIN": Person("A", "A", {"name", "email", "team", "manager", "availability"}, True, "A"),
}

# Teams, queues and territories: their names stand on records that everybody reads, so everybody reads them; they are
# shaped by operations, and teams and queues by ADMIN as well.
SHAPERS = {
    "people.team": {"SALES_OPS", "REVOPS", "ADMIN"},
    "people.queue": {"SALES_OPS", "REVOPS", "ADMIN"},
    "people.territory": {"SALES_OPS", "REVOPS"},
}
CUSTOM_ROLE_READERS = {"SALES_OPS", "REVOPS", "AUDITOR", "ADMIN"}

# A value for every field somebody may edit, other than the one it has.
NEW_VALUES: dict[str, str] = {
    "description": "New words",
    "phone": "+1 555 0100",
    "website": "https://new.example.com",
    "name": "New name",
    "kind": "commercial_subsidiary",
    "country": "FR",
    "region": "New region",
    "city": "New city",
    "industry": "retail",
    "industry_note": "New note of the industry",
    "employees": "77",
    "annual_revenue": "77.50",
    "currency": "EUR",
    "customer_since": "2021-02-03",
    "success_note": "New note",
    "legal_name": "New legal name",
    "status": "competitor",
    "segment": "STRAT",
    "territory": "",
    "clm_party_ext": "CLM-77",
    "parent": "",
    "inherit_ownership": "false",
    "shared_domain_of": "",
    "billing_street": "New street 7",
    "billing_city": "New billing city",
    "billing_state": "New state",
    "billing_postal_code": "77777",
    "billing_country": "FR",
    "billing_account_ext": "B-77",
    "credit_status": "hold",
    "tax_id": "T-77",
}
