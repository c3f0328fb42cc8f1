"""One reading of a list for pages and API alike: filters, sort, keyset pages, references within scope.

The address carries everything: `?status=customer,prospect&annual_revenue__gte=1000&sort=-name&after=…`.
What one may not read cannot be filtered or sorted by, and is refused exactly like a field that does not exist.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q, QuerySet

from revops.kernel.audit import Blocked, Finding
from revops.kernel.folding import fold, prefix_end
from revops.kernel.people import access
from revops.kernel.records import registry, searching, values
from revops.kernel.records.registry import FieldKind

MAX_LIMIT = 200
# Room for a folded name of 400 characters, each escaped, in base 64.
_LONGEST_CURSOR = 4_000
RESERVED = frozenset(
    {"sort", "after", "before", "limit", "q", "count", "columns", "density", "tab", "format"}
)
_ORDERED = frozenset({FieldKind.INTEGER, FieldKind.MONEY, FieldKind.DATE, FieldKind.INSTANT})
OPERATORS = {
    **dict.fromkeys(_ORDERED, ("", "gte", "lte", "empty")),
    FieldKind.TEXT: ("", "starts", "empty"),
    FieldKind.URL: ("", "starts", "empty"),
    FieldKind.LONG_TEXT: ("empty",),
    FieldKind.CHOICE: ("", "not", "empty"),
    FieldKind.COUNTRY: ("", "not", "empty"),
    FieldKind.BOOLEAN: ("",),
    FieldKind.REFERENCE: ("", "empty"),
    FieldKind.PERSON: ("", "empty"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list: a field, an operator and the text somebody gave."""

    field: registry.Field
    operator: str
    text: str

    @property
    def parameter(self) -> str:
        return f"{self.field.name}__{self.operator}" if self.operator else self.field.name


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed list: what to show and in which order. `sort` is a field, `descending` its direction."""

    record_type: registry.RecordType
    filters: tuple[Filter, ...]
    text: str
    sort: registry.Field
    descending: bool
    limit: int
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows (dicts by field name and `id`, `version`), with the cursors of its neighbours."""

    rows: list[dict[str, Any]]
    next: str
    previous: str


def parse(
    record_type: registry.RecordType, user: Any, parameters: Mapping[str, str], *, limit: int = 50
) -> Query:
    """Read a list's parameters. Raises Blocked with a finding for every one that does not fit."""
    readable = access.readable(user, record_type.label)
    findings: list[Finding] = []
    filters: list[Filter] = []
    for name, text in parameters.items():
        if name in RESERVED:
            continue
        base, _, operator = name.partition("__")
        field = record_type.by_name.get(base)
        if field is None or base not in readable or not field.filterable:
            findings.append(_unknown(name, record_type, readable))
        elif operator not in OPERATORS[field.kind]:
            possible = ", ".join(f"{base}__{op}" if op else base for op in OPERATORS[field.kind])
            findings.append(_wrong(name, operator, f"one of {possible}"))
        else:
            filters.append(Filter(field, operator, text))
    wanted = parameters.get("sort") or record_type.default_sort
    sort = record_type.by_name.get(wanted.lstrip("-"))
    if sort is None or not sort.sortable or sort.name not in readable:
        possible = ", ".join(f.name for f in record_type.fields if f.sortable and f.name in readable)
        findings.append(_wrong("sort", wanted, f"one of {possible}; a leading - turns the order round"))
        sort = record_type.by_name[record_type.default_sort.lstrip("-")]
    given = parameters.get("limit") or str(limit)
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAX_LIMIT):
        findings.append(_wrong("limit", given, f"a whole number from 1 to {MAX_LIMIT}"))
        given = str(limit)
    query = Query(
        record_type=record_type,
        filters=tuple(filters),
        text=parameters.get("q", "")[:200],
        sort=sort,
        descending=wanted.startswith("-"),
        limit=int(given),
        after=parameters.get("after", ""),
        before=parameters.get("before", ""),
    )
    for one in filters:
        findings += _try(one)
    if findings:
        raise Blocked(findings)
    return query


def _unknown(name: str, record_type: registry.RecordType, readable: frozenset[str]) -> Finding:
    possible = ", ".join(f.name for f in record_type.fields if f.filterable and f.name in readable)
    return _wrong(name, name, f"one of {possible}")


def _wrong(name: str, found: str, needed: str) -> Finding:
    name, shown = values.shown(name), values.shown(found)
    return Finding(
        "LST-001", f"{name}: {shown!r} does not fit. Use {needed}.", field=name, found=shown, needed=needed
    )


def _try(one: Filter) -> list[Finding]:
    try:
        condition(one)
    except ValueError as error:
        return [_wrong(one.parameter, one.text, str(error))]
    return []


def condition(one: Filter) -> Q:
    """Return the condition of one filter. Raises ValueError saying what would fit."""
    name, kind = one.field.compared, one.field.kind
    if not one.text.isprintable():
        raise ValueError("text without invisible characters")
    if one.operator == "empty":
        if one.text not in ("true", "false"):
            raise ValueError("true or false")
        if kind in (FieldKind.TEXT, FieldKind.URL, FieldKind.LONG_TEXT, FieldKind.CHOICE, FieldKind.COUNTRY):
            return Q(**{name: ""}) if one.text == "true" else ~Q(**{name: ""})
        return Q(**{f"{name}__isnull": one.text == "true"})
    if kind in (FieldKind.TEXT, FieldKind.URL):
        value = fold(one.text) if one.field.column else one.text
        if one.operator == "starts":
            return Q(**{f"{name}__gte": value, f"{name}__lt": prefix_end(value)})
        return Q(**{name: value})
    wanted = [_value(one.field, text) for text in one.text.split(",") if text.strip()]
    if not wanted:
        raise ValueError("a value")
    if one.operator in ("gte", "lte"):
        if len(wanted) != 1:
            raise ValueError("one value")
        return Q(**{f"{name}__{one.operator}": wanted[0]})
    inside = Q(**{f"{name}__in": wanted}) if len(wanted) > 1 else Q(**{name: wanted[0]})
    return ~inside if one.operator == "not" else inside


def _value(field: registry.Field, text: str) -> Any:
    text = text.strip()
    try:
        match field.kind:
            case FieldKind.INTEGER | FieldKind.REFERENCE | FieldKind.PERSON:
                number = int(text[:21])
                limit = 2**31 if field.kind == FieldKind.INTEGER else 2**63
                if not -limit <= number < limit:
                    raise ValueError
                return number
            case FieldKind.MONEY:
                amount = Decimal(text[:30])
                if not amount.is_finite() or abs(amount) >= Decimal("1e14"):
                    raise ValueError
                return amount.quantize(Decimal("0.0001"))
            case FieldKind.DATE:
                return date.fromisoformat(text)
            case FieldKind.INSTANT:
                moment = datetime.fromisoformat(text)
                if moment.tzinfo is None:
                    raise ValueError
                return moment.astimezone(UTC)
            case FieldKind.BOOLEAN:
                return {"true": True, "false": False}[text]
            case FieldKind.CHOICE:
                if text not in dict(field.choices):
                    raise KeyError
                return text
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise ValueError(_NEEDED.get(field.kind) or "one of " + ", ".join(dict(field.choices))) from None
    return text


_NEEDED = {
    FieldKind.INTEGER: "a whole number",
    FieldKind.REFERENCE: "the id of a record",
    FieldKind.PERSON: "the id of a person",
    FieldKind.MONEY: "an amount such as 1000.50",
    FieldKind.DATE: "a date such as 2026-03-31",
    FieldKind.INSTANT: "an instant with its offset, such as 2026-03-31T09:00:00Z",
    FieldKind.BOOLEAN: "true or false",
}


def matching(query: Query, user: Any) -> QuerySet[Any]:
    """Return every row of the list, unordered: what a page is cut from and what an exact count counts."""
    return _narrowed(query, query.record_type.model.objects.visible_to(user))


def _narrowed(query: Query, rows: QuerySet[Any]) -> QuerySet[Any]:
    for one in query.filters:
        rows = rows.filter(condition(one))
    if query.text:
        ids = searching.matching(query.record_type, query.text)
        rows = rows.filter(pk__in=ids) if ids is not None else rows.none()
    return rows


def page(query: Query, user: Any, names: Sequence[str]) -> Page:
    """Return one page with the named fields, in two branches: rows with a value, then rows without.

    The id follows the direction of the sort. Raises Blocked for a cursor that is not of this list.
    """
    column, backwards = query.sort.compared, bool(query.before)
    cursor = _decode(query, query.before or query.after) if query.before or query.after else None
    descending = query.descending != backwards
    parts = [_narrowed(query, part) for part in query.record_type.model.objects.visible_parts(user)]
    wanted = query.limit + 1
    fields = _columns(query.record_type, names, column)
    nullable = query.record_type.model._meta.get_field(column).null
    branches = [False, True] if nullable else [False]
    if backwards:
        branches.reverse()
    found: list[dict[str, Any]] = []
    for is_null in branches:
        if (
            cursor is not None
            and is_null != (cursor[0] is None)
            and branches.index(is_null) < branches.index(cursor[0] is None)
        ):
            continue
        where = Q(**{f"{column}__isnull": is_null}) if nullable else Q()
        if cursor is not None and is_null == (cursor[0] is None):
            where &= _beyond(column, cursor, descending, is_null)
        order = [F("pk").desc() if descending else F("pk").asc()]
        if not is_null:
            order.insert(0, F(column).desc() if descending else F(column).asc())
        found += _first([part.filter(where) for part in parts], order, fields, wanted - len(found))
        if len(found) >= wanted:
            break
    more, found = len(found) == wanted, found[: query.limit]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    following = _encode(query, found[-1]) if found and has_next else ""
    preceding = _encode(query, found[0]) if found and has_previous else ""
    return Page(found, following, preceding)


def _first(
    parts: list[QuerySet[Any]], order: Sequence[Any], fields: Sequence[str], count: int
) -> list[dict[str, Any]]:
    """Return the first rows of what the parts hold together; each part is cut before they are put into one order."""
    rows = parts[0]
    if len(parts) > 1:
        ids = {pk for part in parts for pk in part.order_by(*order).values_list("pk", flat=True)[:count]}
        rows = rows.model._base_manager.filter(pk__in=ids)
    return list(rows.order_by(*order).values(*fields)[:count])


def _columns(record_type: registry.RecordType, names: Sequence[str], sort_column: str) -> list[str]:
    wanted = ["id", "version", sort_column]
    for name in names:
        field = record_type.by_name[name]
        wanted.append(field.attname)
        if field.kind == FieldKind.PERSON:
            wanted.append(f"{name}__name")
        if field.currency:
            wanted.append(field.currency)
    return list(dict.fromkeys(wanted))


def _beyond(column: str, cursor: tuple[Any, int], descending: bool, is_null: bool) -> Q:
    value, pk = cursor
    side = "lt" if descending else "gt"
    if is_null:
        return Q(**{f"pk__{side}": pk})
    tie = Q(**{column: value, f"pk__{side}": pk})
    return Q(**{f"{column}__{side}e": value}) & (Q(**{f"{column}__{side}": value}) | tie)


def _encode(query: Query, row: dict[str, Any]) -> str:
    value = row[query.sort.compared]
    text = value.isoformat() if isinstance(value, date) else value if value is None else str(value)
    content = json.dumps([query.sort.name, int(query.descending), text, row["id"]])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _decode(query: Query, cursor: str) -> tuple[Any, int]:
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        content = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        name, descending, text, pk = json.loads(content)
        if name != query.sort.name or descending != int(query.descending) or type(pk) is not int:
            raise ValueError
        if not 0 <= pk < 2**63 or not isinstance(text, str | None):
            raise ValueError
        if text is None:
            if not query.record_type.model._meta.get_field(query.sort.compared).null:
                raise ValueError
            return None, pk
        if not text.isprintable():
            raise ValueError
        plain = query.sort.kind in (FieldKind.TEXT, FieldKind.URL, FieldKind.CHOICE, FieldKind.COUNTRY)
        return (text if plain else _value(query.sort, text)), pk
    except (ValueError, TypeError, RecursionError, binascii.Error, UnicodeError):
        needed = "a cursor that this list gave, with the same sort"
        raise Blocked([_wrong("before" if query.before else "after", cursor, needed)]) from None


def referenced(
    record_type: registry.RecordType, rows: Sequence[Mapping[str, Any]], user: Any
) -> dict[str, dict[int, str]]:
    """Return the titles of the records that these rows link to, one query a field; what one may not see is left out."""
    titles: dict[str, dict[int, str]] = {}
    for field in record_type.fields:
        if field.kind is not FieldKind.REFERENCE:
            continue
        ids = {row[field.attname] for row in rows if row.get(field.attname)}
        if ids:
            target = record_type.model._meta.get_field(field.name).related_model
            visible = target.objects.filter(pk__in=ids).visible_to(user)
            titles[field.name] = {one.pk: str(one) for one in visible}
    return titles
