"""How long somebody waits for hygiene: the ratios of every rep's open deals, in one grouped statement."""

from collections.abc import Iterator

from bench import fragments, stand
from bench.fragments import Fragment
from bench.lines import Line
from bench.stand import Database, Plan
from bench.web import Web

SECTION = "Hygiene by rep"
# What a manager of many waits at most; who sees every deal of the company waits longer.
MOST, MOST_OF_ALL = 400, 2_000


def measure(database: Database, product: Web, plan: Plan) -> Iterator[Line]:
    """Yield for each scope how long the page of hygiene takes, by rep and by manager."""
    for scope in stand.SCOPES:
        seen = {"Cookie": database.actors[scope]["cookie"], "HX-Request": "true"}
        most = MOST_OF_ALL if scope == "revops" else MOST
        pages = [Fragment("Page by rep", ("/hygiene/?sort=score", "/hygiene/?sort=-open"), most=most)]
        if scope != "owner":
            pages.append(Fragment("Page by manager", ("/hygiene/?by=manager",), most=most))
        for one in pages:
            yield fragments.line(SECTION, one, scope, seen, product, database, plan)
