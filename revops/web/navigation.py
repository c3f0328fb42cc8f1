"""What stands in the navigation, the create menu and the palette: only what the role may open."""

from dataclasses import dataclass
from typing import Any

from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.kernel.records import registry

JOBS_ROLES = frozenset({Role.REVOPS, Role.SALES_OPS, Role.ADMIN, Role.AUDITOR})
ADMINISTRATION_ROLES = frozenset({Role.ADMIN, Role.SALES_OPS, Role.REVOPS})


@dataclass(frozen=True, slots=True)
class Entry:
    """One place one can go: `keys` are what one may type in the palette besides its name."""

    label: str
    url: str
    icon: str
    group: str = ""
    keys: str = ""


def entries(user: Any) -> tuple[Entry, ...]:
    """Return the navigation of `user`, in its order."""
    roles = access.roles_of(user)
    found = [Entry("Home", "/", "home", keys="start")]
    records = [
        Entry(
            kind.plural,
            f"/{kind.slug}/",
            kind.icon,
            kind.extra.get("navigation", "Records"),
            kind.singular,
        )
        for kind in registry.every()
        if kind.has_pages and access.rights(user, kind.label).sees_any
    ]
    found += sorted(records, key=lambda entry: entry.group != "Records")
    if access.rights(user, "exchange.importdraft").sees_any:
        found.append(Entry("Imports", "/imports/", "file-import", "Set-up", "import csv excel upload file"))
    if access.rights(user, "exchange.dataexport").view == access.Scope.ALL:
        found.append(Entry("Exports", "/exports/", "file-export", "Set-up", "export csv excel download"))
    if roles & JOBS_ROLES:
        found.append(Entry("Jobs", "/set-up/jobs/", "clock-play", "Set-up", "scheduled background runs"))
    if roles & ADMINISTRATION_ROLES:
        found.append(Entry("Administration", "/admin/", "adjustments", "Set-up", "admin users calendars"))
    return tuple(found)


def creatable(user: Any) -> tuple[Entry, ...]:
    """Return what `user` may create."""
    return tuple(
        Entry(f"New {kind.singular.lower()}", f"/{kind.slug}/new/", kind.icon, "Create", "create add")
        for kind in registry.every()
        if kind.has_pages and access.rights(user, kind.label).creatable
    )
