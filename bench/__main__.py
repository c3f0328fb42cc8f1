"""`make bench`, or `python -m bench --accounts 20000 --fewer 10000 --requests 40` for a look at the stand itself."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import bulk_lines, creates, lists, results, stand, web
from bench.database import Postgres, postgres
from bench.lines import Line
from bench.meter import Neighbours
from bench.stand import Database, Plan

PARTS = ("queries", "lists", "growth", "creates", "bulk")


def arguments() -> argparse.Namespace:
    """Read the command line; its numbers are the fields of `Plan`."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure RevOps beside the bare framework."
    )
    for name, default in Plan.__dataclass_fields__.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default.default)
    parser.add_argument("--data", type=Path, help="keep the PostgreSQL cluster here, for the next run")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--results", type=Path, default=results.RESULTS)
    return parser.parse_args()


def collect_static(static: str) -> None:
    """Collect the static files of this run: outside DEBUG a page asks for their names."""
    given = web.environment("sqlite:///:memory:", web.PRODUCT_SETTINGS, static)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=web.ROOT, env=given, check=True)


def measure(parts: list[str], server: Postgres, plan: Plan, static: str) -> Iterator[Line | Database]:
    """Yield the databases as they are filled and the lines as they are found."""
    wanted = set(parts)
    if wanted & {"queries", "lists", "growth", "creates"}:
        yield (large := stand.prepare(server, plan.accounts, plan.through_actions, static))
        if "queries" in wanted:
            yield from lists.queries(large)
            yield from lists.plans(large)
        if wanted & {"lists", "growth", "creates"}:
            yield from requests(wanted, large, plan)
    if "bulk" in wanted:
        yield from bulk_lines.measure(server, plan, static)


def requests(wanted: set[str], large: Database, plan: Plan) -> Iterator[Line | Database]:
    """Yield what requests cost, on the large database and beside it on smaller ones."""
    with stand.product(large) as product, stand.floor(large) as floor:
        if "lists" in wanted:
            yield from lists.measure(large, product, floor, plan)
        if "growth" in wanted and plan.fewer != plan.accounts:
            yield (small := stand.prepare(large.postgres, plan.fewer, plan.through_actions, large.static))
            yield from lists.growth(large, product, small, plan)
        if "creates" in wanted:
            yield from creates.measure(large, product, floor, plan)
    if "creates" in wanted and plan.few != plan.accounts:
        yield (few := stand.prepare(large.postgres, plan.few, plan.few, large.static))
        with stand.product(few) as product, stand.floor(few) as floor:
            yield from creates.measure(few, product, floor, plan)


def main() -> int:
    """Measure, write the results and print them; return 0 whether the targets were met or not."""
    given = arguments()
    plan = Plan(**{name: getattr(given, name) for name in Plan.__dataclass_fields__})
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
        text = results.render(lines, plan, server, databases, neighbours.read())
    given.results.write_text(text, encoding="utf-8")
    stand.say(f"\nWritten to {given.results}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
