"""What the frame of every page shows. Lazy: a fragment that draws no frame pays nothing for it."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from revops.kernel import notifications
from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.web import navigation, preferences
from revops.web.navigation import Entry

NAVIGATION_COOKIE = "navigation"


class Frame:
    """The frame of one request: who is there, where they can go, what waits for them."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._user: Any = getattr(request, "user", None)

    @property
    def signed_in(self) -> bool:
        return bool(self._user is not None and self._user.is_authenticated)

    @cached_property
    def preferences(self) -> preferences.Preferences:
        return preferences.of(self._user) if self._user is not None else preferences.Preferences()

    @property
    def theme(self) -> str:
        if self.signed_in:
            return self.preferences.theme
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in preferences.THEMES else "auto"

    @property
    def density(self) -> str:
        return self.preferences.density

    @property
    def single_keys(self) -> bool:
        """Whether a key alone may do something."""
        return self.preferences.single_keys

    @property
    def collapsed(self) -> bool:
        return self._request.COOKIES.get(NAVIGATION_COOKIE) == "collapsed"

    @cached_property
    def unread(self) -> str:
        """How many notifications wait, as the bell says it; empty for none."""
        count = notifications.count_unread(self._user)
        return "" if not count else str(count) if count < 100 else "99+"

    @property
    def navigation(self) -> SafeString:
        """The navigation with the current place marked; drawn once for each set of roles."""
        path = self._request.path
        entries = navigation.entries(self._user)
        here = max(
            (e.url for e in entries if e.url == path or (e.url != "/" and path.startswith(e.url))), default=""
        )
        return _navigation(entries, here)

    @property
    def creatable(self) -> tuple[Entry, ...]:
        return navigation.creatable(self._user)

    @property
    def roles(self) -> str:
        """The roles of this person in words."""
        return ", ".join(
            sorted(Role(code).label if code in Role else code for code in access.roles_of(self._user))
        )


_drawn: dict[Any, SafeString] = {}


def _navigation(entries: tuple[Entry, ...], here: str) -> SafeString:
    place = (entries, here)
    if place not in _drawn:
        if len(_drawn) > 500:
            _drawn.clear()
        html = get_template("components/navigation.html").render({"entries": entries, "here": here})
        _drawn[place] = mark_safe(html)  # noqa: S308  a rendered template
    return _drawn[place]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give every template the frame of its page."""
    return {"frame": Frame(request)}
