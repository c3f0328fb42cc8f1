"""What is held against a view before it is stored: it must open for the person who stores it (A07)."""

from collections.abc import Iterable
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.people import access
from revops.kernel.records import listing, registry, values
from revops.kernel.records.registry import RecordType
from revops.kernel.records.views import contents
from revops.kernel.records.views.contents import Content
from revops.kernel.records.views.enums import Layout

LONGEST_NAME = 80


def seen(user: Any, label: str) -> RecordType:
    """Return the record type by its label or slug. Raises LookupError for one of which `user` sees nothing."""
    for record_type in registry.every():
        if label in (record_type.label, record_type.slug) and access.rights(user, record_type.label).sees_any:
            return record_type
    raise LookupError(f"{values.shown(label)!r} is no list that you can see.")


def name(given: str) -> tuple[str, list[Finding]]:
    """Return the name of a view as it is stored, and the findings against it."""
    text = " ".join(given.split())
    if 1 <= len(text) <= LONGEST_NAME and text.isprintable():
        return text, []
    needed = f"1 to {LONGEST_NAME} visible characters"
    message = f"A view needs a name of {needed}. Give it one."
    return text, [Finding("VIEW-001", message, field="name", found=values.shown(given), needed=needed)]


def content(record_type: RecordType, user: Any, layout: str, given: Any) -> tuple[Content, list[Finding]]:
    """Return a content and what speaks against it: a part that `user` may not read counts as unknown."""
    try:
        read = contents.read(given)
    except Blocked as refused:
        return Content(), list(refused.findings)
    found = _layout(layout)
    readable = access.readable(user, record_type.label) & record_type.by_name.keys()
    found += _fields("columns", [*read.columns, *read.widths], readable)
    found += _fields("group", [read.group] if read.group else [], readable)
    try:
        listing.parse(record_type, user, contents.parameters(Layout.LIST, read))
    except Blocked as refused:
        found += refused.findings
    return read, found


def _layout(given: str) -> list[Finding]:
    if given in Layout.values:
        return []
    needed = "list or board"
    return [
        Finding(
            "VIEW-002", f"layout: use {needed}.", field="layout", found=values.shown(given), needed=needed
        )
    ]


def _fields(part: str, names: Iterable[str], readable: Iterable[str]) -> list[Finding]:
    """Return a finding for every name that is not among the fields one may read."""
    possible = ", ".join(sorted(readable))
    return [
        Finding(
            "LST-001",
            f"{part}: {values.shown(one)!r} does not fit. Use one of {possible}.",
            field=part,
            found=values.shown(one),
            needed=f"one of {possible}",
        )
        for one in dict.fromkeys(names)
        if one not in readable
    ]
