"""How long the poller takes over many running clocks, and whether two of them tell each threshold once."""

from collections.abc import Iterator

from bench import stand, web
from bench.database import Postgres
from bench.lines import Line
from bench.stand import Plan

SECTION = "Clocks"
MOST_SECONDS = 30.0


def measure(postgres: Postgres, plan: Plan, static: str) -> Iterator[Line]:
    """Yield the time of one poll, then what two pollers at the same time told."""
    name, due = "revops_bench_clocks", plan.clocks // 10
    postgres.create(name, template=stand.blank(postgres, static))
    given = web.environment(postgres.url(name), web.PRODUCT_SETTINGS, static)
    found = stand.call("bench.ticking", "--running", str(plan.clocks), "--due", str(due), given=given)
    title = f"One poll, {due:,} clocks due of {plan.clocks:,} running"
    met = found["seconds"] <= MOST_SECONDS and found["looked_at"] == due
    detail = f"{found['looked_at']:,} looked at; every threshold behind each kept and told"
    yield Line(SECTION, title, f"{found['seconds']:.1f} s", f"≤ {MOST_SECONDS:g} s", met, detail)
    once = found["doubled"] == 0 and found["breached"] == 2 * due
    told = f"{found['doubled']} told twice, {2 * due - found['breached']} not told"
    shares = " and ".join(f"{share:,}" for share in found["shares"])
    detail = f"{shares} clocks in {found['together']:.1f} s, the start of the processes included"
    yield Line(SECTION, f"Two pollers, {due:,} more clocks due", told, "each once", once, detail)
    postgres.drop(name)
