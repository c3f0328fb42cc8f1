"""The rows of the large database, as statements: people's companies, contacts, leads, deals, and who holds them."""

from collections.abc import Iterator

from accounts.models import Account, AccountDomain, Contact, ContactEmail, Lead, Product
from bench.volume.names import vocabulary
from bench.volume.sql import below, chosen, drawn, insert, ranked
from opportunities.models import Opportunity, StageInterval
from revops.kernel.people.models import OwnershipInterval

STATUSES = {"prospect": 60, "customer": 30, "former": 10}
INDUSTRIES = {"technology": 4, "retail": 2, "energy": 1, "healthcare": 2, "manufacturing": 3, "banking": 1}
COUNTRIES = {"US": 10, "DE": 3, "GB": 3, "FR": 2, "CA": 2, "BR": 1, "JP": 1, "AU": 1, "IN": 2}
LEADS = {
    "new": 20,
    "routed": 5,
    "accepted": 10,
    "working": 20,
    "nurture": 15,
    "recycled": 10,
    "disqualified": 20,
}
SOURCES = {"web": 6, "event": 2, "webinar": 2, "outbound": 3, "partner_referral": 1}
STAGES = {
    "qualification": 12,
    "discovery": 10,
    "evaluation": 8,
    "proposal": 6,
    "contracting": 4,
    "closed_won": 25,
    "closed_lost": 35,
}
SHARES = (
    "(CASE stage WHEN 'closed_won' THEN 1 WHEN 'closed_lost' THEN 0 WHEN 'contracting' THEN 0.8 ELSE 0.3 END)"
)
TYPES = {"new": 6, "expansion": 2, "renewal": 3}
SEGMENT = "(CASE WHEN employees >= 1000 THEN 'ENT' WHEN employees >= 100 THEN 'MM' ELSE 'SMB' END)"
# One account or deal in so many is also held by somebody as a partner.
ALSO_HELD = 100
PRODUCTS = 20


def vocabulary_tables() -> Iterator[str]:
    """Yield the statements that lay the words into tables, where a rank finds them."""
    for name, listed in vocabulary().items():
        yield f"DROP TABLE IF EXISTS bench_{name}"
        yield f"CREATE UNLOGGED TABLE bench_{name} (rank int PRIMARY KEY, word text)"
        rows = ", ".join(f"({rank}, '{word}')" for rank, word in enumerate(listed, start=1))
        yield f"INSERT INTO bench_{name} VALUES {rows}"
        yield f"ANALYZE bench_{name}"


def companies(count: int) -> Iterator[str]:
    """Yield the statements that name so many companies: the first of them become accounts, leads come from all."""
    size = {name: len(listed) for name, listed in vocabulary().items()}
    yield "DROP TABLE IF EXISTS bench_firm"
    yield (
        "CREATE UNLOGGED TABLE bench_firm AS SELECT n, a.word || coalesce(' ' || b.word, '') || ' ' || k.word AS name,"
        " lower(a.word || coalesce('-' || b.word, '')) || '-' || n || '.com' AS domain,"
        f" (3 + power(20000, {drawn(4)}))::int AS employees, {chosen(INDUSTRIES, 5)} AS industry,"
        f" {chosen(COUNTRIES, 6)} AS country"
        f" FROM generate_series(1, {count}) n JOIN bench_company a ON a.rank = {ranked(size['company'], 1)}"
        f" LEFT JOIN bench_company b ON b.rank = {ranked(size['company'], 2)} AND {drawn(7)} < 0.6"
        f" JOIN bench_kind k ON k.rank = {ranked(size['kind'], 3)}"
    )
    yield "CREATE UNIQUE INDEX ON bench_firm (n)"
    yield "ANALYZE bench_firm"


def _held(begun: str) -> dict[str, str]:
    """Return the columns of a record that the n-th owner holds since the instant `begun`."""
    return {
        "version": "1",
        "created_at": begun,
        "updated_at": begun,
        "owner_id": "rep.person",
        "team_id": "rep.team",
    }


def _since(count: int, number: str = "n") -> str:
    """Return the expression of an instant: the rows come evenly over three years, the last one yesterday."""
    return f"now() - interval '1 day' - ({count} - {number}) * (interval '1095 days' / {max(count, 1)})"


def _rep(salt: int) -> str:
    """Return the join that gives each row one of the reps."""
    return f"JOIN bench_rep rep ON rep.place = {below('(SELECT count(*) FROM bench_rep)', salt)}"


def accounts(count: int) -> Iterator[str]:
    given = {
        "id": "n",
        "name": "name",
        "name_key": "lower(name)",
        "status": chosen(STATUSES, 12),
        "primary_domain": "domain",
        "country": "country",
        "industry": "industry",
        "employees": "employees",
        "currency": "'USD'",
        "segment": SEGMENT,
        "website": "'https://www.' || domain",
        **_held(_since(count)),
    }
    yield insert(Account, given, f"bench_firm {_rep(11)} WHERE n <= {count}")
    begun = {"version": "1", "created_at": "created_at", "updated_at": "created_at"}
    given = {"account_id": "id", "domain": "primary_domain", **begun}
    yield insert(AccountDomain, given, "accounts_account ORDER BY id")


def _person(count: int, firms: int, mark: str = "") -> str:
    """Return the source of people: one each at a company, with a name and an address of their own, bearing `mark`."""
    size = {name: len(listed) for name, listed in vocabulary().items()}
    return (
        "(SELECT drawn.n, g.word AS given, f.word AS family, firm.n AS firm, firm.name AS company, firm.domain,"
        " country, industry, employees,"
        f" lower(g.word || '.' || f.word || '.{mark}' || drawn.n || '@' || firm.domain) AS address"
        f" FROM (SELECT n, 1 + {below(firms, 21)} AS firm FROM generate_series(1, {count}) n) drawn"
        " JOIN bench_firm firm ON firm.n = drawn.firm"
        f" JOIN bench_given g ON g.rank = {ranked(size['given'], 22, 'drawn.n')}"
        f" JOIN bench_family f ON f.rank = {ranked(size['family'], 23, 'drawn.n')} ORDER BY drawn.n) person {_rep(11)}"
    )


_NAME = {
    "first_name": "given",
    "last_name": "family",
    "name": "given || ' ' || family",
    "name_key": "lower(given || ' ' || family)",
    "country": "country",
}


def contacts(count: int, firms: int) -> Iterator[str]:
    given = {**_NAME, "id": "n", "account_id": "firm", "title": "'Buyer'", "primary_email": "address"}
    yield insert(Contact, {**given, **_held(_since(count))}, _person(count, firms))
    begun = {"version": "1", "created_at": "created_at", "updated_at": "created_at"}
    address = {"contact_id": "id", "address": "primary_email", "address_key": "primary_email", **begun}
    yield insert(
        ContactEmail,
        {**address, "is_primary": "true"},
        "accounts_contact WHERE primary_email <> '' ORDER BY id",
    )


def leads(count: int, firms: int, known: int) -> Iterator[str]:
    given = {
        **_NAME,
        "id": "n",
        "title": "'Head of purchasing'",
        "company": "company",
        "company_key": "lower(company)",
        "email": "address",
        "email_key": "address",
        "email_domain": "domain",
        "phone": "'+1555' || lpad(n::text, 7, '0')",
        "industry": "industry",
        "employees": "employees",
        "currency": "'USD'",
        "source_original": chosen(SOURCES, 25),
        "source_latest": "'web'",
        "status": chosen(LEADS, 26),
        "matched_account_id": f"CASE WHEN firm <= {known} THEN firm END",
        **_held(_since(count)),
    }
    # Addresses of leads and contacts must differ: a lead of a known contact would have been linked.
    yield insert(Lead, given, _person(count, firms, "lead"))


def products() -> Iterator[str]:
    given = {
        "id": "n",
        "name": "'Product ' || n",
        "name_key": "'product ' || n",
        "code": "'SKU-' || n",
        "version": "1",
        "created_at": "now()",
        "updated_at": "now()",
    }
    yield insert(Product, given, f"generate_series(1, {PRODUCTS}) n")


def deals(count: int, known: int) -> Iterator[str]:
    source = (
        f"(SELECT drawn.n, firm.n AS firm, employees, stage, {_since(count, 'drawn.n')} AS begun"
        f" FROM (SELECT n, 1 + {below(known, 31)} AS firm, {chosen(STAGES, 32)} AS stage"
        f" FROM generate_series(1, {count}) n) drawn JOIN bench_firm firm ON firm.n = drawn.firm ORDER BY drawn.n"
        f") deal {_rep(11)}"
    )
    name = f"{SEGMENT} || '-NA-Platform-Case' || {below(400, 33)} || '-Q' || (1 + {below(4, 34)})"
    closed = "CASE WHEN stage LIKE 'closed%' THEN begun + interval '20 hours' END"
    given = {
        "id": "n",
        "account_id": "firm",
        "name": name,
        "name_key": f"lower({name})",
        "type": chosen(TYPES, 35),
        "segment": SEGMENT,
        "primary_product_id": f"1 + {below(PRODUCTS, 39)}",
        "use_case_id": "(SELECT min(id) FROM opportunities_usecase)",
        "source": chosen(SOURCES, 40),
        "stage": "stage",
        "stage_since": "begun",
        "probability": SHARES,
        "amount": f"CASE WHEN {drawn(36)} > 0.05 THEN (power(2000, {drawn(37)}) * 500)::bigint * 10000 END",
        "currency": "'USD'",
        "close_date": f"(begun + interval '1 day' * {below(200, 38)})::date",
        "booked_at": "CASE WHEN stage = 'closed_won' THEN begun + interval '20 hours' END",
        "closed_at": closed,
        "opened_at": "begun",
        **_held("begun"),
    }
    yield insert(Opportunity, given, source)
    stood = {
        "opportunity_id": "id",
        "stage": "stage",
        "entered_by_id": "owner_id",
        "via": "'imported'",
        "probability": "probability",
        "version": "1",
        **dict.fromkeys(("active_from", "created_at", "updated_at"), "opened_at"),
    }
    yield insert(StageInterval, stood, "opportunities_opportunity ORDER BY id")


def holdings(record_type: str, table: str, *, also: bool) -> Iterator[str]:
    """Yield the statements that write who holds the rows of `table`; with `also`, some are held in another role."""
    given = {
        "record_type": f"'{record_type}'",
        "record_id": "n",
        "role": "'primary'",
        "owner_id": "owner_id",
        "reason_code": "'imported'",
        "version": "1",
        **dict.fromkeys(("active_from", "created_at", "updated_at"), "created_at"),
    }
    rows = f"(SELECT id AS n, owner_id, created_at FROM {table} ORDER BY id) held"
    yield insert(OwnershipInterval, given, rows)
    if also:
        given |= {"role": "'partner'", "owner_id": "rep.person"}
        yield insert(OwnershipInterval, given, f"{rows} {_rep(41)} WHERE n % {ALSO_HELD} = 7")
