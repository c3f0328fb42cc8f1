"""`make bench`, or `python -m bench --small` for a look at the stand itself."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench import (
    boards,
    bulk_lines,
    clamping,
    creates,
    fragments,
    hygiene,
    imports,
    lists,
    results,
    searches,
    simulations,
    stand,
    sweep,
    tickers,
    transitions,
    web,
)
from bench.database import Postgres, postgres
from bench.lines import Line
from bench.meter import Neighbours
from bench.stand import Database, Plan

ACCOUNT_PARTS = ("queries", "lists", "growth", "creates")
VOLUME_PARTS = (
    "record_queries",
    "record_lists",
    "record_creates",
    "search",
    "fragments",
    "boards",
    "hygiene",
    "simulate",
    "transitions",
    "clamping",
    "sweep",
    "imports",
)
# What somebody at the screen waits for, each measured in the same way.
_SCREENS = {"search": searches, "fragments": fragments, "boards": boards, "hygiene": hygiene}
_NIGHTS = {"simulate": simulations, "transitions": transitions, "clamping": clamping, "sweep": sweep}
PARTS = (*ACCOUNT_PARTS, "bulk", "clocks", *VOLUME_PARTS)


def arguments() -> argparse.Namespace:
    """Read the command line; its numbers are the fields of `Plan`."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure RevOps beside the bare framework."
    )
    for name in Plan.__dataclass_fields__:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int)
    parser.add_argument("--small", action="store_true", help="few of everything: a look at the stand itself")
    parser.add_argument("--memory", action="store_true", help="measure a worker that imports 500,000 leads")
    parser.add_argument("--data", type=Path, help="keep the PostgreSQL cluster here, for the next run")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--results", type=Path, default=results.RESULTS)
    return parser.parse_args()


def planned(given: argparse.Namespace) -> Plan:
    """Return the plan that the command line asks for."""
    plan = stand.SMALL if given.small else Plan()
    if given.memory:
        plan = replace(plan, remembered=500_000)
    named = {name: getattr(given, name) for name in Plan.__dataclass_fields__}
    return replace(plan, **{name: value for name, value in named.items() if value is not None})


def collect_static(static: str) -> None:
    """Collect the static files of this run: outside DEBUG a page asks for their names."""
    given = web.environment("sqlite:///:memory:", web.PRODUCT_SETTINGS, static)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=web.ROOT, env=given, check=True)


def measure(parts: list[str], server: Postgres, plan: Plan, static: str) -> Iterator[Line | Database]:
    """Yield the databases as they are filled and the lines as they are found."""
    wanted = set(parts)
    if wanted & set(ACCOUNT_PARTS):
        yield (large := stand.prepare(server, plan.accounts, plan.through_actions, static))
        if "queries" in wanted:
            yield from lists.queries([lists.ACCOUNTS], large)
            yield from lists.plans([lists.ACCOUNTS], large)
        if wanted & {"lists", "growth", "creates"}:
            yield from requests(wanted, large, plan)
    if "bulk" in wanted:
        yield from bulk_lines.measure(server, plan, static)
    if "clocks" in wanted:
        yield from tickers.measure(server, plan, static)
    if wanted & set(VOLUME_PARTS):
        yield from volume(wanted, server, plan, static)


def requests(wanted: set[str], large: Database, plan: Plan) -> Iterator[Line | Database]:
    """Yield what requests about accounts cost, on the large database and beside it on smaller ones."""
    with stand.product(large) as product, stand.floor(large) as floor:
        if "lists" in wanted:
            yield from lists.measure(lists.ACCOUNTS, large, product, floor, plan)
        if "growth" in wanted and plan.fewer != plan.accounts:
            yield (small := stand.prepare(large.postgres, plan.fewer, plan.through_actions, large.static))
            yield from lists.growth(large, product, small, plan)
        if "creates" in wanted:
            yield from creates.of_accounts(large, product, floor, plan)
    if "creates" in wanted and plan.few != plan.accounts:
        yield (few := stand.prepare(large.postgres, plan.few, plan.few, large.static))
        with stand.product(few) as product, stand.floor(few) as floor:
            yield from creates.of_accounts(few, product, floor, plan)


def volume(wanted: set[str], server: Postgres, plan: Plan, static: str) -> Iterator[Line | Database]:
    """Yield what leads and deals cost: lists, creates, searches, imports."""
    yield (large := stand.volume(server, plan, static))
    listings = [lists.LEADS, lists.DEALS, lists.of_owner(large.facts["owner"])]
    if "record_queries" in wanted:
        yield from lists.queries(listings[:2], large)
        yield from lists.plans(listings, large)
    if wanted & {"record_lists", "record_creates", *_SCREENS}:
        with stand.product(large) as product, stand.floor(large) as floor:
            for name, part in _SCREENS.items():
                if name in wanted:
                    yield from part.measure(large, product, plan)
            if "record_lists" in wanted:
                for listing in listings:
                    yield from lists.measure(listing, large, product, floor, plan)
            if "record_creates" in wanted:
                yield from creates.of_records(large, product, floor, plan)
    for part, section in _NIGHTS.items():
        if part in wanted:
            yield from section.measure(large, plan)
    if "imports" in wanted:
        empty = stand.volume(server, replace(plan, leads=0, deals=0, contacts=0), static)
        yield from imports.measure(large, empty, plan)


def main() -> int:
    """Measure, write the results and print them; return 0 whether the targets were met or not."""
    given = arguments()
    plan = planned(given)
    databases: list[Database] = []
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="revops-static-") as static, postgres(given.data) as server:
        neighbours = Neighbours(os.getpid(), server.pid)
        collect_static(static)
        for found in measure(given.only.split(","), server, plan, static):
            if isinstance(found, Database):
                databases.append(found)
                continue
            lines.append(found)
            met = {True: "met", False: "MISSED", None: ""}[found.met]
            stand.say(f"{found.title}: {found.figure} {found.target} {met}\n    {found.detail}")
        run = results.Run(plan, server, databases, neighbours.read())
        before = given.results.read_text(encoding="utf-8") if given.results.exists() else ""
        text = results.render(lines, run, before)
    given.results.write_text(text, encoding="utf-8")
    stand.say(f"\nWritten to {given.results}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
