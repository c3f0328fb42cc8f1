"""How long somebody waits for a board of a million deals: its page, one more page of a column, its figures."""

import http.client
import re
from collections.abc import Iterator, Mapping

from bench import fragments, stand
from bench.fragments import SORTS, Fragment
from bench.lines import Line
from bench.stand import Database, Plan
from bench.web import Web

SECTION = "Boards at a million deals"
# Columns are opened in the order of the list; the closed stages are folded until somebody asks for them.
_MORE = re.compile(r'hx-get="(/opportunities/board/column/[^"]+)"')


def of(port: int, seen: Mapping[str, str]) -> list[Fragment]:
    """Return the parts of a board and how long each may take."""
    boards = tuple(f"/opportunities/?view=all&layout=board&sort={sort}" for sort in SORTS)
    more = tuple(address for board in boards for address in _next_pages(port, board, seen))
    folded = tuple(
        f"/opportunities/board/column/?by=stage&column={stage}&sort={sort}"
        for stage in ("closed_won", "closed_lost")
        for sort in SORTS
    )
    return [
        Fragment("Board of five open columns", boards, most=400),
        Fragment("One more page of a column", more or folded, most=60),
        Fragment("A closed column is opened", folded, most=60),
        Fragment(
            "Figures on the heads of the columns", ("/opportunities/board/heads/?by=stage",), most=1_000
        ),
        Fragment("Totals of the whole list", ("/opportunities/totals/",), most=1_000),
    ]


def _next_pages(port: int, board: str, seen: Mapping[str, str]) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", board, headers=dict(seen))
    page = connection.getresponse().read().decode()
    return [address.replace("&amp;", "&") for address in _MORE.findall(page)]


def measure(database: Database, product: Web, plan: Plan) -> Iterator[Line]:
    """Yield for each scope how long each part of a board takes, one after the other."""
    for scope in stand.SCOPES:
        seen = {"Cookie": database.actors[scope]["cookie"], "HX-Request": "true"}
        for one in of(product.port, seen):
            yield fragments.line(SECTION, one, scope, seen, product, database, plan)
