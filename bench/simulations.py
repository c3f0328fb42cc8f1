"""How long somebody waits for the impact of a changed rule over a hundred thousand open deals."""

import json
from collections.abc import Iterator

from bench.lines import Line
from bench.stand import Database, Plan

SECTION = "Simulations over open deals"
MOST_SECONDS = 5.0
OPEN_DEALS = 100_000


def measure(database: Database, plan: Plan) -> Iterator[Line]:
    """Yield for each draft how long it takes over a hundred thousand open deals, and whether it asks as much of ten."""
    people, sizes = str(database.facts["revops"]), json.dumps([10, min(OPEN_DEALS, plan.deals)])
    for one in database.call("bench.simulating", people, sizes):
        figure = f"{one['seconds']:.2f} s"
        detail = (
            f"{one['total']:,} open deals, {one['changed']:,} treated differently; counts and the first fifty changed "
            "records with their reasons"
        )
        met = one["seconds"] <= MOST_SECONDS
        yield Line(SECTION, f"Impact of {one['title']}", figure, f"≤ {MOST_SECONDS:g} s", met, detail)
        few, many = one["statements"]
        told = f"{few}, {many}"
        yield Line(SECTION, f"Statements, {one['title']}: 10, many deals", told, "constant", few == many)
