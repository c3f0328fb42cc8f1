"""Search over everything one sees, the palette, and what a picker offers."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.folding import fold, words
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.access.organisation import current
from revops.kernel.people.queries import assignable_people, visible_users
from revops.kernel.records import registry, searching
from revops.kernel.records.registry import RecordType
from revops.web import navigation
from revops.web.access_rows import page, record
from revops.web.rendering import show

ON_PAGE, IN_PALETTE, IN_PICKER = 50, 8, 12


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a palette or picker: a place to go (`url`), or a value to take (`value`)."""

    label: str
    icon: str = ""
    note: str = ""
    url: str = ""
    value: str = ""


@page("GET")
def search_page(request: HttpRequest) -> HttpResponse:
    """Show what a question finds, by record type."""
    text = request.GET.get("q", "")[:200].strip()
    groups: dict[str, list[searching.Hit]] = {}
    for hit in searching.search(request.user, text, limit=ON_PAGE) if text else []:
        groups.setdefault(hit.record_type.plural, []).append(hit)
    return show(
        request, "pages/search.html", {"text": text, "groups": list(groups.items()), "limit": ON_PAGE}
    )


@page("GET")
def palette(request: HttpRequest) -> HttpResponse:
    """Offer places, things to create and records that fit the text, best first."""
    text = request.GET.get("q", "")[:200].strip()
    wanted = fold(text)

    def fits(entry: navigation.Entry) -> bool:
        return all(word in fold(f"{entry.label} {entry.keys} go to") for word in wanted.split())

    def offer(entries: tuple[navigation.Entry, ...]) -> list[Option]:
        return [Option(entry.label, entry.icon, url=entry.url) for entry in entries if fits(entry)]

    hits = searching.search(request.user, text, limit=IN_PALETTE) if text else []
    groups = [
        ("Records", [Option(hit.title, hit.record_type.icon, hit.number, hit.url) for hit in hits]),
        ("Go to", offer(navigation.entries(request.user))),
        ("Create", offer(navigation.creatable(request.user))),
    ]
    context = {"groups": [(title, options) for title, options in groups if options], "text": text}
    return show(request, "components/options.html", context, fragment=True)


@page("GET")
def people_options(request: HttpRequest) -> HttpResponse:
    """Offer the people one may name: those one sees, and the colleagues on one's teams."""
    user: Any = request.user
    organisation = current()
    teams = organisation.teams_of.get(user.pk, frozenset())
    colleagues = [person for person, theirs in organisation.teams_of.items() if theirs & teams]
    known = visible_users(user) | User.objects.filter(pk__in=colleagues)
    found = assignable_people().filter(
        pk__in=known.values("pk"), name__icontains=request.GET.get("q", "")[:80].strip()
    )
    options = [
        Option(person.name, note="you" if person == user else "", value=str(person.pk))
        for person in found[:IN_PICKER]
    ]
    return show(
        request, "components/options.html", {"groups": [("", options)] if options else []}, fragment=True
    )


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
    options = [Option(title, note=record_type.number(pk), value=str(pk)) for pk, title in found]
    return show(
        request, "components/options.html", {"groups": [("", options)] if options else []}, fragment=True
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
    options = [Option(str(one), value=str(one.pk)) for one in found]
    return show(
        request, "components/options.html", {"groups": [("", options)] if options else []}, fragment=True
    )
