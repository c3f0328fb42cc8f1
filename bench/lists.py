"""What a list costs: its first fifty rows for each scope, through the API and as a page, beside the floor."""

import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import stand
from bench.lines import Line, at_most, told
from bench.load import Request
from bench.stand import Database, Measured, Plan, Side
from bench.web import Web

DEEP = 1_000


@dataclass(frozen=True)
class Listing:
    """One list under measurement: where it is, what it is asked, and the columns of its page."""

    section: str
    label: str
    slug: str
    query: str
    columns: tuple[str, ...]

    @property
    def api(self) -> str:
        return f"/api/v1/{self.slug}/?{self.query}"

    @property
    def few(self) -> str:
        return f"{self.api}&fields={','.join(self.columns)}"

    @property
    def page(self) -> str:
        return f"/{self.slug}/?{self.query}"

    def floor(self, what: str) -> str:
        return f"/{self.slug}/{what}/?{self.query}"


ACCOUNTS = Listing(
    "Lists: fifty customers by name",
    "accounts.account",
    "accounts",
    "status=customer&sort=name",
    (
        *(
            "name",
            "status",
            "segment",
            "industry",
            "employees",
            "annual_revenue",
            "currency",
            "country",
            "owner",
        ),
        *("primary_domain", "created_at"),
    ),
)
LEADS = Listing(
    "Lists: fifty leads, the newest first",
    "accounts.lead",
    "leads",
    "sort=-created_at",
    ("name", "company", "status", "title", "source_original", "country", "owner", "created_at"),
)
DEALS = Listing(
    "Lists: fifty deals in a stage, the largest first",
    "opportunities.opportunity",
    "opportunities",
    "stage=proposal&sort=-amount",
    (
        *("name", "account", "stage", "amount", "currency", "close_date", "forecast_category", "owner"),
        *("next_step", "next_step_on", "last_buyer_activity_at"),
    ),
)


def of_owner(owner: int) -> Listing:
    """Return the list of one person's deals in a stage."""
    section = "Lists: fifty deals of an owner and a stage, the largest first"
    return Listing(
        section, DEALS.label, DEALS.slug, f"owner={owner}&stage=closed_won&sort=-amount", DEALS.columns
    )


def measure(listing: Listing, large: Database, product: Web, floor: Web, plan: Plan) -> Iterator[Line]:
    """Yield the lines of one list on the large database: for each scope, then far down."""
    for scope in stand.SCOPES:
        held = large.actors[scope]
        token, bare = {"Authorization": held["product"]}, {"Authorization": held["floor"]}
        found = stand.compare(
            {
                "floor": Side(floor, Request("GET", listing.floor("every"), bare)),
                "floor, columns": Side(floor, Request("GET", listing.floor("columns"), bare)),
                "product": Side(product, Request("GET", listing.api, token)),
                "product, columns": Side(product, Request("GET", listing.few, token)),
            },
            large.postgres,
            plan,
        )
        yield _over(listing, f"API, every field, {scope}", found["product"], found["floor"], 2)
        few, bare_few = found["product, columns"], found["floor, columns"]
        yield _over(listing, f"API, columns of the page, {scope}", few, bare_few, 2)
        yield told(
            listing.section,
            f"API, every field, {scope}, over the floor's columns of the page",
            f"{stand.ratio(found['product'], bare_few):.2f} ×",
        )
        cookie = {"Cookie": held["cookie"]}
        pages = stand.compare(
            {
                "floor": Side(floor, Request("GET", listing.floor("table"), cookie)),
                "product": Side(product, Request("GET", listing.page, cookie)),
            },
            large.postgres,
            plan,
        )
        yield _over(listing, f"Page, {scope}", pages["product"], pages["floor"], 4)
    yield from _deep(listing, large, product, plan)


def _over(listing: Listing, what: str, over: Measured, under: Measured, most: float) -> Line:
    return at_most(listing.section, what, stand.ratio(over, under), most, detail(over, under))


def detail(over: Measured, under: Measured) -> str:
    """Say what a ratio is made of."""
    return (
        f"{over.median:.2f} ms CPU over {under.median:.2f} ms; rounds {spread(over)} over {spread(under)}; "
        f"{over.bytes / 1024:.0f} KB over {under.bytes / 1024:.0f} KB; "
        f"on the clock {over.clock:.0f} over {under.clock:.0f} ms"
    )


def _flat(listing: Listing, title: str, over: Measured, under: Measured) -> Line:
    """Return the line of what ought to cost the same."""
    return at_most(listing.section, title, stand.ratio(over, under), 1.2, detail(over, under))


def spread(measured: Measured) -> str:
    """Say how far the rounds lie apart."""
    return f"{min(measured.cpu):.2f}–{max(measured.cpu):.2f}"


def _deep(listing: Listing, database: Database, product: Web, plan: Plan) -> Iterator[Line]:
    """Yield what page 1,000 costs beside page one; of a shorter list, a page near its end."""
    for scope in ("manager", "revops"):
        token = {"Authorization": database.actors[scope]["product"]}
        cursor, page = walk(product.port, listing.api, token, DEEP)
        if not cursor:
            continue
        found = stand.compare(
            {
                "first": Side(product, Request("GET", listing.api, token)),
                "deep": Side(product, Request("GET", f"{listing.api}&after={cursor}", token)),
            },
            database.postgres,
            plan,
        )
        yield _flat(listing, f"Page {page:,} over page 1, {scope}", found["deep"], found["first"])


def walk(port: int, address: str, headers: dict[str, str], pages: int) -> tuple[str, int]:
    """Follow `next` as a client does; return the cursor of page `pages` and its number.

    Of a shorter list, that of a page near its end: there, no row without a value of the sort is asked for yet.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    cursor, passed, held, before = "", 0, ("", 1), ("", 1)
    while passed < (pages - 1) * 50:
        limit = min(200, (pages - 1) * 50 - passed)
        after = f"&after={cursor}" if cursor else ""
        connection.request("GET", f"{address}&fields=name&limit={limit}{after}", headers=headers)
        answer = json.loads(connection.getresponse().read())
        passed += len(answer["results"])
        if not answer["next"]:
            return before
        cursor = answer["next"].rpartition("after=")[2].partition("&")[0]
        before, held = held, (cursor, passed // 50 + 1)
    return held


def growth(large: Database, many: Web, small: Database, plan: Plan) -> Iterator[Line]:
    """Yield what a list of accounts costs on the large database beside the small one."""
    listing = ACCOUNTS
    with stand.product(small) as fewer:
        for scope in stand.SCOPES:
            for what, path, header, key in (
                ("API", listing.api, "Authorization", "product"),
                ("Page", listing.page, "Cookie", "cookie"),
            ):
                found = stand.compare(
                    {
                        "many": Side(many, Request("GET", path, {header: large.actors[scope][key]})),
                        "fewer": Side(fewer, Request("GET", path, {header: small.actors[scope][key]})),
                    },
                    large.postgres,
                    plan,
                )
                sizes = f"{large.facts['accounts']:,} accounts over {small.facts['accounts']:,}"
                yield _flat(listing, f"{what}, {scope}: {sizes}", found["many"], found["fewer"])


def queries(listings: Sequence[Listing], large: Database) -> Iterator[Line]:
    """Yield the numbers of queries, which must not depend on the number of rows."""
    for listing in listings:
        people = json.dumps({scope: large.facts[scope] for scope in stand.SCOPES})
        for line in large.call("bench.counting", people, listing.slug, listing.query):
            numbers = line["queries"]
            title = f"Queries, {line['what']}, {line['scope']}: 5, 10, 20 rows"
            constant = len(set(numbers)) == 1
            figure = ", ".join(map(str, numbers))
            yield Line(listing.section, title, figure, "constant", constant, line["detail"])


def plans(listings: Sequence[Listing], large: Database) -> Iterator[Line]:
    """Yield what PostgreSQL does for each scope's list."""
    for listing in listings:
        people = json.dumps({scope: large.facts[scope] for scope in stand.SCOPES})
        for line in large.call("bench.plans", people, listing.label, listing.query):
            yield told(listing.section, f"Plan, {line['scope']}", line["figure"], line["detail"])
