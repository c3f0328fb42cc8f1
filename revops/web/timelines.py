"""A timeline as the page of a record shows it: by days, with what one may filter by and what one may add."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import timeline
from revops.kernel.records.registry import Composer, RecordType
from revops.web import formatting
from revops.web.addresses import Address
from revops.web.properties import Sheet


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day, with its name: "Today", "Mar 12, 2026"; each with the address of its person's alone."""

    name: str
    entries: tuple[tuple[timeline.Entry, str], ...]


def shown_on(sheet: Sheet, parameters: Mapping[str, Any], *, limit: int = 20) -> dict[str, Any]:
    """Return what the timeline of a record shows; nothing for a type without one."""
    record_type = sheet.record_type
    if not record_type.timeline:
        return {}
    kind, person, after = (str(parameters.get(name, ""))[:400] for name in ("kind", "person", "after"))
    whose = int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None
    kinds = [kind] if kind else []
    found = timeline.page(sheet.record, sheet.user, kinds=kinds, person=whose, after=after, limit=limit)
    chosen = {name: text for name, text in (("kind", kind), ("person", person if whose else "")) if text}
    address = Address(f"{record_type.url(sheet.record.pk)}timeline/", chosen)
    return {
        "timeline": _days(found.entries, sheet, address),
        "more": address.to(after=found.next) if found.next else "",
        "continued": bool(after),
        "kinds": [
            (label, address.to(kind=key or None), key == kind)
            for key, label in {"": "Everything", **timeline.kinds_of(record_type.label)}.items()
        ],
        "person": User.objects.filter(pk=whose).values_list("name", flat=True).first() if whose else "",
        "anybody": address.to(person=None),
        "filtered": bool(chosen),
        "here": address.to(),
        "zone": sheet.cells.zone,
        "composers": composers(record_type, sheet.user),
    }


def composers(record_type: RecordType, user: Any) -> list[Composer]:
    """Return the forms above the timeline that `user` may use."""
    return [one for one in record_type.composers if access.rights(user, one.creates).creatable]


def _days(entries: tuple[timeline.Entry, ...], sheet: Sheet, address: Address) -> list[Day]:
    zone = sheet.cells.zone
    today = clocks.now().astimezone(zone).date()
    days = groupby(entries, key=lambda entry: _name(entry.at.astimezone(zone).date(), today))
    return [
        Day(name, tuple((one, address.to(person=one.who_id) if one.who_id else "") for one in found))
        for name, found in days
    ]


def _name(day: date, today: date) -> str:
    near = {today: "Today", today - timedelta(days=1): "Yesterday", today + timedelta(days=1): "Tomorrow"}
    return near.get(day) or formatting.day(day)
