"""The palette: one field that goes anywhere, finds any record and does what one may do here."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from revops.kernel.records import personal
from revops.web.access_rows import page
from revops.web.palette.offering import offer
from revops.web.rendering import show

LONGEST_PLACE = 400


@page("GET")
def palette(request: HttpRequest) -> HttpResponse:
    """Offer what fits the text (`q`) for somebody who looks at the page `at`, best first."""
    text = request.GET.get("q", "")[:200].strip()
    groups = offer(request.user, text, request.GET.get("at", "")[:LONGEST_PLACE])
    return show(request, "components/options.html", {"groups": groups, "text": text}, fragment=True)


@page("POST")
def chosen(request: HttpRequest) -> HttpResponse:
    """Count that an entry (`key`) was taken, so that it ranks higher the next time."""
    user: Any = request.user
    if key := request.POST.get("key", "")[:120].strip():
        personal.note_choice(by=user, key=key)
    return HttpResponse(status=204)
