"""How somebody likes the pages. Their own affair: neither governed nor audited, so written here directly."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from revops.kernel.audit import Blocked
from revops.kernel.people.models import Preference

THEMES = {"auto": "As the system", "light": "Light", "dark": "Dark"}
DENSITIES = {"compact": "Compact", "comfortable": "Comfortable"}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the pages ask: theme, density and time zone, with the installation's choice where none was made."""

    theme: str = "auto"
    density: str = "compact"
    time_zone: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.time_zone or settings.ORG_TIME_ZONE)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def of(user: Any) -> Preferences:
    """Return the preferences of `user`; at most one query a request."""
    if not user.is_authenticated:
        return Preferences()
    try:
        stored = user.preference
    except ObjectDoesNotExist:
        return Preferences()
    return Preferences(stored.theme, stored.density, stored.time_zone)


def save(user: Any, changes: dict[str, str]) -> Preferences:
    """Store what `user` chose. Raises Blocked for a value that is not offered."""
    offered = {"theme": THEMES, "density": DENSITIES, "time_zone": available_timezones() | {""}}
    for name, value in changes.items():
        if name not in offered or value not in offered[name]:
            needed = (
                "a time zone such as Europe/Berlin"
                if name == "time_zone"
                else ", ".join(offered.get(name, ()))
            )
            raise Blocked.because(
                "WEB-001",
                f"{value[:60]!r} is not offered for {name}.",
                field=name,
                found=value,
                needed=needed,
            )
    stored, _ = Preference.objects.update_or_create(user=user, defaults=changes)
    return Preferences(stored.theme, stored.density, stored.time_zone)


@cache
def zones() -> list[str]:
    """Return the time zones that a person may choose, by name."""
    return sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
