"""Who sees a record, why, and what oneself may do with it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from revops.kernel.people import access
from revops.kernel.people.queries import visible_users
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.rendering import show
from revops.web.views import record as record_views

MOST = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """Those who see a record for one reason: the names the reader may know, and how many more there are."""

    why: str
    names: list[str]
    others: int


@record(GET="view")
def viewers_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show everybody who sees the record by the reason, and what the reader may do with it."""
    with access.remembered():
        shown = record_views.sheet(request, record_type, pk)
        found = access.viewers(shown.record)
        people = [one.person for one in found]
        known = dict(
            visible_users(request.user)
            .filter(pk__in=people)
            .order_by("name")
            .values_list("pk", "name")[:MOST]
        )
        context = record_views.head(shown) | {
            "seen": _grouped(found, known),
            "count": len(found),
            "may_change": [one.label for one in shown.fields if one.name in shown.editable],
            "settled": bool(shown.allowed - shown.editable),
            "tab": "access",
        }
        return show(request, "records/viewers.html", context)


def _grouped(found: list[access.Viewer], known: dict[int, str]) -> list[Seen]:
    """Return the reasons in the order of their viewers, each with the names the reader may know."""
    reasons = list(dict.fromkeys(one.why for one in found))
    return [_seen(why, [one.person for one in found if one.why == why], known) for why in reasons]


def _seen(why: str, people: list[int], known: dict[int, str]) -> Seen:
    names = sorted(known[person] for person in people if person in known)
    return Seen(why, names, len(people) - len(names))
