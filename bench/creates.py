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

SECTION = "Creates"
_RUN = int(time.time() * 10)


def body(prefix: str) -> Callable[[int], bytes]:
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


def measure(database: Database, product: Web, floor: Web, plan: Plan) -> Iterator[Line]:
    """Yield the line of the create on one database: validation, duplicates, history, event, outbox, ownership."""
    held = database.actors["owner"]
    bare, token = {"Authorization": held["floor"]}, {"Authorization": held["product"]}
    found = stand.compare(
        {
            "floor": Side(floor, Request("POST", "/create/", bare, body("floor"), 201)),
            "product": Side(product, Request("POST", "/api/v1/accounts/", token, body("made"), 201)),
        },
        database.postgres,
        plan,
    )
    over, under = found["product"], found["floor"]
    title = f"API create at {database.facts['accounts']:,} accounts"
    yield at_most(SECTION, title, stand.ratio(over, under), 4, detail(over, under))
