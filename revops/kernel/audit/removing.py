"""Removing records, for one reason: the import that brought them is reverted. Records are kept otherwise. ADR 0015.

Nothing vanishes from the trail: the removal is the record's last version, in history and in a signed changed row,
and `verify` accepts a missing row only where such a version ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import models
from django.db.models import F

from revops.kernel.audit import versions
from revops.kernel.audit.changes import current
from revops.kernel.audit.enums import Kind, Removal, Source
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.writing import require_lock
from revops.kernel.guard import GovernedModel, permit

M = TypeVar("M", bound=GovernedModel)

_BATCH = 5_000


def remove_many(records: Sequence[M], *, because: Removal) -> None:
    """Remove locked records of one model, inside the open change, in a constant number of statements a batch.

    Raises TypeError outside a change of an import, for a record that was not locked, and for a record that no
    import created: the trail itself has to say so.
    """
    if not records:
        return
    change, model = current(), type(records[0])
    if change.source != Source.IMPORT:
        raise TypeError(f"{change.action}: a record is removed for one reason: {because.label.lower()}.")
    if any(type(record) is not model for record in records):
        raise TypeError("remove_many takes records of one model.")
    for record in records:
        require_lock(record)
    for start in range(0, len(records), _BATCH):
        _require_imported(model, [record.pk for record in records[start : start + _BATCH]])
    for record in records:
        record.version += 1
        record.updated_at = change.recorded_at
    with permit():
        for rows in _batches(model, records):
            rows.update(version=F("version") + 1, updated_at=change.recorded_at)
    versions.record(change, model, records, Kind.REMOVED)
    with permit():
        for rows in _batches(model, records):
            rows._raw_delete(rows.db)
    change.removed.setdefault(model, []).extend(records)


def _batches(model: type[M], records: Sequence[M]) -> list[models.QuerySet[M]]:
    pks = [record.pk for record in records]
    return [
        model._base_manager.filter(pk__in=pks[start : start + _BATCH]) for start in range(0, len(pks), _BATCH)
    ]


def _require_imported(model: type[models.Model], pks: Sequence[int]) -> None:
    """Raise TypeError unless the trail says of every record that an import created it."""
    made = ChangedRow.objects.filter(
        record_type=model._meta.label_lower, record_id__in=pks, kind=Kind.CREATED, event__source=Source.IMPORT
    )
    strange = sorted(set(pks) - set(made.values_list("record_id", flat=True)))
    if strange:
        raise TypeError(f"{model._meta.label} {strange[:5]} was brought by no import; it cannot be removed.")
