"""What waits to be read: the bell, the page of all notifications, and how one wants to be told."""

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from revops.kernel import notifications
from revops.kernel.audit import Blocked
from revops.kernel.notifications import choosing, kinds
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.models import Notification
from revops.kernel.records import following
from revops.web import preferences, refusals
from revops.web.access_rows import page
from revops.web.rendering import is_fragment, show

IN_BELL = 20
HERE, SETTINGS = "/notifications/", "/settings/notifications/"
TABS = (("unread", "Unread"), ("read", "Read"), ("all", "All"))


@page("GET")
def bell(request: HttpRequest) -> HttpResponse:
    """Show what waits to be read; only what speaks of records one still sees."""
    user: Any = request.user
    waiting = notifications.unread(user, limit=IN_BELL)
    return show(request, "notifications/bell.html", {"waiting": waiting}, fragment=True)


@page("GET")
def list_page(request: HttpRequest) -> HttpResponse:
    """Show notifications by state and kind, a page at a time."""
    user: Any = request.user
    state, kind, after = (request.GET.get(name, "")[:80] for name in ("state", "kind", "after"))
    state = state or "unread"
    try:
        found = notifications.page(user, state=state, kind=kind, after=after)
    except Blocked:
        raise Http404 from None
    zone = preferences.of(user).zone
    days = groupby(found.rows, key=lambda row: row.created_at.astimezone(zone).date())
    context = {
        "days": [(day, list(rows)) for day, rows in days],
        "zone": zone,
        "tabs": [(label, _address(state=key, kind=kind), key == state) for key, label in TABS],
        "kinds": [
            (label, _address(state=state, kind=key), key == kind)
            for key, label in [("", "Every kind"), *((one.key, one.label) for one in kinds.every())]
        ],
        "state": state,
        "here": _address(state=state, kind=kind, after=after),
        "more": _address(state=state, kind=kind, after=found.next) if found.next else "",
        "first": not after,
    }
    return show(request, "notifications/page.html", context)


def _address(**parameters: str) -> str:
    chosen = {name: text for name, text in parameters.items() if text and (name, text) != ("state", "unread")}
    return f"{HERE}?{urlencode(chosen)}" if chosen else HERE


@page("POST")
def mark(request: HttpRequest) -> HttpResponse:
    """Mark one notification (`id`) as read or (`unread`) as unread, or all as read; `go` follows its address."""
    user: Any = request.user
    pk = request.POST.get("id", "")
    back = request.POST.get("next", "")
    if not pk:
        notifications.mark_read(user)
    elif not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    elif request.POST.get("unread"):
        notifications.mark_unread(user, [int(pk)])
    else:
        notifications.mark_read(user, [int(pk)])
        if request.POST.get("go"):
            return HttpResponseRedirect(_local(request, _target(user, int(pk)), HERE), status=303)
    if is_fragment(request):
        waiting = notifications.unread(user, limit=IN_BELL)
        return show(request, "notifications/bell.html", {"waiting": waiting}, fragment=True)
    return HttpResponseRedirect(_local(request, back, HERE), status=303)


def _target(user: Any, pk: int) -> str:
    """Return where a notification of `user` points, as long as they see what it is about."""
    rows = list(Notification.objects.filter(recipient=user, pk=pk))
    seen = notifications.visible(user, rows)
    return seen[0].url if seen else ""


@page("GET", "POST")
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show and keep how each kind of notification comes, when the digest does, and what one follows by itself."""
    user: Any = request.user
    refusal = None
    if request.method == "POST":
        try:
            _keep(user, request.POST)
            messages.success(request, "Saved.")
            return HttpResponseRedirect(SETTINGS, status=303)
        except Blocked as error:
            refusal = refusals.of(error, "This was not saved")
    daily = choosing.daily(user)
    context = {
        "choices": choosing.choices(user),
        "mails": Mail.choices,
        "daily": daily,
        "hours": [(hour, f"{hour:02}:00") for hour in range(24)],
        "zone": preferences.of(user).zone.key,
        "owned": following.follows_owned(user),
        "refusal": refusal,
    }
    return show(request, "settings/notifications.html", context, status=422 if refusal else 200)


def _keep(user: Any, form: Any) -> None:
    """Keep what the form says. Raises Blocked with the first kind that does not fit; nothing is kept then."""
    hour = form.get("hour", "")
    wanted = [
        (one.kind.key, f"bell-{one.kind.key}" in form, form.get(f"mail-{one.kind.key}", ""))
        for one in choosing.choices(user)
    ]
    choosing.keep_all(
        by=user,
        choices=wanted,
        hour=int(hour) if hour.isascii() and hour.isdigit() and len(hour) < 3 else -1,
        weekdays_only="weekdays_only" in form,
    )
    following.use_owned(by=user, owned="owned" in form)


def _local(request: HttpRequest, url: str, otherwise: str) -> str:
    safe = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, request.is_secure()
    )
    return url if safe else otherwise
