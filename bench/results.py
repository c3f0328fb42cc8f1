"""Writes bench/results.md: every figure beside its target, met or not, with the machine and the sizes."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.database import Postgres
from bench.lines import Line
from bench.load import CONNECTIONS
from bench.stand import Database, Plan
from bench.web import THREADS, WORKERS

_HOW = (
    "A ratio is CPU time a request (web processes and PostgreSQL, from /proc) over that of the floor in bench/floor, "
    "both measured in alternating rounds of one run; medians of the rounds."
)
RESULTS = Path(__file__).resolve().parent / "results.md"


def render(
    lines: Sequence[Line], plan: Plan, postgres: Postgres, databases: Sequence[Database], busy: float
) -> str:
    """Return the results as Markdown."""
    missed = [line for line in lines if line.met is False]
    parts = [
        "# Results of `make bench`",
        "",
        f"Written by the run of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {_HOW}",
        "",
        f"**{sum(line.met is True for line in lines)} targets met, {len(missed)} missed"
        + (": " + "; ".join(line.title for line in missed) if missed else "")
        + ".**",
        "",
        *_machine(plan, postgres, busy),
        *_sizes(databases),
    ]
    for section in dict.fromkeys(line.section for line in lines):
        parts += [
            "",
            f"## {section}",
            "",
            "| what | found | target | met | made of |",
            "|---|---|---|---|---|",
        ]
        parts += [_row(line) for line in lines if line.section == section]
    return "\n".join(parts) + "\n"


def _row(line: Line) -> str:
    met = {True: "yes", False: "**no**", None: ""}[line.met]
    cells = (line.title, line.figure, line.target, met, line.detail)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _machine(plan: Plan, postgres: Postgres, busy: float) -> list[str]:
    version = postgres.run("postgres", "SHOW server_version")[0][0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    state = (
        "quiet"
        if busy < 0.3
        else "**busy: times on the clock mean little, ratios of CPU hold to about 15 %**"
    )
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"
    versions = f"Python {platform.python_version()}, PostgreSQL {version.split()[0]} (fsync on, commits wait)"
    web = f"gunicorn gthread, {WORKERS} workers × {THREADS} threads, DEBUG off, for product and floor alike"
    load = f"{plan.rounds} rounds of {plan.requests} requests over {CONNECTIONS} kept connections"
    return [
        f"* Machine: {machine}, {versions}. Others used {busy:.1f} cores during the run: {state}.",
        f"* Web: {web}; {load}.",
        "* The floor's lists know no scope: whoever asks, they read the first fifty customers from the index.",
    ]


def _sizes(databases: Sequence[Database]) -> list[str]:
    lines = []
    for database in databases:
        facts = database.facts
        copied = facts["accounts"] - facts["through_actions"]
        line = f"* {facts['accounts']:,} accounts of {facts['reps']:,} reps in {facts['teams']} teams: "
        line += (
            f"{facts['through_actions']:,} written through the actions, {copied:,} copied inside PostgreSQL"
        )
        lines.append(line + (f" {_COPIED}" if copied else "."))
    return lines


_COPIED = (
    "with all their rows (history, intervals, domains, events, search words, outbox). Simulated in the copies: the "
    "digests and codes of the trail, which are those of the row that was copied."
)
