"""The start page: what matters now for whoever looks: their work, the blocks of their roles, else what is newest."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from revops.kernel.people import access
from revops.kernel.records import work as works
from revops.web import home_blocks, navigation, work_rows
from revops.web.access_rows import page
from revops.web.rendering import show

TOP = 5


@page("GET")
def home(request: HttpRequest) -> HttpResponse:
    """Show the start page."""
    user: Any = request.user
    now = work_rows.now_of(user)
    hour = now.hour
    greeting = "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"
    with access.remembered():
        found = works.work(user, now)
        blocks = home_blocks.drawn(user, now)
        overseer = access.roles_of(user) & home_blocks.OVERSEERS
        recent = home_blocks.recent(user) if overseer or not (found.items or blocks) else []
    context = {
        "greeting": f"{greeting}, {user.get_short_name()}",
        "rows": [work_rows.row(item, {}) for item in found.items[:TOP]],
        "waiting": f"{len(found.items)}{'+' if found.full else ''}",
        "blocks": blocks,
        "recent": recent,
        "creatable": navigation.creatable(user)[:1],
    }
    return show(request, "pages/home.html", context)
