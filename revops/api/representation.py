"""A record as the API shows it: plain dicts made in one pass from database rows, never from model instances.

What one may not read is not there. A link is `{"id", "title"}`, without the title where its record is not
visible; a person is `{"id", "name"}`; an amount is text beside its currency; an instant ends with `Z`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request

from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.registry import Field, FieldKind, RecordType

Row = Mapping[str, Any]
Titles = Mapping[str, Mapping[int, str]]
Getter = Callable[[Row, Titles], Any]
Reader = Callable[[int, Request], dict[str, Any]]

# Every representation begins with these, whatever fields were asked for.
IDENTITY = ("id", "number", "version", "url")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns a representation needs, and how each of its members is read from a row of them."""

    record_type: RecordType
    names: tuple[str, ...]
    columns: tuple[str, ...]
    getters: tuple[tuple[str, Getter], ...]
    links: tuple[Field, ...]


@lru_cache(maxsize=64)
def fields_of(label: str) -> tuple[Field, ...]:
    """Return the fields a record shows: those its table holds. Others are only given when it is created."""
    record_type = registry.get(label)
    stored = {column.name for column in record_type.model._meta.concrete_fields}
    return tuple(field for field in record_type.fields if field.name in stored)


def shape(record_type: RecordType, names: Iterable[str]) -> Shape:
    """Return the compiled shape of these fields, in the order of the record type."""
    wanted = frozenset(names)
    return _compiled(
        record_type.label, tuple(field.name for field in fields_of(record_type.label) if field.name in wanted)
    )


@lru_cache(maxsize=512)
def _compiled(label: str, names: tuple[str, ...]) -> Shape:
    record_type = registry.get(label)
    fields = [record_type.by_name[name] for name in names]
    columns = ["id", "version"]
    getters: dict[str, Getter] = {}
    for field in fields:
        columns.append(field.attname)
        if field.kind is FieldKind.PERSON:
            columns.append(f"{field.name}__name")
        getters[field.name] = getter(field)
    links = tuple(field for field in fields if field.kind is FieldKind.REFERENCE)
    return Shape(record_type, names, tuple(dict.fromkeys(columns)), tuple(getters.items()), links)


def getter(field: Field) -> Getter:
    """Return the function that reads one member from a row."""
    name, column, person = field.name, field.attname, f"{field.name}__name"
    match field.kind:
        case FieldKind.PERSON:
            return lambda row, titles: (
                None if (pk := row[column]) is None else {"id": pk, "name": row[person]}
            )
        case FieldKind.REFERENCE:
            return lambda row, titles: None if (pk := row[column]) is None else link(pk, titles.get(name, {}))
        case FieldKind.MONEY:
            return lambda row, titles: None if (amount := row[column]) is None else money(amount)
        case FieldKind.PERCENT:
            return lambda row, titles: None if (share := row[column]) is None else f"{share:.4f}"
        case FieldKind.INSTANT:
            return lambda row, titles: None if (moment := row[column]) is None else instant(moment)
        case FieldKind.DATE:
            return lambda row, titles: None if (day := row[column]) is None else day.isoformat()
    return lambda row, titles: row[column]


def link(pk: int, titles: Mapping[int, str]) -> dict[str, Any]:
    """Return a link; its title only where the record it leads to is visible."""
    return {"id": pk, "title": titles[pk]} if pk in titles else {"id": pk}


def money(amount: Decimal) -> str:
    """Return an amount as text with two decimals, four where two would lose something."""
    return f"{amount:.4f}".removesuffix("00")


def instant(moment: datetime) -> str:
    """Return an instant in UTC, ending with Z."""
    return moment.isoformat().replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Return a stored value as JSON shows it, for values whose field says nothing more about them."""
    match value:
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Decimal():
            return money(value)
        case bool() | int() | str() | None:
            return value
    return str(value)


def render(shape: Shape, rows: Sequence[Row], user: Any, base: str) -> list[dict[str, Any]]:
    """Return the representation of each row; `base` is the full address of the list, ending with a slash."""
    titles = titles_of(shape.record_type, shape.links, rows, user)
    prefix, getters = shape.record_type.prefix, shape.getters
    found = []
    for row in rows:
        pk = row["id"]
        shown = {"id": pk, "number": f"{prefix}-{pk:06d}", "version": row["version"], "url": f"{base}{pk}/"}
        for name, get in getters:
            shown[name] = get(row, titles)
        found.append(shown)
    return found


def titles_of(
    record_type: RecordType, links: Iterable[Field], rows: Sequence[Row], user: Any
) -> dict[str, dict[int, str]]:
    """Return the titles of the records these rows link to, by field; one query a model that is linked to.

    What one may not see is left out.
    """
    wanted: dict[Any, set[int]] = {}
    by_field: dict[str, Any] = {}
    for field in links:
        if ids := {row[field.attname] for row in rows if row.get(field.attname) is not None}:
            target = by_field[field.name] = record_type.model._meta.get_field(field.name).related_model
            wanted.setdefault(target, set()).update(ids)
    found = {target: _titles(target, ids, user) for target, ids in wanted.items()}
    return {name: found[target] for name, target in by_field.items()}


def _titles(model: Any, ids: Collection[int], user: Any) -> dict[int, str]:
    visible = model.objects.filter(pk__in=ids).visible_to(user)
    if column := _title_column(model):
        return dict(visible.values_list("pk", column))
    return {record.pk: str(record) for record in visible}


@lru_cache(maxsize=64)
def _title_column(model: Any) -> str:
    """Return the column that is a record's title, or nothing where only the record itself can tell."""
    titles = {record_type.label: record_type.title for record_type in registry.every()}
    names = {column.name for column in model._meta.concrete_fields}
    return titles.get(model._meta.label_lower) or ("name" if "name" in names else "")


def address(request: Request, record_type: RecordType) -> str:
    """Return the full address of a record type's list."""
    return request.build_absolute_uri(f"/api/v1/{record_type.slug}/")


def row_of(record: Any, shape: Shape, user: Any) -> dict[str, Any]:
    """Return the row a record in hand would read as, so that it is not read again after it was written."""
    row: dict[str, Any] = {}
    for column in shape.columns:
        name, _, rest = column.partition("__")
        if not rest:
            row[column] = getattr(record, name)
        elif getattr(record, f"{name}_id") == user.pk:
            row[column] = getattr(user, rest)
        else:
            row[column] = getattr(getattr(record, name), rest, None)
    return row


def readable(record_type: RecordType, user: Any, names: Iterable[str] | None = None) -> frozenset[str]:
    """Return which of the named fields (all, for None) `user` reads; an amount brings its currency along."""
    fields = fields_of(record_type.label)
    held = access.readable(user, record_type.label) & {field.name for field in fields}
    if names is None:
        return held
    wanted = frozenset(names)
    return held & wanted.union(field.currency for field in fields if field.name in wanted)


def one(
    record_type: RecordType, pk: int, request: Request, names: Iterable[str] | None = None
) -> dict[str, Any]:
    """Return one record as its reader may see it. Raises ObjectDoesNotExist for what is not visible."""
    user = request.user
    made = shape(record_type, readable(record_type, user, names))
    rows = list(record_type.model.objects.visible_to(user).filter(pk=pk).values(*made.columns)[:1])
    if not rows:
        raise ObjectDoesNotExist
    return render(made, rows, user, address(request, record_type))[0]


_readers: dict[str, Reader] = {}


def register_reader(label: str, reader: Reader) -> None:
    """Say how a row of `label`, which is no registered record type, is read for its asker."""
    _readers[label] = reader


def reader_of(label: str) -> Reader | None:
    """Return how one row of `label` is read for its asker, if the API shows such rows."""
    known = next((record_type for record_type in registry.every() if record_type.label == label), None)
    return partial(one, known) if known is not None else _readers.get(label)


def still_visible(label: str, pk: int, body: Any, request: Request) -> Any:
    """Return a kept answer about a row if its asker may still see all of it, else what they see today."""
    reader = reader_of(label)
    if reader is None:
        return body
    today = reader(pk, request)
    hidden = access.declarations()[label].fields - access.readable(request.user, label)
    return body if isinstance(body, dict) and not hidden & body.keys() else today
