"""How long the nightly look at the forecast categories takes over a hundred thousand open deals."""

import json
from collections.abc import Iterator

from bench.lines import Line
from bench.stand import Database, Plan

# One batch writes a statement a kind of what is written: how many kinds there are, and never how many deals.
MOST = 30
SECTION = "Forecast categories at night"
MOST_SECONDS = 60.0
OPEN_DEALS = 100_000


def measure(database: Database, plan: Plan) -> Iterator[Line]:
    """Yield the time of the first night, when nothing has evidence, of the next, and the statements of a batch."""
    sizes = json.dumps([10, 1_000])
    found = database.call("bench.clamps", str(min(OPEN_DEALS, plan.deals)), sizes)
    for night, one in zip(("First night", "Next night"), found["nights"], strict=True):
        figure, met = f"{one['seconds']:.1f} s", one["seconds"] <= MOST_SECONDS
        held = f"{one['promising']:,} forecast as more than pipeline, {one['down']:,} came down"
        yield Line(
            SECTION, night, figure, f"≤ {MOST_SECONDS:g} s", met, f"{one['open']:,} open deals, {held}"
        )
    few, many = found["statements"]
    yield Line(
        SECTION,
        "Statements of a batch: 10, 1,000 deals",
        f"{few}, {many}",
        f"≤ {MOST} whatever the number",
        max(few, many) <= MOST,
    )
