"""Who one is here: the name that others read, and what only an administrator changes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import actions, queries
from revops.kernel.people.enums import Role
from revops.web.access_rows import page
from revops.web.rendering import show


@page("GET")
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the first page of the settings."""
    return HttpResponseRedirect("/settings/profile/")


@page("GET", "POST")
def profile_page(request: HttpRequest) -> HttpResponse:
    """Show one's own entry; change one's name."""
    user: Any = request.user
    name, refusal = user.name, None
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            actions.rename_oneself(by=user, name=name)
        except Blocked as error:
            refusal = error
        else:
            messages.success(request, "Your name is saved.")
            return HttpResponseRedirect("/settings/profile/", status=303)
    place = queries.places(User.objects.filter(pk=user.pk))[0]
    context = {
        "name": name,
        "place": place,
        "roles": [Role(code).label if code in Role else code for code in place.roles],
        "refusal": refusal,
    }
    return show(request, "settings/profile.html", context, status=422 if refusal else 200)
