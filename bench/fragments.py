"""How long somebody at the screen waits for a fragment: filter, sort, turn the page, open a panel, their own work."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice

from bench import load, stand
from bench.lines import Line
from bench.load import Request
from bench.meter import Meter
from bench.stand import Database, Plan
from bench.web import Web

SECTION = "Fragments at a million deals"
# For as many lists of deals as there are stages and sizes, so that no answer is the one before.
STAGES = ("qualification", "discovery", "evaluation", "proposal", "contracting", "closed_won", "closed_lost")
SORTS = ("-amount", "amount", "-close_date", "close_date", "name", "-created_at")


@dataclass(frozen=True)
class Fragment:
    """What one does at the screen, the addresses that are asked for it, and the milliseconds it may take."""

    title: str
    paths: tuple[str, ...]
    most: int = 120


def of(port: int, token: Mapping[str, str]) -> list[Fragment]:
    """Return the fragments that somebody asks for, about records that they see."""
    deals = [row["id"] for row in _ask(port, "/api/v1/opportunities/?limit=50&fields=name", token)["results"]]
    behind = []
    for sort in SORTS:
        answer = _ask(port, f"/api/v1/opportunities/?sort={sort}&limit=50&fields=name", token)
        cursor = (answer["next"] or "").rpartition("after=")[2].partition("&")[0]
        behind += [f"/opportunities/?sort={sort}&after={cursor}"] if cursor else []
    return [
        Fragment("Filter", tuple(f"/opportunities/?stage={stage}&sort=-amount" for stage in STAGES)),
        Fragment("Sort", tuple(f"/opportunities/?sort={sort}" for sort in SORTS)),
        Fragment("Next page", tuple(behind)),
        Fragment("Side panel of a deal", tuple(f"/opportunities/{pk}/panel/" for pk in deals)),
        Fragment("Timeline of a deal", tuple(f"/opportunities/{pk}/timeline/" for pk in deals)),
        Fragment("Page of a deal", tuple(f"/opportunities/{pk}/" for pk in deals), most=150),
        Fragment(
            "What comes after the page of a deal", tuple(f"/opportunities/{pk}/?as=rest" for pk in deals)
        ),
        Fragment("A tab of a deal, opened", tuple(f"/opportunities/{pk}/?tab=stays&as=tab" for pk in deals)),
        Fragment("My work", ("/my-work/",), most=150),
    ]


def _ask(port: int, path: str, headers: Mapping[str, str]) -> dict[str, list[dict[str, int]]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=dict(headers))
    found: dict[str, list[dict[str, int]]] = json.loads(connection.getresponse().read())
    return found


def measure(database: Database, product: Web, plan: Plan) -> Iterator[Line]:
    """Yield for each scope how long each fragment takes, one after the other."""
    for scope in stand.SCOPES:
        held = database.actors[scope]
        seen = {"Cookie": held["cookie"], "HX-Request": "true"}
        for one in of(product.port, {"Authorization": held["product"]}):
            yield line(SECTION, one, scope, seen, product, database, plan)


def line(
    section: str,
    one: Fragment,
    scope: str,
    seen: Mapping[str, str],
    product: Web,
    database: Database,
    plan: Plan,
) -> Line:
    """Return how long one fragment takes: the time that nineteen of twenty requests stay under."""
    for path in one.paths:
        load.send(product.port, Request("GET", path, seen), 1)
    asked = list(islice(cycle(one.paths), plan.requests))
    meter = Meter(product.pid, database.postgres.pid)
    times = sorted(load.send(product.port, Request("GET", path, seen), 1).milliseconds[0] for path in asked)
    cpu = meter.read()[0] * 1e3 / len(asked)
    middle, high = times[len(times) // 2], times[int(len(times) * 0.95)]
    detail = (
        f"{len(asked)} requests of {len(one.paths)} addresses; median {middle:.0f} ms; {cpu:.1f} ms CPU each"
    )
    return Line(
        section, f"{one.title}, {scope}", f"{high:.0f} ms", f"< {one.most} ms", high < one.most, detail
    )
