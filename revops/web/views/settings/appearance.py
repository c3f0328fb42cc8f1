"""How the pages look and write: theme, density, locale, time zone, rows of a page, single keys."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.web import formatting, preferences
from revops.web.access_rows import page
from revops.web.rendering import is_fragment, show

NAMES = ("theme", "density", "locale", "time_zone", "page_size", "single_keys")
HERE = "/settings/appearance/"


@page("GET", "POST")
def appearance_page(request: HttpRequest) -> HttpResponse:
    """Show and store how one likes the pages."""
    refusal = None
    if request.method == "POST":
        try:
            return _saved(request)
        except Blocked as error:
            refusal = error
    context = _context(request.user) | {"refusal": refusal}
    return show(request, "settings/appearance.html", context, status=422 if refusal else 200)


@page("GET", "POST")
def preference_page(request: HttpRequest) -> HttpResponse:
    """Store one choice made beside the thing it changes: the theme in the menu, the density in a list."""
    if request.method == "POST":
        return appearance_page(request)  # type: ignore[return-value]
    return HttpResponseRedirect(HERE)


def _saved(request: HttpRequest) -> HttpResponse:
    """Store what was sent. Raises Blocked. The theme is kept on the device too, for the page that signs in."""
    sent = {name: request.POST[name] for name in NAMES if name in request.POST}
    saved = preferences.save(request.user, sent)
    response = HttpResponse(status=204)
    if not is_fragment(request):
        target = request.POST.get("next", "")
        if not _is_local(request, target):
            target = HERE
            messages.success(request, "Saved.")
        response = HttpResponseRedirect(target, status=303)
    response.set_cookie("theme", saved.theme, max_age=31_536_000, samesite="Lax", secure=request.is_secure())
    return response


def _is_local(request: HttpRequest, url: str) -> bool:
    return url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, request.is_secure()
    )


def _context(user: Any) -> dict[str, Any]:
    chosen, now = preferences.of(user), clocks.now()
    samples = []
    for code, name in preferences.LOCALES.items():
        style = formatting.style(code)
        day, amount = style.day(now.date()), style.money(Decimal("1234567.5"), "EUR")
        samples.append((code, f"{name}: {day}, {amount}, week from {style.first_day}"))
    return {
        "chosen": chosen,
        "themes": preferences.THEMES.items(),
        "densities": preferences.DENSITIES.items(),
        "locales": samples,
        "zones": preferences.zones(),
        "sizes": preferences.PAGE_SIZES,
        "now": formatting.instant(now, chosen.zone),
        "soon": formatting.relative(now + timedelta(days=2)),
    }
