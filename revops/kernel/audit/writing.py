"""The writer behind the door: rows and their history together, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, TypeVar

from django.db import models
from django.db.models import F

from revops.kernel.audit import bulk, canonical, versions
from revops.kernel.audit.changes import Change, current
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.audit.refusals import Conflict, Difference
from revops.kernel.guard import GovernedModel, permit

M = TypeVar("M", bound=GovernedModel)

_BEFORE = "_audit_before"
_MUTABLE = (dict, list)


def lock(rows: models.QuerySet[M], *, pk: int, version: int | None = None) -> M:
    """Lock one row and read it again; the only row an update may start from.

    The lock leaves the key free: rows that point to this one may be inserted meanwhile.
    `version` is the one the caller saw. Raises `Conflict` when the row has moved on, `DoesNotExist` when it
    is not in `rows` (pass a queryset that is already limited to what the actor may see).
    """
    record = rows.select_for_update(of=("self",), no_key=True).get(pk=pk)
    remember(record)
    if version is not None and record.version != version:
        raise conflict(record, expected=version)
    return record


def lock_many(rows: models.QuerySet[M]) -> list[M]:
    """Lock every row of `rows` in ascending id order and read them again."""
    records = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
    for record in records:
        remember(record)
    return records


def remember(record: GovernedModel) -> None:
    """Keep the stored values, so that the writer knows what changed; the lock ends with the change."""
    before = _values(record)
    for name, value in before.items():
        if isinstance(value, _MUTABLE):
            before[name] = deepcopy(value)
    setattr(record, _BEFORE, (current().id, before))


def require_lock(record: GovernedModel) -> dict[str, Any]:
    """Return the values `record` was locked with. Raises TypeError when this change did not lock it."""
    locked_in, before = getattr(record, _BEFORE, (None, {}))
    if locked_in != current().id:
        raise TypeError(f"{record!r} was not locked: read it with audit.lock() inside this change.")
    values: dict[str, Any] = before
    return values


def _values(record: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in canonical.tracked_fields(type(record))}


def conflict(record: Any, *, expected: int, yours: dict[str, Any] | None = None) -> Conflict:
    """Build the conflict that tells who changed what since version `expected`."""
    model: type[models.Model] = type(record)
    history = history_model(model)
    if history is None:
        return Conflict(record, expected=expected)
    since = list(
        history._base_manager.filter(id=record.pk, version__gte=expected)
        .order_by("version")
        .select_related("history_change__actor")
    )
    base = next((row for row in since if row.version == expected), None)  # type: ignore[attr-defined]
    last: Any = since[-1] if since else None
    differences = [
        Difference(field.name, theirs=getattr(record, field.attname), yours=(yours or {}).get(field.name))
        for field in canonical.tracked_fields(model)
        if base is not None
        and field.name not in {"version", "updated_at"}
        and getattr(base, field.attname) != getattr(record, field.attname)
    ]
    return Conflict(
        record,
        expected=expected,
        changed_by=str(last.history_change.actor) if last else "",
        changed_at=last.history_date if last else None,
        differences=differences,
    )


def write(record: M) -> M:
    """Write one governed record with its history: insert it, or update what changed since `lock`.

    An update that changes nothing writes nothing. Raises TypeError outside a change or for a row that was
    not locked, `Conflict` when another transaction was faster.
    """
    write_many([record])
    return record


def write_many(records: Sequence[M]) -> Sequence[M]:
    """Write many records of one model: rows, history and changed rows in a constant number of statements.

    All of them are new, or all of them are locked rows to update. Unchanged rows are skipped.
    """
    if not records:
        return records
    change, model = current(), type(records[0])
    adding = [record._state.adding for record in records]
    if any(type(record) is not model for record in records) or len(set(adding)) > 1:
        raise TypeError("write_many takes records of one model, all new or all locked.")
    if adding[0]:
        _insert(change, model, records)
    else:
        _update(change, model, records)
    return records


def _insert(change: Change, model: type[M], records: Sequence[M]) -> None:
    for record in records:
        record.version = 1
        record.created_at = getattr(record, "created_at", None) or change.recorded_at
        record.updated_at = change.recorded_at
    with permit():
        if len(records) == 1:
            records[0].save(force_insert=True)
        else:
            bulk.insert(model, records)
    versions.record(change, model, records, Kind.CREATED)
    change.created.setdefault(model, []).extend(records)


def _update(change: Change, model: type[M], records: Sequence[M]) -> None:
    dirty: list[M] = []
    names: set[str] = set()
    for record in records:
        before = require_lock(record)
        after = _values(record)
        changed = {name: before[name] for name in before if before[name] != after[name]}
        if changed:
            dirty.append(record)
            names |= changed.keys()
            change.changed.setdefault(model, []).append((record, changed))
    if not dirty:
        return
    for record in dirty:
        record.version += 1
        record.updated_at = change.recorded_at
    fields = sorted(names | {"version", "updated_at"})
    with permit():
        if len(dirty) == 1:
            record = dirty[0]
            values = {name: getattr(record, name) for name in fields}
            held = model._base_manager.filter(pk=record.pk, version=record.version - 1).update(**values)
            if held != 1:
                raise conflict(model._base_manager.get(pk=record.pk), expected=record.version - 1)
        else:
            _save_many(model, dirty, fields)
    versions.record(change, model, dirty, Kind.CHANGED)
    for record in dirty:
        remember(record)


def _save_many(model: type[M], dirty: Sequence[M], fields: Sequence[str]) -> None:
    """Save locked rows: in one statement where all of them get the same values, else row by row in batches."""
    first = {name: getattr(dirty[0], name) for name in fields if name != "version"}
    if all(getattr(record, name) == value for record in dirty for name, value in first.items()):
        for start in range(0, len(dirty), 5_000):
            pks = [record.pk for record in dirty[start : start + 5_000]]
            model._base_manager.filter(pk__in=pks).update(**first, version=F("version") + 1)
    else:
        names = [_field_name(model, name) for name in fields]
        model._base_manager.bulk_update(dirty, names, batch_size=200)


def _field_name(model: type[models.Model], attname: str) -> str:
    return next(field.name for field in canonical.tracked_fields(model) if field.attname == attname)
