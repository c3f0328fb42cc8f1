"""The record that something is about, by the number people call it by: OPP-000012."""

import re

from revops.kernel.packets.actions import Subject
from revops.kernel.records import registry

_NUMBER = re.compile(r"([A-Z]{2,6})-0*([1-9][0-9]{0,17})", re.ASCII)


def of(record: object) -> Subject:
    """Return a record as what a task is about."""
    label, pk = record._meta.label_lower, record.pk  # type: ignore[attr-defined]
    return Subject(label, pk, registry.get(label).number(pk))


def by_number(text: str) -> Subject | None:
    """Return the record that a number names, whether it exists or not; None for what is no number of a record."""
    found = _NUMBER.fullmatch(text.strip().upper())
    if found is None:
        return None
    kind = next((one for one in registry.every() if one.has_pages and one.prefix == found[1]), None)
    return Subject(kind.label, int(found[2]), kind.number(int(found[2]))) if kind else None
