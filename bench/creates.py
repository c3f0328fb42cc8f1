"""What a create costs through the API, beside a bare DRF create with two INSERTs."""

import json
import time
from collections.abc import Callable, Iterator

from bench import stand
from bench.lines import Line, at_most
from bench.lists import detail
from bench.load import Request
from bench.stand import Database, Plan, Side
from bench.web import Web

SECTION, OF_RECORDS = "Creates", "Creates of leads and deals"
_RUN = int(time.time() * 10)
Body = Callable[[int], bytes]


def account(prefix: str) -> Body:
    """Return what makes the body of create number n: a company nobody has."""

    def make(number: int) -> bytes:
        name = f"{prefix}-{_RUN}-{number}"
        values = {
            "name": f"Created {name}",
            "domain": f"{name}.com",
            "industry": "technology",
            "employees": 250,
            "annual_revenue": "1250000.00",
            "currency": "USD",
            "country": "US",
            "city": "Springfield",
            "website": f"https://www.{name}.com",
            "phone": "+1 555 0100",
            "description": "Asked for a demonstration of revenue reporting.",
        }
        return json.dumps(values).encode()

    return make


def lead(prefix: str) -> Body:
    """Return what makes the body of create number n: a person nobody knows."""

    def make(number: int) -> bytes:
        values = {
            "first_name": "Maria",
            "last_name": f"Garcia {number}",
            "company": f"Created {prefix} {number} Inc",
            "title": "Head of purchasing",
            "email": f"maria.garcia@{prefix}-{_RUN}-{number}.com",
            "phone": "+1 202 555 0143",
            "source_original": "web",
            "country": "US",
            "city": "Springfield",
            "industry": "technology",
            "employees": 250,
            "description": "Asked for a demonstration of revenue reporting.",
        }
        return json.dumps(values).encode()

    return make


def deal(links: dict[str, int]) -> Body:
    """Return what makes the body of a create: another deal with one account of who asks."""

    def make(number: int) -> bytes:
        values = {
            **links,
            "source": "web",
            "amount": f"{number % 90_000 + 10_000}.00",
            "currency": "USD",
            "close_date": f"{time.gmtime().tm_year + 1}-06-30",
            "next_step": "Send the proposal",
            "next_step_on": time.strftime("%Y-%m-%d", time.gmtime(time.time() + 10 * 86_400)),
            "competitor": "Acme",
            "description": "Asked for a demonstration of revenue reporting.",
        }
        return json.dumps(values).encode()

    return make


def of_accounts(database: Database, product: Web, floor: Web, plan: Plan) -> Iterator[Line]:
    """Yield the line of a new account: validation, duplicates, history, event, outbox, ownership."""
    title = f"API create at {database.facts['accounts']:,} accounts"
    yield _measured(
        SECTION, title, "accounts", (account("bare"), account("made")), database, product, floor, plan
    )


def of_records(database: Database, product: Web, floor: Web, plan: Plan) -> Iterator[Line]:
    """Yield the lines of a new lead and of a new deal."""
    facts = database.facts
    title = f"API create of a lead at {facts['leads']:,} leads"
    yield _measured(OF_RECORDS, title, "leads", (lead("bare"), lead("made")), database, product, floor, plan)
    owned = f"SELECT id FROM accounts_account WHERE owner_id = {facts['owner']} ORDER BY id LIMIT 1"
    links = {
        "account": database.postgres.run(database.name, owned)[0][0],
        "primary_product": database.postgres.run(database.name, "SELECT min(id) FROM accounts_product")[0][0],
        "use_case": database.postgres.run(database.name, "SELECT min(id) FROM opportunities_usecase")[0][0],
    }
    title = f"API create of a deal at {facts['deals']:,} deals"
    yield _measured(
        OF_RECORDS, title, "opportunities", (deal(links), deal(links)), database, product, floor, plan
    )


def _measured(
    section: str,
    title: str,
    slug: str,
    bodies: tuple[Body, Body],
    database: Database,
    product: Web,
    floor: Web,
    plan: Plan,
) -> Line:
    held = database.actors["owner"]
    bare, token = {"Authorization": held["floor"]}, {"Authorization": held["product"]}
    found = stand.compare(
        {
            "floor": Side(floor, Request("POST", f"/{slug}/create/", bare, bodies[0], 201)),
            "product": Side(product, Request("POST", f"/api/v1/{slug}/", token, bodies[1], 201)),
        },
        database.postgres,
        plan,
    )
    over, under = found["product"], found["floor"]
    return at_most(section, title, stand.ratio(over, under), 4, detail(over, under))
