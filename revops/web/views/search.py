"""Search over everything one sees: the box on top, its page, and what a picker offers."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.folding import fold, words
from revops.kernel.people import access
from revops.kernel.people.queries import assignable_people, known_people
from revops.kernel.records import registry, searching, telling
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import page, record
from revops.web.addresses import Address
from revops.web.palette.offering import Option, line_option, options
from revops.web.rendering import show

ON_PAGE, IN_BOX, IN_PICKER = 50, 8, 12


@dataclass(frozen=True, slots=True)
class Found:
    """What a question finds of one record type; `count` is "50+" beyond what is shown."""

    type: RecordType
    count: str
    hits: list[Option]


@page("GET")
def search_page(request: HttpRequest) -> HttpResponse:
    """Show what a question finds, by record type, or (`kind`) of one of them."""
    text, chosen = _typed(request), request.GET.get("kind", "")[:40]
    found = _found(request.user, text) if text else []
    address = Address("/search/", {"q": text})
    tabs = [("All", "", address.to(), not chosen)]
    tabs += [
        (one.type.plural, one.count, address.to(kind=one.type.slug), one.type.slug == chosen) for one in found
    ]
    shown = [one for one in found if chosen in ("", one.type.slug)]
    context = {"text": text, "found": shown, "tabs": tabs if found else [], "whole": len(shown) == 1}
    return show(request, "pages/search.html", context)


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "")[: searching.LONGEST_TEXT].strip()


def _found(user: Any, text: str) -> list[Found]:
    hits = searching.search(user, text, limit=ON_PAGE + 1)
    places: dict[str, list[telling.Place]] = {}
    for hit in hits:
        places.setdefault(hit.record_type.label, []).append((hit.record_type.label, hit.pk))
    told = telling.lines(user, [place for some in places.values() for place in some[:ON_PAGE]])
    return [
        Found(
            registry.get(label),
            str(len(some)) if len(some) <= ON_PAGE else f"{ON_PAGE}+",
            [line_option(told[place], text) for place in some if place in told],
        )
        for label, some in places.items()
    ]


@page("GET")
def search_box(request: HttpRequest) -> HttpResponse:
    """Offer the first records that fit what stands in the search box, and the way to all of them."""
    text = _typed(request)
    found = options(request.user, text, limit=IN_BOX) if text else []
    everything = Option("See all results", "search", url=Address("/search/", {"q": text}).to(), shortcut="")
    groups = [("", [*found, everything])] if found else []
    return show(request, "components/options.html", {"groups": groups, "text": text}, fragment=True)


@page("GET")
def people_options(request: HttpRequest) -> HttpResponse:
    """Offer the people one may name: those one sees, and the colleagues on one's teams."""
    user: Any = request.user
    found = assignable_people().filter(
        pk__in=known_people(user).values("pk"), name__icontains=request.GET.get("q", "")[:80].strip()
    )
    return _picker(
        request,
        [
            Option(person.name, note="you" if person == user else "", value=str(person.pk))
            for person in found[:IN_PICKER]
        ],
    )


def _picker(request: HttpRequest, offered: list[Option]) -> HttpResponse:
    groups = [("", offered)] if offered else []
    return show(request, "components/options.html", {"groups": groups}, fragment=True)


@record(GET="view")
def record_options(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Offer the records of a type that fit the text, by name."""
    if record_type.title not in access.readable(request.user, record_type.label):
        raise Http404
    offered = record_type.extra.get("offered", {})
    rows = record_type.model.objects.visible_to(request.user).filter(**offered)
    text, order = request.GET.get("q", "")[:200], record_type.by_name[record_type.title].compared
    if words(text):
        found = searching.first(rows, record_type, text, limit=IN_PICKER)
    else:
        found = list(rows.order_by(order, "pk").values_list("pk", record_type.title)[:IN_PICKER])
    return _picker(
        request, [Option(title, note=record_type.number(pk), value=str(pk)) for pk, title in found]
    )


@page("GET")
def model_options(request: HttpRequest, label: str) -> HttpResponse:
    """Offer rows of a small set-up table that records refer to (a territory), as far as the reader sees them."""
    referred = {field.reference for kind in registry.every() for field in kind.fields}
    if label not in referred or not access.rights(request.user, label).sees_any:
        raise Http404
    rows = apps.get_model(label).objects.visible_to(request.user)
    wanted = fold(request.GET.get("q", "")[:80])
    found = [one for one in rows.order_by("pk")[:500] if wanted in fold(str(one))][:IN_PICKER]
    return _picker(request, [Option(str(one), value=str(one.pk)) for one in found])
