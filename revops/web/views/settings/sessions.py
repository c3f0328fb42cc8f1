"""Where one is signed in: each device, one ended, all others ended."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.web import formatting, preferences, sessions
from revops.web.access_rows import page
from revops.web.rendering import show

HERE = "/settings/sessions/"


@page("GET")
def sessions_page(request: HttpRequest) -> HttpResponse:
    """Show one's sessions, this one first."""
    zone = preferences.of(request.user).zone
    entries = [
        {
            "session": one,
            "since": formatting.instant(one.since, zone),
            "seen": formatting.instant(one.seen, zone),
            "ago": formatting.relative(one.seen),
        }
        for one in sessions.of(request)
    ]
    return show(request, "settings/sessions.html", {"entries": entries})


@page("POST")
def end(request: HttpRequest) -> HttpResponse:
    """End the session `id`, or every other one. Somebody else's, or this one, is not found."""
    if "others" in request.POST:
        count = sessions.end_others(request)
        ended = f"{count} other session{'' if count == 1 else 's'} ended."
        messages.success(request, ended if count else "There was no other session.")
        return HttpResponseRedirect(HERE, status=303)
    wanted = request.POST.get("id", "")
    if not (
        wanted.isascii() and wanted.isdigit() and len(wanted) < 19 and sessions.end(request, int(wanted))
    ):
        raise Http404
    messages.success(request, "The session ended. Its next request is asked to sign in.")
    return HttpResponseRedirect(HERE, status=303)
