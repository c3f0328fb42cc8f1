"""What stands in the navigation, the create menu and the palette: only what the role may open."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.kernel.records import registry
from revops.kernel.records.registry import RecordType

JOBS_ROLES = frozenset({Role.REVOPS, Role.SALES_OPS, Role.ADMIN, Role.AUDITOR})
GALLERY_ROLES = frozenset({Role.ADMIN, Role.REVOPS})
ADMINISTRATION_ROLES = frozenset({Role.ADMIN, Role.SALES_OPS, Role.REVOPS})
# The main places stand without a heading; then these, in this order.
RECORDS, REPORTS, GOVERNANCE, SET_UP = "Records", "Reports", "Governance", "Set-up"


@dataclass(frozen=True, slots=True)
class Entry:
    """One place one can go: `keys` are what one may type in the palette besides its name, `go` the key after g,
    `count` the address that tells how much waits there."""

    label: str
    url: str
    icon: str
    group: str = ""
    keys: str = ""
    go: str = ""
    count: str = ""


def entries(user: Any) -> tuple[Entry, ...]:
    """Return the navigation of `user`, in its order."""
    kinds = [one for one in in_order() if access.rights(user, one.label).sees_any]
    main = [_of(kind) for kind in kinds if not _place(kind)[0]]
    records = [_of(kind) for kind in kinds if _place(kind)[0] == RECORDS]
    governance = [_of(kind) for kind in kinds if _place(kind)[0] == GOVERNANCE]
    return (
        Entry("Home", "/", "home", keys="start", go="h"),
        *_work(),
        *main,
        *records,
        *_reports(user),
        *_rules(user),
        *governance,
        *_set_up(user),
    )


def in_order() -> list[RecordType]:
    """Return the record types with pages as they declare their place: group, rank, and the key after g."""
    kinds = [kind for kind in registry.every() if kind.has_pages]
    return sorted(kinds, key=lambda kind: (bool(_place(kind)[0]), *_place(kind)[:2], kind.plural))


def creatable(user: Any) -> tuple[Entry, ...]:
    """Return what `user` may create."""
    return tuple(
        Entry(f"New {kind.singular.lower()}", f"/{kind.slug}/new/", kind.icon, "Create", "create add")
        for kind in in_order()
        if access.rights(user, kind.label).creatable
    )


def _place(kind: RecordType) -> tuple[str, int, str]:
    place: tuple[str, int, str] = kind.extra.get("navigation", (RECORDS, 50, ""))
    return place


def _of(kind: RecordType) -> Entry:
    group, _, go = _place(kind)
    return Entry(kind.plural, f"/{kind.slug}/", kind.icon, group, kind.singular, go)


def _work() -> list[Entry]:
    place, keys = reverse("work"), "tasks due inbox today"
    return [Entry("My work", place, "checklist", keys=keys, go="w", count=reverse("work-count"))]


@dataclass(frozen=True, slots=True)
class Report:
    """A page of figures about the records of one type; whoever sees any of these may open it."""

    record_type: str
    entry: Entry


_reported: dict[str, Report] = {}


def add_report(record_type: str, label: str, url: str, icon: str, keys: str = "") -> None:
    """Let a page of figures stand among the reports. Raises ValueError for a second one at an address."""
    report = Report(record_type, Entry(label, url, icon, REPORTS, keys))
    if _reported.setdefault(url, report) != report:
        raise ValueError(f"There is another report at {url}.")


def _reports(user: Any) -> list[Entry]:
    return [one.entry for one in _reported.values() if access.rights(user, one.record_type).sees_any]


def _rules(user: Any) -> list[Entry]:
    """Return the rules: the first of governance, whose records follow them."""
    if not access.rights(user, "policies.policy").sees_any:
        return []
    keys = "policies gates required fields thresholds simulate draft"
    words = "terms words definitions lifecycle objects"
    return [
        Entry("Rules", reverse("rules"), "gavel", GOVERNANCE, keys, "r"),
        Entry("Glossary", reverse("glossary"), "book", GOVERNANCE, words),
    ]


def _set_up(user: Any) -> list[Entry]:
    roles = access.roles_of(user)
    found = []
    if access.rights(user, "exchange.importdraft").sees_any:
        found.append(
            Entry("Imports", "/imports/", "file-import", SET_UP, "import csv excel upload file", "i")
        )
    if access.rights(user, "exchange.bulkrun").sees_any:
        found.append(
            Entry("Bulk changes", "/bulk/", "checks", "Set-up", "mass edit many undo selected report")
        )
    if access.rights(user, "exchange.dataexport").view == access.Scope.ALL:
        found.append(Entry("Exports", "/exports/", "file-export", SET_UP, "export csv excel download", "x"))
    if roles & JOBS_ROLES:
        found.append(Entry("Jobs", "/set-up/jobs/", "clock-play", SET_UP, "scheduled background runs"))
    if roles & GALLERY_ROLES:
        found.append(
            Entry("Gallery", "/gallery/", "components", SET_UP, "components buttons fields themes look")
        )
    if roles & ADMINISTRATION_ROLES:
        found.append(Entry("Administration", "/admin/", "adjustments", SET_UP, "admin users calendars"))
    return found
