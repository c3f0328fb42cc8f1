"""What a list costs: fifty customers by name, for each scope, through the API and as a page, beside the floor."""

import http.client
import json
from collections.abc import Iterator

from bench import stand
from bench.lines import Line, at_most, told
from bench.load import Request
from bench.stand import Database, Measured, Plan, Side
from bench.web import Web

API = "/api/v1/accounts/?status=customer&sort=name"
PAGE = "/accounts/?status=customer&sort=name"
COLUMNS = (
    *("name", "status", "segment", "industry", "employees", "annual_revenue", "currency", "country", "owner"),
    *("primary_domain", "created_at"),
)
TEN = f"{API}&fields={','.join(COLUMNS)}"
DEEP = 1_000
SECTION = "Lists: fifty customers by name"


def measure(large: Database, product: Web, floor: Web, plan: Plan) -> Iterator[Line]:
    """Yield the lines of every list on the large database."""
    for scope in stand.SCOPES:
        held = large.actors[scope]
        token, bare = {"Authorization": held["product"]}, {"Authorization": held["floor"]}
        found = stand.compare(
            {
                "floor": Side(floor, Request("GET", "/every/", bare)),
                "floor, ten columns": Side(floor, Request("GET", "/columns/", bare)),
                "product": Side(product, Request("GET", API, token)),
                "product, ten columns": Side(product, Request("GET", TEN, token)),
            },
            large.postgres,
            plan,
        )
        yield _over("API, every field,", scope, found["product"], found["floor"], 2)
        yield _over("API, ten columns,", scope, found["product, ten columns"], found["floor, ten columns"], 2)
        yield told(
            SECTION,
            f"API, every field, {scope}, over the floor's ten columns",
            f"{stand.ratio(found['product'], found['floor, ten columns']):.2f} ×",
        )
        cookie = {"Cookie": held["cookie"]}
        pages = stand.compare(
            {
                "floor": Side(floor, Request("GET", "/table/", cookie)),
                "product": Side(product, Request("GET", PAGE, cookie)),
            },
            large.postgres,
            plan,
        )
        yield _over("Page,", scope, pages["product"], pages["floor"], 4)
    yield from _deep(large, product, plan)


def _over(what: str, scope: str, over: Measured, under: Measured, most: float) -> Line:
    return at_most(SECTION, f"{what} {scope}", stand.ratio(over, under), most, detail(over, under))


def detail(over: Measured, under: Measured) -> str:
    """Say what a ratio is made of."""
    return (
        f"{over.median:.2f} ms CPU over {under.median:.2f} ms; rounds {spread(over)} over {spread(under)}; "
        f"{over.bytes / 1024:.0f} KB over {under.bytes / 1024:.0f} KB; "
        f"on the clock {over.clock:.0f} over {under.clock:.0f} ms"
    )


def _flat(title: str, over: Measured, under: Measured) -> Line:
    """Return the line of what ought to cost the same."""
    return at_most(SECTION, title, stand.ratio(over, under), 1.2, detail(over, under))


def spread(measured: Measured) -> str:
    """Say how far the rounds lie apart."""
    return f"{min(measured.cpu):.2f}–{max(measured.cpu):.2f}"


def _deep(database: Database, product: Web, plan: Plan) -> Iterator[Line]:
    """Yield what page 1,000 costs beside page one; of a shorter list, its last full page."""
    for scope in ("manager", "revops"):
        token = {"Authorization": database.actors[scope]["product"]}
        cursor, page = walk(product.port, token, DEEP)
        found = stand.compare(
            {
                "first": Side(product, Request("GET", API, token)),
                "deep": Side(product, Request("GET", f"{API}&after={cursor}", token)),
            },
            database.postgres,
            plan,
        )
        yield _flat(f"Page {page:,} over page 1, {scope}", found["deep"], found["first"])


def walk(port: int, headers: dict[str, str], pages: int) -> tuple[str, int]:
    """Follow `next` as a client does; return the cursor of page `pages`, or of the last full one, and its number."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    cursor, passed, held = "", 0, ("", 1)
    while passed < (pages - 1) * 50:
        limit = min(200, (pages - 1) * 50 - passed)
        after = f"&after={cursor}" if cursor else ""
        connection.request("GET", f"{API}&fields=name&limit={limit}{after}", headers=headers)
        answer = json.loads(connection.getresponse().read())
        passed += len(answer["results"])
        if not answer["next"]:
            return held
        cursor = answer["next"].rpartition("after=")[2].partition("&")[0]
        held = (cursor, passed // 50 + 1)
    return held


def growth(large: Database, many: Web, small: Database, plan: Plan) -> Iterator[Line]:
    """Yield what a list costs on the large database beside the small one."""
    with stand.product(small) as fewer:
        for scope in stand.SCOPES:
            for what, path, header, key in (
                ("API", API, "Authorization", "product"),
                ("Page", PAGE, "Cookie", "cookie"),
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
                yield _flat(f"{what}, {scope}: {sizes}", found["many"], found["fewer"])


def queries(large: Database) -> Iterator[Line]:
    """Yield the numbers of queries, which must not depend on the number of rows."""
    for line in large.call("bench.counting", json.dumps({s: large.facts[s] for s in stand.SCOPES})):
        numbers = line["queries"]
        title = f"Queries, {line['what']}, {line['scope']}: 1, 3, 50 rows"
        constant = len(set(numbers)) == 1
        yield Line(SECTION, title, ", ".join(map(str, numbers)), "constant", constant, line["detail"])


def plans(large: Database) -> Iterator[Line]:
    """Yield what PostgreSQL does for each scope's list."""
    for line in large.call("bench.plans", json.dumps({s: large.facts[s] for s in stand.SCOPES})):
        yield told(SECTION, f"Plan, {line['scope']}", line["figure"], line["detail"])
