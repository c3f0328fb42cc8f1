"""What waits for one person: the bell."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from revops.kernel import notifications
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


def _local(request: HttpRequest, url: str, otherwise: str) -> str:
    safe = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, request.is_secure()
    )
    return url if safe else otherwise
