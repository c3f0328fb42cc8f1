"""One measured database: its people, its servers, and the comparison of two requests in alternating rounds."""

import hashlib
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bench import load, web
from bench.database import Postgres
from bench.load import Request
from bench.meter import Meter

SCOPES = ("owner", "manager", "revops")


@dataclass(frozen=True)
class Plan:
    """How large and how long a run is. `companies` are the accounts beside leads and deals, `imported` the rows of a
    file of leads, `remembered` those of the file by which a worker's memory is measured (0: not measured).
    """

    accounts: int = 1_000_000
    fewer: int = 100_000
    few: int = 2_000
    through_actions: int = 5_000
    requests: int = 300
    rounds: int = 5
    bulk: int = 10_000
    clocks: int = 100_000
    leads: int = 1_000_000
    deals: int = 1_000_000
    contacts: int = 200_000
    companies: int = 200_000
    imported: int = 50_000
    searches: int = 240
    remembered: int = 0


# What `--small` takes instead: a look at the stand itself.
SMALL = Plan(
    accounts=20_000,
    fewer=5_000,
    through_actions=2_000,
    requests=40,
    rounds=2,
    bulk=5_000,
    clocks=5_000,
    leads=20_000,
    deals=20_000,
    contacts=5_000,
    companies=5_000,
    imported=5_000,
)


@dataclass(frozen=True)
class Side:
    """One of two things compared: a request to a server. `work` is how many requests a round sends."""

    server: web.Web
    request: Request


@dataclass(frozen=True)
class Measured:
    """CPU milliseconds a request, round by round, and the median time on the clock."""

    cpu: list[float]
    clock: float
    bytes: int

    @property
    def median(self) -> float:
        return statistics.median(self.cpu)


@dataclass(frozen=True)
class Database:
    """A filled database and whoever asks it."""

    postgres: Postgres
    name: str
    facts: dict[str, Any]
    static: str
    actors: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.postgres.url(self.name)

    def call(self, module: str, *arguments: str, settings: str = web.PRODUCT_SETTINGS) -> Any:
        """Run `python -m module` against this database and return the JSON of its last line."""
        return call(module, *arguments, given=web.environment(self.url, settings, self.static))


def call(module: str, *arguments: str, given: dict[str, str]) -> Any:
    """Run a module of the stand in a process of its own. Raises RuntimeError with what it said on failure."""
    command = [sys.executable, "-m", module, *arguments]
    ended = subprocess.run(command, cwd=web.ROOT, env=given, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{module} failed:\n{ended.stdout[-2_000:]}{ended.stderr[-4_000:]}")
    return json.loads(ended.stdout.strip().splitlines()[-1])


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def prepare(postgres: Postgres, accounts: int, through_actions: int, static: str) -> Database:
    """Return the database with so many accounts, filled first unless an earlier run left it; give its people keys."""
    sizes = ("--accounts", str(accounts), "--through-actions", str(through_actions))
    return filled(postgres, f"revops_bench_{accounts}", "bench.generate", sizes, static)


def volume(postgres: Postgres, plan: Plan, static: str) -> Database:
    """Return the database with so many leads, deals and contacts; without any of them nobody asks it anything."""
    sizes = {"accounts": plan.companies, "contacts": plan.contacts, "leads": plan.leads, "deals": plan.deals}
    given = [part for name, size in sizes.items() for part in (f"--{name}", str(size))]
    given += ["--managers", "1"] if plan.companies < 5_000 else []
    name = "revops_volume_" + "_".join(map(str, sizes.values()))
    return filled(postgres, name, "bench.volume.fill", given, static, keys=bool(plan.leads))


def filled(
    postgres: Postgres, name: str, module: str, sizes: Sequence[str], static: str, *, keys: bool = True
) -> Database:
    """Return the database `name`, filled by `module` unless an earlier run left it, with the tables of today."""
    if postgres.has(name):
        migrate(Database(postgres, name, {}, static))
        postgres.run(name, "ANALYZE")
    else:
        say(f"Filling a database: {module} {' '.join(sizes)} ...")
        making = Database(postgres, f"{name}_unfinished", {}, static)
        postgres.create(making.name, template=blank(postgres, static))
        facts = making.call(module, *sizes)
        postgres.run(making.name, f"COMMENT ON DATABASE \"{making.name}\" IS '{json.dumps(facts)}'")
        postgres.rename(making.name, name)
    asked = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"
    facts = json.loads(postgres.run("postgres", asked)[0][0])
    database = Database(postgres, name, facts, static)
    if not keys:
        return database
    people = [f"{scope}={facts[scope]}" for scope in SCOPES]
    actors = database.call("bench.actors", *people, settings=web.FLOOR_SETTINGS)
    return replace(database, actors=actors)


def blank(postgres: Postgres, static: str) -> str:
    """Return the name of a migrated database without rows, from which others are copied; made where there is none."""
    name = f"revops_blank_{migrations()}"
    if not postgres.has(name):
        for (old,) in postgres.run(
            "postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'revops_blank_%'"
        ):
            postgres.drop(old)
        making = Database(postgres, f"{name}_unfinished", {}, static)
        postgres.create(making.name)
        migrate(making)
        postgres.rename(making.name, name)
    return name


def migrations() -> str:
    """Return what changes whenever a migration is added or edited."""
    digest = hashlib.sha256()
    for path in sorted(web.ROOT.glob("*/**/migrations/*.py")):
        if ".venv" not in path.parts and "node_modules" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def migrate(database: Database) -> None:
    """Bring the tables of a database to those of this code."""
    given = web.environment(database.url, web.PRODUCT_SETTINGS, database.static)
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    ended = subprocess.run(command, cwd=web.ROOT, env=given, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"The migrations of {database.name} failed:\n{ended.stderr[-4_000:]}")


@contextmanager
def product(database: Database) -> Iterator[web.Web]:
    """Start the product around one database."""
    given = web.environment(database.url, web.PRODUCT_SETTINGS, database.static)
    with web.serve(web.PRODUCT, web.PRODUCT_READY, given) as started:
        yield started


@contextmanager
def floor(database: Database) -> Iterator[web.Web]:
    """Start the floor around one database."""
    given = web.environment(database.url, web.FLOOR_SETTINGS, database.static)
    with web.serve(web.FLOOR, web.FLOOR_READY, given) as started:
        yield started


def compare(sides: dict[str, Side], postgres: Postgres, plan: Plan) -> dict[str, Measured]:
    """Measure the sides in alternating rounds, so that a busy minute falls on all of them alike.

    Each round starts with another side. The first requests, which fill caches and open connections, do not count.
    """
    for side in sides.values():
        load.send(side.server.port, side.request, max(min(8, plan.requests), plan.requests // 10))
    cpu: dict[str, list[float]] = {name: [] for name in sides}
    clock: dict[str, list[float]] = {name: [] for name in sides}
    sizes: dict[str, int] = {}
    order = list(sides)
    for number in range(plan.rounds):
        for name in order[number % len(order) :] + order[: number % len(order)]:
            meter = Meter(sides[name].server.pid, postgres.pid)
            answers = load.send(sides[name].server.port, sides[name].request, plan.requests)
            cpu[name].append(meter.read()[0] * 1e3 / answers.count)
            clock[name].append(answers.percentile(0.5))
            sizes[name] = answers.bytes
    return {name: Measured(cpu[name], statistics.median(clock[name]), sizes[name]) for name in sides}


def ratio(over: Measured, under: Measured) -> float:
    """Return how many times the CPU of `under` the other side takes."""
    return over.median / under.median if under.median else float("inf")
