"""How somebody likes the pages. Their own affair: neither governed nor audited, so written here directly."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from revops.kernel.audit.refusals import Blocked, Finding
from revops.kernel.people.models import Preference

THEMES = {"auto": "As the system", "light": "Light", "dark": "Dark"}
DENSITIES = {"compact": "Compact", "comfortable": "Comfortable"}
LOCALES = {
    "en_US": "United States",
    "en_GB": "United Kingdom",
    "de_DE": "Germany",
    "fr_FR": "France",
    "es_ES": "Spain",
    "nl_NL": "Netherlands",
    "sv_SE": "Sweden",
    "ja_JP": "Japan",
    "pt_BR": "Brazil",
}
PAGE_SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the pages ask, with the installation's choice where none was made."""

    theme: str = "auto"
    density: str = "compact"
    time_zone: str = ""
    locale: str = "en_US"
    page_size: int = 50
    single_keys: bool = True

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.time_zone or settings.ORG_TIME_ZONE)


DEFAULT = Preferences()
_NAMES = tuple(field.name for field in fields(Preferences))


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
        return _read(user.preference)
    except ObjectDoesNotExist:
        return Preferences()


def save(user: Any, changes: Mapping[str, Any]) -> Preferences:
    """Store what `user` chose, as text or as it is stored. Raises Blocked with every value that is not offered."""
    stored, _ = Preference.objects.update_or_create(user=user, defaults=checked(changes))
    user.preference = stored
    return _read(stored)


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices as they are stored. Raises Blocked with every value that is not offered."""
    findings, wanted = [], {}
    for name, given in changes.items():
        value = _typed(name, given)
        if _is_offered(name, value):
            wanted[name] = value
        else:
            findings.append(_unknown(name, given))
    if findings:
        raise Blocked(findings)
    return wanted


def _read(stored: Preference) -> Preferences:
    return Preferences(**{name: getattr(stored, name) for name in _NAMES})


def _typed(name: str, given: Any) -> Any:
    """Return what a form sends as text in the type it is stored in; anything else as it came."""
    if (
        name == "page_size"
        and isinstance(given, str)
        and given.isascii()
        and given.isdigit()
        and len(given) < 4
    ):
        return int(given)
    if name == "single_keys" and given in ("true", "false"):
        return given == "true"
    return given


def _is_offered(name: str, value: Any) -> bool:
    match name:
        case "theme" | "density" | "locale" | "time_zone":
            return isinstance(value, str) and value in _words(name)
        case "page_size":
            return type(value) is int and value in PAGE_SIZES
        case "single_keys":
            return type(value) is bool
        case _:
            return False


def _words(name: str) -> frozenset[str]:
    offered = {"theme": THEMES, "density": DENSITIES, "locale": LOCALES}
    return frozenset(offered[name]) if name in offered else _zone_names()


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones() | {""})


def _unknown(name: str, given: Any) -> Finding:
    needed = {
        "theme": ", ".join(THEMES),
        "density": ", ".join(DENSITIES),
        "locale": ", ".join(LOCALES),
        "time_zone": "a time zone such as Europe/Berlin",
        "page_size": ", ".join(str(size) for size in PAGE_SIZES),
        "single_keys": "true or false",
    }.get(name, "one of " + ", ".join(_NAMES))
    found = str(given)[:60]
    message = f"{found!r} is not offered for {name[:40]}. Use {needed}."
    return Finding("WEB-001", message, field=name[:40], found=found, needed=needed)


@cache
def zones() -> list[str]:
    """Return the time zones that a person may choose, by name."""
    return sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
