"""How long a search takes on the clock: questions of every frequency, for each scope, over all record types."""

from collections.abc import Iterator
from urllib.parse import quote

from bench import load, stand
from bench.lines import Line, told
from bench.load import Request
from bench.meter import Meter
from bench.stand import Database, Plan
from bench.volume.names import vocabulary
from bench.web import Web

SECTION = "Search over all records"
MOST = 100  # milliseconds for 95 of 100 questions


def questions(database: Database, count: int) -> list[str]:
    """Return so many questions: words from the commonest to the rarest, beginnings, names, addresses, misses."""
    words = vocabulary()
    rare = [words["company"][rank - 1] for rank in _spread(len(words["company"]), 40)]
    people = [f"{words['given'][n % 9]} {words['family'][n * n % 60]}" for n in range(25)]
    pairs = [f"{words['company'][n]} {words['kind'][n % 6]}" for n in range(25)]
    beginnings = [word[:length].lower() for length in (1, 2, 3) for word in rare[:10]]
    misses = [
        "zzyzx",
        "qqq www",
        "global zzyzx",
        "nobody@nowhere.test",
        "ACC-000123",
        "LEA-000456",
        "OPP-000789",
    ]
    everywhere = ["com", "inc", "platform", "na", "q1", "smb", "www com", "global inc", "maria smith"]
    sampled = [
        text
        for table, column in (
            ("accounts_account", "name"),
            ("accounts_lead", "company"),
            ("accounts_lead", "email"),
            ("accounts_lead", "name"),
            ("accounts_contact", "name"),
            ("opportunities_opportunity", "name"),
        )
        for (text,) in database.postgres.run(
            database.name, f"SELECT {column} FROM {table} WHERE id % 997 = 1 ORDER BY id LIMIT 15"
        )
    ]
    meant = [text for kind in ("email", "email_domain", "phone") for text in _spelled(database, kind)]
    every = [*everywhere, *words["kind"], *rare, *people, *pairs, *beginnings, *misses, *sampled, *meant]
    return (every * (count // len(every) + 1))[:count]


def _spelled(database: Database, column: str) -> list[str]:
    """Return addresses, domains or phone numbers of leads as people type them: whole, begun, regrouped."""
    held = [
        text
        for (text,) in database.postgres.run(
            database.name, f"SELECT {column} FROM accounts_lead WHERE id % 991 = 7 ORDER BY id LIMIT 10"
        )
    ]
    if column == "phone":
        return [*held[:4], *(f"({text[2:5]}) {text[5:8]}-{text[8:]}" for text in held[4:])]
    if column == "email_domain":
        return [*held[:5], *(f"https://www.{text}/about" for text in held[5:])]
    return [
        *held[:5],
        *(text.partition("@")[0] + "@" for text in held[5:8]),
        *(f"lead: {text}" for text in held[8:]),
    ]


def _spread(size: int, count: int) -> list[int]:
    """Return `count` ranks from 1 to `size`, each the same times further than the one before."""
    return [max(1, round(size ** (n / (count - 1)))) for n in range(count)]


def measure(database: Database, product: Web, plan: Plan) -> Iterator[Line]:
    """Yield for each scope how long the questions take one after the other, through the API."""
    asked = questions(database, plan.searches)
    # A server in use holds the pages that are often asked for: each second question is asked once before.
    _ask(product, {"Authorization": database.actors["revops"]["product"]}, asked[::2])
    for scope in stand.SCOPES:
        token = {"Authorization": database.actors[scope]["product"]}
        _ask(product, token, asked[:10])
        meter = Meter(product.pid, database.postgres.pid)
        times = _ask(product, token, asked)
        cpu = meter.read()[0] * 1e3 / len(asked)
        ordered = sorted(times)
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        slowest = sorted(zip(times, asked, strict=True), reverse=True)[:3]
        worst = ", ".join(f"{text!r} {time:.0f} ms" for time, text in slowest)
        detail = f"{len(asked)} questions; median {middle:.0f} ms; {cpu:.0f} ms CPU each; slowest: {worst}"
        yield Line(
            SECTION, f"95 of 100 searches, {scope}", f"{high:.0f} ms", f"< {MOST} ms", high < MOST, detail
        )
    yield told(SECTION, "Records searched", _sizes(database))


def _ask(product: Web, headers: dict[str, str], asked: list[str]) -> list[float]:
    return [
        load.send(product.port, Request("GET", f"/api/v1/search/?q={quote(text)}", headers), 1).milliseconds[
            0
        ]
        for text in asked
    ]


def _sizes(database: Database) -> str:
    names = ("accounts", "contacts", "leads", "deals")
    return ", ".join(f"{database.facts[name]:,} {name}" for name in names)
