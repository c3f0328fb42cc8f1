"""Erasure of personal data: the values and their salts go, the chain stays.

The digests of a record cover personal values only as salted commitments. So a value can be taken out of every
version: without its salt a commitment says nothing about it, and every code still fits. Source: M9, D40.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.db import models

from revops.kernel.audit import canonical
from revops.kernel.audit.changes import Change, Written, current
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.writing import require_lock, write
from revops.kernel.guard import GovernedModel, permit

M = TypeVar("M", bound=GovernedModel)


def erase(record: M, fields: Collection[str], *, placeholders: Mapping[str, Any] | None = None) -> M:
    """Take personal values out of a locked record and out of all its versions, inside the open change.

    The live row gets a placeholder by an ordinary write (a new version). In every older version the value is
    replaced by the same placeholder, its salt is dropped, and a changed row of kind ERASED in this event says
    so; `verify` accepts a missing salt only where such a row names it. A version that already holds the
    placeholder is left alone, so erasing twice is harmless. `placeholders` overrides `placeholder`.

    Raises ValueError for a field that is not personal, TypeError for a record that was not locked. Copies
    outside the trail (search words, messages, files) are removed by the mechanisms that made them.
    """
    model, change = type(record), current()
    require_lock(record)
    strange = sorted(set(fields) - model.PERSONAL)
    if strange:
        raise ValueError(f"{model._meta.label}: {', '.join(strange)} is not declared as personal data.")
    instead: dict[str, Any] = {}
    for name in fields:
        field: Any = model._meta.get_field(name)
        given = (placeholders or {}).get(name, ...)
        instead[field.attname] = placeholder(field, record.pk) if given is ... else given
        setattr(record, field.attname, instead[field.attname])
    write(record)
    affected = _versions_to_erase(record, instead)
    if affected:
        _replace_in_history(record, affected, instead)
        _drop_salts(change, record, affected, instead)
    return record


def placeholder(field: models.Field[Any, Any], pk: int) -> Any:
    """Return what stands where a personal value was: nothing where the column allows it, else a pseudonym."""
    if field.null:
        return None
    if isinstance(field, models.EmailField):
        return f"erased-{pk}@erased.invalid"
    if isinstance(field, models.CharField | models.TextField):
        if field.unique:
            return f"erased-{pk}"
        return "" if field.blank else "Erased"
    if isinstance(field, models.JSONField):
        return field.get_default()
    raise TypeError(f"{field} can hold no blank: pass placeholders={{{field.name!r}: ...}}.")


def _versions_to_erase(record: GovernedModel, instead: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return the columns to erase by version: where history holds something else, or a ledger holds a salt."""
    affected: dict[int, list[str]] = {}
    history = history_model(type(record))
    if history is None:
        older = _trail_of(record).filter(row_version__lt=record.version).exclude(kind=Kind.ERASED)
        for version, salts in older.values_list("row_version", "salts"):
            affected[version] = sorted(instead.keys() & (salts or {}).keys())
    else:
        for version, *values in history._base_manager.filter(id=record.pk).values_list("version", *instead):
            held = zip(instead, values, strict=True)
            affected[version] = [name for name, value in held if value != instead[name]]
    return {version: names for version, names in affected.items() if names}


def _replace_in_history(
    record: GovernedModel, affected: Mapping[int, list[str]], instead: Mapping[str, Any]
) -> None:
    """Put the placeholders into the history rows: one statement a column."""
    history = history_model(type(record))
    if history is None:
        return
    versions_of: defaultdict[str, list[int]] = defaultdict(list)
    for version, names in affected.items():
        for name in names:
            versions_of[name].append(version)
    with permit():
        for name, versions in versions_of.items():
            rows = history._base_manager.filter(id=record.pk, version__in=versions)
            rows.update(**{name: instead[name]})


def _drop_salts(
    change: Change, record: GovernedModel, affected: Mapping[int, list[str]], instead: Mapping[str, Any]
) -> None:
    """Drop the salts of the erased values, and say in this event which versions lost what."""
    model = type(record)
    stored = list(_trail_of(record).filter(row_version__in=affected).exclude(kind=Kind.ERASED))
    mine = [
        row
        for row in change.rows
        if row.record_type == model._meta.label_lower
        and row.record_id == record.pk
        and row.row_version in affected
        and row.kind != Kind.ERASED
    ]
    for row in [*stored, *mine]:
        names = affected[row.row_version]
        row.salts = {name: salt for name, salt in (row.salts or {}).items() if name not in names} or None
        change.rows.append(
            Written(
                event_id=change.id,
                record_type=row.record_type,
                record_id=row.record_id,
                row_version=row.row_version,
                history_id=row.history_id,
                kind=Kind.ERASED,
                tracked=row.tracked,
                digest=row.digest,
                commitments={name: erased_commitment(model, name, instead[name]) for name in names},
            )
        )
    with permit():
        ChangedRow.objects.bulk_update(stored, ["salts"], batch_size=200)


def erased_commitment(model: type[models.Model], name: str, value: Any) -> str:
    """Return what an ERASED row keeps of a placeholder: it is no secret, so it needs no salt."""
    return canonical.commit("", canonical.plain(model._meta.get_field(name), value))  # type: ignore[arg-type]


def _trail_of(record: GovernedModel) -> Any:
    return ChangedRow.objects.filter(record_type=record._meta.label_lower, record_id=record.pk)
