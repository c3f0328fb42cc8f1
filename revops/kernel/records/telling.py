"""Records told in one line each: the title, and what tells two of the same name apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel.people import access
from revops.kernel.records import listing, registry
from revops.kernel.records.registry import Field, FieldKind, RecordType

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One record as lists of mixed types tell it; `note` is its second line."""

    record_type: RecordType
    pk: int
    title: str
    note: str

    @property
    def url(self) -> str:
        return self.record_type.url(self.pk)

    @property
    def number(self) -> str:
        return self.record_type.number(self.pk)

    @property
    def key(self) -> str:
        """How pages name the record: "accounts.account:7"."""
        return f"{self.record_type.label}:{self.pk}"


def lines(user: Any, wanted: Iterable[Place]) -> dict[Place, Line]:
    """Return a line for each of `wanted` (record type, id) that `user` may see; the others are left out.

    One query a record type, and one for each link that its line names. Only readable fields are told.
    """
    by_type: dict[str, list[int]] = {}
    for label, pk in wanted:
        by_type.setdefault(label, []).append(pk)
    known = {kind.label: kind for kind in registry.every() if kind.has_pages}
    found: dict[Place, Line] = {}
    for label, ids in by_type.items():
        if label in known:
            found |= _of_type(user, known[label], ids)
    return found


def _of_type(user: Any, kind: RecordType, ids: list[int]) -> dict[Place, Line]:
    readable = access.readable(user, kind.label)
    if not access.rights(user, kind.label).sees_any or kind.title not in readable:
        return {}
    told = [kind.by_name[name] for name in kind.extra.get("tells_apart", ()) if name in readable]
    columns = {"id", kind.title, *(_column(field) for field in told), *(field.attname for field in told)}
    rows = list(kind.model.objects.visible_to(user).filter(pk__in=ids).values(*columns))
    titles = listing.referenced(kind, rows, user)
    return {
        (kind.label, row["id"]): Line(
            kind,
            row["id"],
            row[kind.title] or kind.number(row["id"]),
            " · ".join(filter(None, (_text(field, row, titles) for field in told))),
        )
        for row in rows
    }


def _column(field: Field) -> str:
    return f"{field.name}__name" if field.kind is FieldKind.PERSON else field.attname


def _text(field: Field, row: Mapping[str, Any], titles: Mapping[str, Mapping[int, str]]) -> str:
    value = row[_column(field)]
    match field.kind:
        case FieldKind.REFERENCE:
            return titles.get(field.name, {}).get(value, "")
        case FieldKind.CHOICE:
            return str(dict(field.choices).get(value, value) or "")
        case _:
            return str(value or "")
