"""How long the nightly sweep of silent deals takes over a hundred thousand open deals."""

import json
from collections.abc import Iterator

from bench.lines import Line
from bench.stand import Database, Plan

# One batch writes a statement a kind of what is written: how many kinds there are, and never how many deals.
MOST = 30
SECTION = "Silent deals at night"
# Together with the look at the forecast categories a night has a minute.
MOST_SECONDS = 60.0
OPEN_DEALS = 100_000


def measure(database: Database, plan: Plan) -> Iterator[Line]:
    """Yield the time of a night in which some steps are due, of a second run, and the statements of a batch."""
    sizes = json.dumps([10, 1_000])
    found = database.call("bench.sweeping", str(min(OPEN_DEALS, plan.deals)), sizes)
    for night, one in zip(("A night", "The same again"), found["nights"], strict=True):
        met = one["seconds"] <= MOST_SECONDS
        remark = f"{one['open']:,} open deals: {one['told']}"
        yield Line(SECTION, night, f"{one['seconds']:.1f} s", f"≤ {MOST_SECONDS:g} s", met, remark)
    few, many = found["statements"]
    yield Line(
        SECTION,
        "Statements of a batch: 10, 1,000 deals",
        f"{few}, {many}",
        f"≤ {MOST} whatever the number",
        max(few, many) <= MOST,
    )
