"""One's tokens for the API: each with what it may do and when it ends, a new one shown once, one ended at once."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.people.tokens import actions
from revops.kernel.people.tokens.enums import TokenScope
from revops.kernel.people.tokens.models import ApiToken
from revops.web import formatting, preferences
from revops.web.access_rows import page
from revops.web.rendering import show

HERE = "/settings/tokens/"
SHOWN = 100
LIVES = {"30": "30 days", "90": "90 days", "180": "180 days", "365": "One year"}


@page("GET")
def tokens_page(request: HttpRequest) -> HttpResponse:
    """Show one's own tokens, those that still open the API first."""
    user: Any = request.user
    zone, now = preferences.of(user).zone, clocks.now()
    rows = ApiToken.objects.visible_to(user).filter(user=user).order_by("-pk")[:SHOWN]
    entries = [
        {
            "token": one,
            "open": one.revoked_at is None and one.expires_at > now,
            "created": formatting.day(one.created_at.astimezone(zone).date()),
            "ends": formatting.day(one.expires_at.astimezone(zone).date()),
            "used": formatting.day(one.last_used_on) if one.last_used_on else "",
        }
        for one in rows
    ]
    entries.sort(key=lambda entry: not entry["open"])
    return show(request, "settings/tokens.html", {"entries": entries})


@page("GET", "POST")
@reauthentication_required
def new_page(request: HttpRequest) -> HttpResponse:
    """Make a token, once it is certain who sits there; its text stands in the answer and nowhere else."""
    given = {"name": "", "scope": TokenScope.READ.value, "days": "90"}
    refusal = None
    if request.method == "POST":
        given = {name: request.POST.get(name, given[name]) for name in given}
        days = int(given["days"]) if given["days"] in LIVES else 0
        try:
            user: Any = request.user
            token, text = actions.create_token(by=user, name=given["name"], scope=given["scope"], days=days)
        except Blocked as error:
            refusal = error
        else:
            return show(request, "settings/token.html", {"token": token, "text": text}, status=201)
    context = {"given": given, "scopes": TokenScope.choices, "lives": LIVES.items(), "refusal": refusal}
    return show(request, "settings/token_new.html", context, status=422 if refusal else 200)


@page("POST")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens now."""
    user: Any = request.user
    if not ApiToken.objects.visible_to(user).filter(user=user, pk=pk).exists():
        raise Http404
    token = actions.revoke_token(by=user, pk=pk)
    messages.success(request, f"“{token.name}” is revoked. Its next request is refused.")
    return HttpResponseRedirect(HERE, status=303)
