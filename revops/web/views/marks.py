"""What one keeps about records for oneself: favourites in the navigation, and what one opened last."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.records import personal, registry
from revops.web.access_rows import page
from revops.web.rendering import show


@page("GET", "POST")
def favourites(request: HttpRequest) -> HttpResponse:
    """Show the favourites of the navigation; give a record (`at`) a star or (`on=0`) take it off, or move it (`to`)."""
    user: Any = request.user
    if request.method == "POST":
        label, pk = _named(request)
        try:
            if (to := request.POST.get("to", "")).isdigit():
                personal.move(by=user, record_type=label, pk=pk, to=int(to[:4]))
            elif request.POST.get("on") == "0":
                personal.remove(by=user, record_type=label, pk=pk)
            else:
                personal.add(by=user, record_type=label, pk=pk)
        except (LookupError, ObjectDoesNotExist):
            raise Http404 from None
    marked = personal.favourites(user)
    return show(request, "components/favourites.html", {"favourites": marked}, fragment=True)


@page("POST")
def visits(request: HttpRequest) -> HttpResponse:
    """Keep that the page of a record (`at`) was opened; its page says so once it is shown."""
    user: Any = request.user
    label, pk = _named(request)
    try:
        personal.note_visit(by=user, record_type=label, pk=pk)
    except (LookupError, ObjectDoesNotExist):
        raise Http404 from None
    return HttpResponse(status=204)


def _named(request: HttpRequest) -> tuple[str, int]:
    """Return the record type and id behind the address of a record's page. Raises Http404."""
    slug, _, rest = request.POST.get("at", "")[:400].strip("/").partition("/")
    digits = rest.partition("/")[0]
    kind = next((one for one in registry.every() if one.slug == slug and one.has_pages), None)
    if kind is None or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise Http404
    return kind.label, int(digits)
