"""The blocks of the start page as it draws them, and the newest records for whom no block says anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString, mark_safe

from revops.kernel.audit import Blocked
from revops.kernel.outbox import status
from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.kernel.records import home, listing, registry
from revops.kernel.records.home import Line, ListBlock, TallyBlock
from revops.kernel.records.registry import Field, FieldKind, RecordType
from revops.web import formatting, preferences, properties
from revops.web.cells import Cells, Draw
from revops.web.navigation import JOBS_ROLES

SHOWN, COUNTED, RECENT, RECENT_TYPES = 6, 100, 8, 2
_RECENCY = ("updated_at", "created_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a block, drawn."""

    label: str
    url: str
    value: SafeString | str = ""
    note: SafeString | str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """One block with what stands in it: `count` of all, `url` of the list that shows exactly these."""

    key: str
    title: str
    count: str
    url: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest rows of a type, drawn as its list draws them."""

    type: RecordType
    heads: list[str]
    rows: SafeString
    url: str


def drawn(user: Any, now: datetime) -> list[Drawn]:
    """Return the blocks for the roles of `user` that have something to say."""
    found = [
        _list(one, user, now) if isinstance(one, ListBlock) else _tally(one, user, now)
        for one in (*home.of(user), JOBS)
        if one.roles & access.roles_of(user)
    ]
    return [one for one in found if one is not None]


def _list(block: ListBlock, user: Any, now: datetime) -> Drawn | None:
    """Draw a list block: two queries, and one for each type that its rows link to."""
    kind = registry.get(block.record_type)
    if not access.rights(user, kind.label).sees_any:
        return None
    given = dict(block.parameters(user, now))
    names = [kind.title, *block.shown]
    try:
        query = listing.parse(kind, user, given, limit=SHOWN)
        page = listing.page(query, user, names)
    except Blocked:  # the role may not read what the block asks by
        return None
    if not page.rows:
        return None
    count = listing.matching(query, user)[:COUNTED].count() if page.next else len(page.rows)
    cells = Cells(kind, preferences.of(user).zone, listing.referenced(kind, page.rows, user))
    text = [_drawer(cells, kind.by_name[name]) for name in block.shown]
    entries = [
        Entry(str(row[kind.title]), kind.url(row["id"]), *_marked([draw(row) for draw in text][:2]))
        for row in page.rows
    ]
    url = f"/{kind.slug}/?{urlencode(given)}"
    return Drawn(block.key, block.title, formatting.number(count) if count < COUNTED else "99+", url, entries)


def _drawer(cells: Cells, field: Field) -> Draw:
    """Return what draws a field without a link of its own; an instant as its day."""
    return cells.draw(field) if field.kind is FieldKind.INSTANT else cells.text(field)


def _marked(cells: Sequence[str]) -> tuple[SafeString, SafeString]:
    """Return value and note of a line, as drawn; the second cell is the note."""
    value, note = [*cells, "", ""][:2]
    return mark_safe(value), mark_safe(note)  # noqa: S308  drawn escaped


def _tally(block: TallyBlock, user: Any, now: datetime) -> Drawn | None:
    lines = block.query(user, now)
    entries = [Entry(one.label, one.url, one.value, one.note, one.alarm) for one in lines]
    return Drawn(block.key, block.title, "", block.url, entries) if entries else None


def _late_jobs(user: Any, now: datetime) -> list[Line]:
    """Return the jobs that are late or failed, in two queries."""
    return [
        Line(
            one.doc,
            formatting.relative(one.last_run_at) if one.last_run_at else "never ran",
            "/set-up/jobs/",
            "late" if one.late else one.state,
            alarm=True,
        )
        for one in status.job_register()
        if one.late or one.state in ("failed", "abandoned")
    ][:SHOWN]


JOBS = TallyBlock("jobs", "Jobs that need a look", JOBS_ROLES, _late_jobs, "/set-up/jobs/")
# Whoever answers for the whole rather than for some records sees what is newest.
OVERSEERS = frozenset(Role.values) - {
    *("SDR", "AE", "SE", "CSM", "RENEWALS", "AM", "SALES_MGR", "DIRECTOR", "VP_SALES", "CS_LEAD")
}


def recent(user: Any) -> list[Recent]:
    """Return the newest records of the first types that have an owner, two queries a type."""
    kinds = [
        kind
        for kind in registry.every()
        if kind.has_pages and kind.timeline and access.rights(user, kind.label).sees_any
    ]
    found = (_recent(kind, user) for kind in kinds)
    return [one for one in found if one is not None][:RECENT_TYPES]


def _recent(kind: RecordType, user: Any) -> Recent | None:
    readable = {field.name: field for field in properties.readable(kind, user)}
    sort = next((name for name in _RECENCY if name in readable and readable[name].sortable), "")
    if not sort:
        return None
    names = [kind.title, *(name for name in kind.columns if name != kind.title)][:4]
    names = [name for name in [*names, sort] if name in readable]
    query = listing.parse(kind, user, {"sort": f"-{sort}"}, limit=RECENT)
    found = listing.page(query, user, names)
    if not found.rows:
        return None
    cells = Cells(kind, preferences.of(user).zone, listing.referenced(kind, found.rows, user))
    heads = [readable[name].label for name in names]
    return Recent(kind, heads, cells.rows(found.rows, names), f"/{kind.slug}/?sort=-{sort}")
