"""The rows of a list: all of them, a page of them by keyset, and the titles of what they link to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from revops.kernel import clocks
from revops.kernel.policies import rules
from revops.kernel.records import registry, searching
from revops.kernel.records.listing.conditions import condition
from revops.kernel.records.listing.cursors import decode, encode
from revops.kernel.records.listing.parsing import Query
from revops.kernel.records.registry import FieldKind


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows (dicts by field name and `id`, `version`), with the cursors of its neighbours."""

    rows: list[dict[str, Any]]
    next: str
    previous: str


def matching(query: Query, user: Any) -> QuerySet[Any]:
    """Return every row of the list, unordered: what a page is cut from and what an exact count counts."""
    return _narrowed(query, [query.record_type.model.objects.visible_to(user)])[0]


def _narrowed(query: Query, parts: list[QuerySet[Any]]) -> list[QuerySet[Any]]:
    for one in query.filters:
        parts = [rows.filter(condition(one)) for rows in parts]
    if query.where is not None:
        asked = rules.to_q(query.where, clocks.now(), rules.Outcome.TRUE)
        parts = [rows.filter(asked) for rows in parts]
    if query.ratio is not None:
        measured = query.ratio.part(query.part, clocks.now())
        parts = [rows.filter(measured) for rows in parts]
    if query.text:
        ids = searching.matching(query.record_type, query.text)
        parts = [rows.filter(pk__in=ids) if ids is not None else rows.none() for rows in parts]
    return parts


def page(query: Query, user: Any, names: Sequence[str]) -> Page:
    """Return one page with the named fields, in two branches: rows with a value, then rows without.

    The id follows the direction of the sort. Raises Blocked for a cursor that is not of this list.
    """
    column, backwards = query.sort.compared, bool(query.before)
    cursor = decode(query, query.before or query.after) if query.before or query.after else None
    descending = query.descending != backwards
    parts = _narrowed(query, query.record_type.model.objects.visible_parts(user))
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
        by = "pk" if is_null else column
        narrowed = [part.filter(where) for part in parts]
        found += _first(narrowed, order, (by, descending), fields, wanted - len(found))
        if len(found) >= wanted:
            break
    more, found = len(found) == wanted, found[: query.limit]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    following = encode(query, found[-1]) if found and has_next else ""
    preceding = encode(query, found[0]) if found and has_previous else ""
    return Page(found, following, preceding)


def _first(
    parts: list[QuerySet[Any]],
    order: Sequence[Any],
    by: tuple[str, bool],
    fields: Sequence[str],
    count: int,
) -> list[dict[str, Any]]:
    """Return the first rows of what the parts hold together; each part is cut before they are put into one order.

    `by` is the column of the order and whether it descends: what lies behind the last row of one part is not asked
    of the next.
    """
    rows = parts[0]
    if len(parts) > 1:
        ids: set[int] = set()
        near, (column, descending) = Q(), by
        for part in parts:
            held = list(part.filter(near).order_by(*order).values_list("pk", column)[:count])
            ids |= {pk for pk, _ in held}
            if len(held) == count:
                near = Q(**{f"{column}__{'gte' if descending else 'lte'}": held[-1][1]})
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


def referenced(
    record_type: registry.RecordType,
    rows: Sequence[Mapping[str, Any]],
    user: Any,
    *,
    known: Collection[str] = (),
) -> dict[str, dict[int, str]]:
    """Return the titles of the records that these rows link to, one query a field; what one may not see is left out.

    The links `known` are left out as well.
    """
    titles: dict[str, dict[int, str]] = {}
    for field in record_type.fields:
        if field.kind is not FieldKind.REFERENCE or field.name in known:
            continue
        ids = {row[field.attname] for row in rows if row.get(field.attname)}
        if ids:
            target = record_type.model._meta.get_field(field.name).related_model
            visible = target.objects.filter(pk__in=ids).visible_to(user)
            titles[field.name] = {one.pk: str(one) for one in visible}
    return titles
