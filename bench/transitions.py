"""What it costs to move a deal past its gates: a thousand moves by the shipped exit criteria."""

from collections.abc import Iterator

from bench.lines import Line
from bench.stand import Database, Plan

SECTION = "Transitions of deals"
MOVES = 1_000
MOST_MS, MOST_STATEMENTS = 60.0, 16


def measure(database: Database, plan: Plan) -> Iterator[Line]:
    """Yield how long moves take, each a change of its own, and how many statements one asks."""
    found = database.call("bench.moving", str(min(MOVES, plan.deals // 10)))
    figure = f"{found['p50']:.1f} ms, {found['p95']:.1f} ms"
    detail = f"{found['moves']:,} moves from Qualification to Discovery, by their owners, one after the other"
    met = found["p95"] <= MOST_MS
    yield Line(SECTION, "A move: p50, p95", figure, f"p95 ≤ {MOST_MS:g} ms", met, detail)
    told, most = str(found["statements"]), str(MOST_STATEMENTS)
    asked = found["statements"] <= MOST_STATEMENTS
    yield Line(SECTION, "Statements a move", told, f"≤ {most}", asked, "besides BEGIN and COMMIT")
