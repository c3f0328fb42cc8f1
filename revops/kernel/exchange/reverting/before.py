"""What stood in a record before an import wrote it: its history, or for a ledger what the import noted."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import JSONField, Model

from revops.kernel.audit import bulk, canonical
from revops.kernel.audit.changes import Change
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.exchange.models import ImportUndo

NOTE = "exchange.run"
_BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at"})
_COLUMNS = ("run_id", "record_type", "record_id", "record_version", "before")


def note(change: Change, run_id: int) -> None:
    """Say that the open change belongs to an import or its revert, so that what it replaces in ledgers is kept."""
    change.notes[NOTE] = [run_id]


def keep(change: Change) -> None:
    """Keep what this change of an import replaces in ledgers; forget what was erased. The last hook of a change."""
    erased = [(row.record_type, row.record_id) for row in change.rows if row.kind == Kind.ERASED]
    if erased:
        _forget(erased)
    if NOTE not in change.notes:
        return
    (run_id,) = change.notes[NOTE]
    rows: list[tuple[Any, ...]] = []
    for model, written in change.changed.items():
        if history_model(model) is None:
            rows += _replaced(run_id, model, written)
    if rows:
        bulk.append(ImportUndo, _COLUMNS, rows)


def _replaced(
    run_id: int, model: type[Model], written: list[tuple[Any, dict[str, Any]]]
) -> list[tuple[Any, ...]]:
    """Return a row for each version; a record written twice in one change has two, the later one its own."""
    label = model._meta.label_lower
    rows, later = [], dict.fromkeys((record.pk for record, _ in written), 0)
    for record, before in reversed(written):
        version = record.version - later[record.pk]
        later[record.pk] += 1
        rows.append(
            (run_id, label, record.pk, version, {name: _spelled(value) for name, value in before.items()})
        )
    return rows


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) or not isinstance(value, _JSON) else value


_JSON = (type(None), bool, int, float, str, list, dict)


def _forget(erased: list[tuple[str, int]]) -> None:
    for label in {label for label, _ in erased}:
        ids = [pk for held, pk in erased if held == label]
        ImportUndo.objects.filter(record_type=label, record_id__in=ids).delete()


def values(model: type[Model], first: dict[int, tuple[int, int]]) -> dict[int, dict[str, Any]]:
    """Return, by record id, the columns as they were before version `first[id][0]`; `[1]` is the newest version.

    A record whose values are not known any more is left out. One query.
    """
    if not first:
        return {}
    return _from_history(model, first) if history_model(model) is not None else _from_notes(model, first)


def _from_history(model: type[Model], first: dict[int, tuple[int, int]]) -> dict[int, dict[str, Any]]:
    names = [field.attname for field in canonical.tracked_fields(model) if field.attname not in _BOOKKEEPING]
    kept: Any = history_model(model)
    versions = {start - 1 for start, _ in first.values()}
    rows = kept._base_manager.filter(id__in=first, version__in=versions).values_list("id", "version", *names)
    return {
        pk: dict(zip(names, found, strict=True))
        for pk, version, *found in rows
        if version == first[pk][0] - 1
    }


def _from_notes(model: type[Model], first: dict[int, tuple[int, int]]) -> dict[int, dict[str, Any]]:
    """Go back version by version; a version that was not noted breaks the chain."""
    label = model._meta.label_lower
    rows = ImportUndo.objects.filter(record_type=label, record_id__in=first).order_by("-record_version")
    found: dict[int, dict[str, Any]] = {pk: {} for pk in first}
    reached = {pk: newest for pk, (_, newest) in first.items()}
    for pk, version, before in rows.values_list("record_id", "record_version", "before"):
        if version == reached[pk] and version >= first[pk][0]:
            found[pk] |= _read(model, before)
            reached[pk] -= 1
    return {pk: held for pk, held in found.items() if reached[pk] == first[pk][0] - 1}


def _read(model: type[Model], before: dict[str, Any]) -> dict[str, Any]:
    columns = {field.attname: field for field in canonical.tracked_fields(model)}
    read = {}
    for name in before.keys() & columns.keys():
        field = columns[name]
        plain = before[name] is None or isinstance(field, JSONField)
        read[name] = before[name] if plain else field.to_python(before[name])
    return read


def differing(model: type[Model], versions: dict[int, tuple[int, int]]) -> dict[int, list[str]]:
    """Return, by record id, the fields in which two of its versions differ: one query, and none for a ledger."""
    kept: Any = history_model(model)
    if kept is None or not versions:
        return {}
    wanted = {version for pair in versions.values() for version in pair}
    rows = kept._base_manager.filter(id__in=versions, version__in=wanted)
    held = {(row.id, row.version): row for row in rows}
    fields = [field for field in canonical.tracked_fields(model) if field.attname not in _BOOKKEEPING]
    found: dict[int, list[str]] = {}
    for pk, (older, newer) in versions.items():
        one, other = held.get((pk, older)), held.get((pk, newer))
        if one is not None and other is not None:
            differs = [f.name for f in fields if getattr(one, f.attname) != getattr(other, f.attname)]
            found[pk] = differs
    return found
