"""Writes bench/results.md: every figure beside its target, met or not, with the machine and the sizes."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Run:
    """What was measured where: the sizes, the server, the filled databases, and how many cores others used."""

    plan: Plan
    postgres: Postgres
    databases: Sequence[Database]
    busy: float


def render(lines: Sequence[Line], run: Run, before: str) -> str:
    """Return the results as Markdown; sections of `before` that were not measured anew stay as they are."""
    kept = sections(before)
    for section in dict.fromkeys(line.section for line in lines):
        kept[section] = _section([line for line in lines if line.section == section], run)
    rows = [row for text in kept.values() for row in text.splitlines() if row.startswith("| ")]
    missed = [row.split(" | ")[0].removeprefix("| ") for row in rows if "| **no** |" in row]
    met = sum("| yes |" in row for row in rows)
    parts = [
        "# Results of `make bench`",
        "",
        f"{_HOW} Each section says which run it is of; a run of some sections leaves the others as they are.",
        "",
        f"**{met} targets met, {len(missed)} missed" + (": " + "; ".join(missed) if missed else "") + ".**",
    ]
    for section, text in kept.items():
        parts += ["", f"## {section}", "", text]
    return "\n".join(parts) + "\n"


def sections(text: str) -> dict[str, str]:
    """Return the sections of earlier results by their headings."""
    found = {}
    for part in f"\n{text}".split("\n## ")[1:]:
        heading, _, content = part.partition("\n")
        found[heading] = content.strip()
    return found


def _section(lines: Sequence[Line], run: Run) -> str:
    head = ["| what | found | target | met | made of |", "|---|---|---|---|---|"]
    return "\n".join([*_machine(run), *_sizes(run.databases), "", *head, *map(_row, lines)])


def _row(line: Line) -> str:
    met = {True: "yes", False: "**no**", None: ""}[line.met]
    cells = (line.title, line.figure, line.target, met, line.detail)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _machine(run: Run) -> list[str]:
    version = run.postgres.run("postgres", "SHOW server_version")[0][0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    state = (
        "quiet"
        if run.busy < 0.3
        else "**busy: times on the clock mean little, ratios of CPU hold to about 15 %**"
    )
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"
    versions = f"Python {platform.python_version()}, PostgreSQL {version.split()[0]} (fsync on, commits wait)"
    web = f"gunicorn gthread, {WORKERS} workers × {THREADS} threads, DEBUG off, for product and floor alike"
    load = f"{run.plan.rounds} rounds of {run.plan.requests} requests over {CONNECTIONS} kept connections"
    return [
        (
            f"* Run of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine}, {versions}. Others used {run.busy:.1f}"
            f" cores during the run: {state}."
        ),
        f"* Web: {web}; {load}. The floor's lists know no scope: whoever asks, they read the first fifty rows.",
    ]


def _sizes(databases: Sequence[Database]) -> list[str]:
    return [_volume(one.facts) if "leads" in one.facts else _accounts(one.facts) for one in databases]


def _accounts(facts: dict[str, Any]) -> str:
    copied = facts["accounts"] - facts["through_actions"]
    line = f"* {facts['accounts']:,} accounts of {facts['reps']:,} reps in {facts['teams']} teams: "
    line += f"{facts['through_actions']:,} written through the actions, {copied:,} copied inside PostgreSQL"
    return line + (f" {_COPIED}" if copied else ".")


def _volume(facts: dict[str, Any]) -> str:
    sizes = ", ".join(f"{facts[name]:,} {name}" for name in ("leads", "deals", "accounts", "contacts"))
    seconds = sum(facts["seconds"].values())
    return (
        f"* {sizes} of {facts['reps']:,} reps in {facts['teams']} teams, filled in {seconds:.0f} s {_FILLED}"
    )


_COPIED = (
    "with all their rows (history, intervals, domains, events, search words, outbox). Simulated in the copies: the "
    "digests and codes of the trail, which are those of the row that was copied."
)

_FILLED = (
    "by SQL: live rows, holdings (one account and deal in a hundred is also held by a partner), stages, search words "
    "of unevenly spread names; without history and trail."
)
