"""What a file of leads costs: into a database without leads, into the large one, and in how much memory."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import stand, web
from bench.lines import Line, at_least, at_most, told
from bench.stand import Database, Plan
from bench.volume.names import vocabulary

SECTION = "Imports of leads"
MEMORY = 400  # megabytes
_HEADER = (
    *("external_id", "first_name", "last_name", "title", "company", "email", "phone", "source_original"),
    *("country", "city", "industry", "employees", "description"),
)


def write_file(path: Path, rows: int, firms: list[tuple[str, str]], mark: str) -> None:
    """Write a file of new leads, each second one from one of `firms` (name, domain); `mark` tells files apart."""
    words = vocabulary()
    given, family = words["given"], words["family"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for n in range(rows):
            name, domain = firms[n % len(firms)] if n % 2 else (f"Import {mark} {n} Inc", f"{mark}-{n}.com")
            first, last = given[n * 7 % len(given)], family[n * 13 % len(family)]
            email = f"{first}.{last}.{mark}{n}@{domain}".lower()
            person = [first, last, "Head of purchasing", name, email, f"+1202555{n % 10_000:04d}"]
            firm = ["web", "US", "Springfield", "technology", 10 + n % 5_000, "Met at the fair."]
            writer.writerow([f"{mark}{n:08d}", *person, *firm])


def measure(large: Database, empty: Database, plan: Plan) -> Iterator[Line]:
    """Yield the rates into both databases, each a copy that is gone afterwards, and their ratio."""
    none = _bring(empty, plan, plan.imported, "none")
    many = _bring(large, plan, plan.imported, "many")
    title = "{:,} leads into a table of {:,}: read, checked, with history, trail and search words"
    yield at_least(SECTION, title.format(plan.imported, 0), none["rate"], 2_000, _made_of(none))
    yield at_least(
        SECTION, title.format(plan.imported, large.facts["leads"]), many["rate"], 2_000, _made_of(many)
    )
    slower = (many["python"] + many["database"]) / (none["python"] + none["database"])
    clock = f"on the clock {none['rate'] / many['rate']:.2f} ×"
    yield at_most(
        SECTION, f"CPU a row at {large.facts['leads']:,} leads over an empty table", slower, 1.2, clock
    )
    if plan.remembered:
        held = _bring(empty, plan, plan.remembered, "memory")
        figure, most = held["megabytes"], f"< {MEMORY} MB"
        title = f"Memory of a worker that imports {plan.remembered:,} leads"
        yield Line(SECTION, title, f"{figure:.0f} MB", most, figure < MEMORY, _made_of(held))
    else:
        yield told(
            SECTION, f"Memory of a worker that imports {plan.imported:,} leads", f"{none['megabytes']:.0f} MB"
        )


def _bring(database: Database, plan: Plan, rows: int, mark: str) -> dict[str, Any]:
    """Import so many leads into a copy of a database, in a process of its own, after a fifth as many to warm up."""
    asked = (
        "SELECT name, primary_domain FROM accounts_account WHERE primary_domain <> '' ORDER BY id LIMIT 20000"
    )
    firms = database.postgres.run(database.name, asked)
    name = f"{database.name}_import"
    database.postgres.create(name, template=database.name, large=True)
    try:
        with tempfile.TemporaryDirectory(prefix="revops-bench-") as directory:
            file, warm = Path(directory) / "leads.csv", Path(directory) / "warm.csv"
            write_file(file, rows, firms, mark)
            # A copied database begins with a checkpoint: every page that is touched first is logged whole.
            write_file(warm, max(1_000, plan.imported // 5), firms, f"{mark}warm")
            given = web.environment(database.postgres.url(name), web.PRODUCT_SETTINGS, database.static)
            who = ("--by", str(database.facts["revops"]), "--warm", str(warm))
            return stand.call("bench.lead_import", str(file), *who, given=given)
    finally:
        database.postgres.drop(name)


def _made_of(found: dict[str, Any]) -> str:
    """Say what a row costs and what became of the rows."""
    counts = ", ".join(f"{count:,} {what}" for what, count in found["counts"].items() if count)
    cpu = f"{found['python']:.3f} ms CPU in Python and {found['database']:.3f} ms in the database a row"
    return f"{counts}; {cpu}; {found['megabytes']:.0f} MB at most, {found['before']:.0f} MB before"
