"""What many rows at once cost: writing, sealing, importing."""

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import stand, web
from bench.database import Postgres
from bench.generate import describe
from bench.lines import Line, at_least, told
from bench.stand import Plan

SECTION = "Many rows at once"


def measure(postgres: Postgres, plan: Plan, static: str) -> Iterator[Line]:
    """Yield the rates on PostgreSQL, then on SQLite."""
    name = "revops_bench_bulk"
    postgres.create(name, template=stand.blank(postgres, static))
    given = web.environment(postgres.url(name), web.PRODUCT_SETTINGS, static)
    found = stand.call("bench.bulk", "--rows", str(plan.bulk), given=given)
    raw = found["write_many"]
    title = "write_many, PostgreSQL: history, interval, change event, outbox, search words"
    yield at_least(SECTION, title, raw["rate"], 3_000, _made_of(raw))
    title = "the whole way of an import, PostgreSQL: read, checked, with its domain"
    yield told(SECTION, title, _rate(found["actions"]), _made_of(found["actions"]))
    title = "sealer, PostgreSQL, events of one row"
    yield told(SECTION, title, _rate(found["sealer"]), _made_of(found["sealer"]))
    yield from _import(postgres.url(name), plan, static)
    postgres.drop(name)
    with tempfile.TemporaryDirectory(prefix="revops-bench-") as directory:
        given = web.environment(f"sqlite:///{directory}/bench.sqlite3", web.PRODUCT_SETTINGS, static)
        found = stand.call("bench.bulk", "--rows", str(max(1_000, plan.bulk // 5)), given=given)
    for what in ("write_many", "actions", "sealer"):
        yield told(SECTION, f"{what}, SQLite", _rate(found[what]), _made_of(found[what]))


def _rate(found: dict[str, float]) -> str:
    return f"{found['rate']:,.0f}/s"


def _made_of(found: dict[str, float]) -> str:
    """Say what a row costs; on a busy machine this says more than the rate."""
    total = found["python"] + found["database"]
    where = (
        f" and {found['database']:.3f} ms in the database"
        if found["database"]
        else ", the database included,"
    )
    return f"{found['python']:.3f} ms CPU in Python{where} a row: {1e3 / total:,.0f}/s of one core's time"


def _import(url: str, plan: Plan, static: str) -> Iterator[Line]:
    """Yield how fast the command imports a file of accounts, its start included."""
    with tempfile.TemporaryDirectory(prefix="revops-bench-") as directory:
        path = Path(directory) / "accounts.csv"
        write_file(path, plan.bulk)
        command = [
            sys.executable,
            "manage.py",
            *f"import_csv account {path} --mapping columns --json".split(),
        ]
        given = web.environment(url, web.PRODUCT_SETTINGS, static)
        begun = time.perf_counter()
        ended = subprocess.run(command, cwd=web.ROOT, env=given, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begun
    try:
        answer = json.loads(ended.stdout)
        told_of = ", ".join(f"{answer[name]:,} {name}" for name in ("rows", "created", "rejected"))
    except (ValueError, KeyError):
        said = (ended.stderr or ended.stdout).strip()[-200:].replace("\n", " ")
        yield told(SECTION, "import_csv, PostgreSQL", "not measured", said)
        return
    yield told(SECTION, "import_csv, PostgreSQL", f"{answer['rows'] / seconds:,.0f}/s", told_of)


def write_file(path: Path, rows: int) -> None:
    """Write a file of so many new accounts, with our own field names as headers."""
    names = ["name", "domain", "industry", "employees", "annual_revenue", "country", "website", "phone"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["external_id", *names])
        for number in range(rows):
            values = describe(number) | {"name": f"Imported {number}", "domain": f"imported-{number}.com"}
            writer.writerow([f"X{number:08d}", *(values[name] for name in names)])
