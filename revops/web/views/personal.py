"""What belongs to one person: the bell, and how they like the pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from revops.kernel import notifications
from revops.kernel.audit import Blocked
from revops.web import preferences
from revops.web.access_rows import page
from revops.web.rendering import is_fragment, show

SHOWN = 50


@page("GET")
def bell(request: HttpRequest) -> HttpResponse:
    """Show what waits to be read; only what speaks of records one still sees."""
    user: Any = request.user
    waiting = notifications.unread(user, limit=SHOWN)
    return show(request, "pages/notifications.html", {"waiting": waiting, "limit": SHOWN})


@page("POST")
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notification (`id`) as read and go where it points, or mark all of them."""
    user: Any = request.user
    waiting = {one.pk: one for one in notifications.unread(user, limit=SHOWN)}
    wanted = request.POST.get("id", "")
    chosen = [one for one in waiting.values() if not wanted or str(one.pk) == wanted]
    if chosen:
        notifications.mark_read(user, [one.pk for one in chosen])
    if wanted and chosen and request.POST.get("go"):
        return HttpResponseRedirect(_local(request, chosen[0].url, "/notifications/"), status=303)
    if is_fragment(request):
        rest = [one for one in waiting.values() if one not in chosen]
        return show(request, "pages/notifications.html", {"waiting": rest, "limit": SHOWN})
    return HttpResponseRedirect("/notifications/", status=303)


@page("GET", "POST")
def preference_page(request: HttpRequest) -> HttpResponse:
    """Show and store theme, density and time zone."""
    refusal = None
    if request.method == "POST":
        names = ("theme", "density", "time_zone")
        try:
            saved = preferences.save(
                request.user, {name: request.POST[name] for name in names if name in request.POST}
            )
        except Blocked as error:
            refusal = error
        else:
            response = HttpResponse(status=204)
            if not is_fragment(request):
                response = HttpResponseRedirect(
                    _local(request, request.POST.get("next", ""), "/preferences/"), status=303
                )
            response.set_cookie(
                "theme", saved.theme, max_age=31_536_000, samesite="Lax", secure=request.is_secure()
            )
            return response
    context = {
        "chosen": preferences.of(request.user),
        "themes": preferences.THEMES.items(),
        "densities": preferences.DENSITIES.items(),
        "zones": preferences.zones(),
        "refusal": refusal,
    }
    return show(request, "pages/preferences.html", context, status=422 if refusal else 200)


def _local(request: HttpRequest, url: str, otherwise: str) -> str:
    safe = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, request.is_secure()
    )
    return url if safe else otherwise
