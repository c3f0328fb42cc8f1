"""The start page: what is mine, and what moved last in what I see."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from revops.kernel import clocks
from revops.kernel.people import access
from revops.kernel.records import listing, registry
from revops.kernel.records.registry import RecordType
from revops.web import navigation, preferences, properties
from revops.web.access_rows import page
from revops.web.cells import Cells
from revops.web.rendering import show

COUNTED, RECENT = 100, 8
_RECENCY = ("updated_at", "created_at")


@dataclass(frozen=True, slots=True)
class Mine:
    """How many records of a type one owns, counted up to 100, and the list that shows exactly these."""

    label: str
    count: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest rows of a type, drawn as its list draws them."""

    type: RecordType
    heads: list[str]
    rows: SafeString
    url: str


@page("GET")
def home(request: HttpRequest) -> HttpResponse:
    """Show the start page."""
    user: Any = request.user
    visible = [
        kind for kind in registry.every() if kind.has_pages and access.rights(user, kind.label).sees_any
    ]
    owned = [kind for kind in visible if "owner" in kind.by_name]
    hour = clocks.now().astimezone(preferences.of(user).zone).hour
    greeting = "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"
    context = {
        "greeting": f"{greeting}, {user.get_short_name()}",
        "mine": [mine for kind in visible if (mine := _mine(kind, user))],
        "recent": [recent for kind in owned if (recent := _recent(kind, user))],
        "creatable": navigation.creatable(user),
        "visible": visible,
    }
    return show(request, "pages/home.html", context)


def _mine(kind: RecordType, user: Any) -> Mine | None:
    owner = kind.by_name.get("owner")
    if owner is None or not owner.filterable or "owner" not in access.readable(user, kind.label):
        return None
    query = listing.parse(kind, user, {"owner": str(user.pk)})
    count = listing.matching(query, user)[:COUNTED].count()
    if not count:
        return None
    noun = (kind.singular if count == 1 else kind.plural).lower()
    shown = f"{count}" if count < COUNTED else f"{COUNTED - 1}+"
    return Mine(f"{noun} you own", shown, f"/{kind.slug}/?owner={user.pk}", kind.icon)


def _recent(kind: RecordType, user: Any) -> Recent | None:
    readable = {field.name: field for field in properties.readable(kind, user)}
    sort = next((name for name in _RECENCY if name in readable and readable[name].sortable), "")
    if not sort:
        return None
    names = [kind.title, *(name for name in kind.columns if name != kind.title)][:4]
    names = [name for name in [*names, sort] if name in readable]
    query = listing.parse(kind, user, {"sort": f"-{sort}"}, limit=RECENT)
    found = listing.page(query, user, names)
    if not found.rows:
        return None
    cells = Cells(kind, preferences.of(user).zone, listing.referenced(kind, found.rows, user))
    heads = [readable[name].label for name in names]
    return Recent(kind, heads, cells.rows(found.rows, names), f"/{kind.slug}/?sort=-{sort}")
