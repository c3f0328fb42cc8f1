"""The pages of one's own settings, in the order of their sub-navigation."""

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One page under “Settings”: the name of its address, what it is called, its icon."""

    name: str
    label: str
    icon: str
    url: str = ""


_PAGES = (
    SettingsPage("settings-profile", "Profile", "user"),
    SettingsPage("settings-appearance", "Appearance and language", "palette"),
    SettingsPage("settings-notifications", "Notifications", "bell"),
    SettingsPage("settings-delegations", "Delegations", "users"),
    SettingsPage("mfa_index", "Password and passkeys", "shield-lock"),
    SettingsPage("settings-sessions", "Sessions", "devices"),
    SettingsPage("settings-tokens", "API tokens", "key"),
)


@cache
def pages() -> tuple[SettingsPage, ...]:
    """Return the pages that have an address."""
    found = []
    for one in _PAGES:
        try:
            found.append(SettingsPage(one.name, one.label, one.icon, reverse(one.name)))
        except NoReverseMatch:
            continue
    return tuple(found)


def current(path: str) -> str:
    """Return the name of the page that `path` belongs to; everything about signing in is one page."""
    if path.startswith("/sign-in/"):
        return "mfa_index"
    return next((one.name for one in pages() if path.startswith(one.url)), "")
