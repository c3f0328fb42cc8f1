"""Reading the trail: the versions of a record, its state at an instant, the values a restore would bring back.

Everything here takes a constant number of queries. Who may see which record and field is decided above:
callers pass the readable `fields`, and nothing about any other field leaves this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Exists, Model, OuterRef

from revops.kernel.audit import canonical
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow
from revops.kernel.guard import GovernedModel

if TYPE_CHECKING:
    from revops.kernel.identity.models import User

Record = GovernedModel | tuple[type[GovernedModel] | str, int]

# The version says what these say; no person changed them.
_BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one version: what it was and what it became; a relation is told by its key.

    `erased` says that personal data stood here and was erased since; then `old` or `new` is the placeholder.
    """

    field: str
    old: Any
    new: Any
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: who wrote it, when, why, through which door, and what it changed."""

    version: int
    kind: Kind
    who: User
    acting_for: User | None
    recorded_at: datetime
    occurred_at: datetime
    reason: str
    source: str
    action: str
    changes: tuple[FieldChange, ...]
    event_id: Any


def history(
    record: Record, *, fields: Collection[str] | None = None, before: int | None = None, limit: int = 50
) -> list[Version]:
    """Return the newest `limit` versions below version `before`, newest first, each against the one before it.

    `record` is an instance, or its model (or label) with its id. `fields` are the names the viewer may read
    (all of them when None). The first version differs from nothing: its changes are the values it began with.
    Two queries. Raises TypeError for a ledger, which keeps no versions.
    """
    model, pk = _named(record)
    rows = _rows(model).filter(id=pk).select_related("history_change__actor", "history_change__acting_for")
    if before is not None:
        rows = rows.filter(version__lt=before)
    found: list[Any] = list(rows.order_by("-version")[: limit + 1])
    erased = _erased(model, pk, [row.version for row in found])
    older: list[Any] = [*found, None][1:]
    return [
        _version(model, row, previous, fields, erased)
        for row, previous in zip(found[:limit], older, strict=False)
    ]


def keeps_versions(record: GovernedModel) -> bool:
    """Say whether a record keeps versions: a ledger does not, its rows are their own history."""
    return history_model(type(record)) is not None


def as_of(model: type[GovernedModel], pk: int, instant: datetime) -> Any | None:
    """Return the history row that was current at `instant` (recorded time), or None where there was no record."""
    row = _rows(model).filter(id=pk, history_date__lte=instant).order_by("-version").first()
    return None if row is None or row.history_type == Kind.REMOVED else row


def as_of_many(model: type[GovernedModel], ids: Iterable[int], instant: datetime) -> dict[int, Any]:
    """Return the history rows that were current at `instant`, by record id; `ids` may be a queryset of ids."""
    rows = _rows(model)
    later = rows.filter(id=OuterRef("id"), version__gt=OuterRef("version"), history_date__lte=instant)
    current = rows.filter(id__in=ids, history_date__lte=instant).filter(~Exists(later))
    current = current.exclude(history_type=Kind.REMOVED)
    return {row.id: row for row in current}


def values_at(record: Record, version: int, fields: Iterable[str]) -> dict[str, Any]:
    """Return what a restore would bring back: the values of `fields` at `version`, relations by their key.

    Raises LookupError when there is no such version, or when a value was erased since: it does not come back.
    """
    model, pk = _named(record)
    row = _rows(model).filter(id=pk, version=version).first()
    if row is None:
        raise LookupError(f"{model._meta.verbose_name} {pk} has no version {version}.")
    wanted: dict[str, Any] = {name: model._meta.get_field(name) for name in fields}
    gone = sorted(_erased(model, pk, [version])[version] & wanted.keys())
    if gone:
        raise LookupError(
            f"{', '.join(gone)}: the value of version {version} was erased and cannot be restored."
        )
    return {name: getattr(row, field.attname) for name, field in wanted.items()}


def _named(record: Record) -> tuple[type[GovernedModel], int]:
    if isinstance(record, tuple):
        model, pk = record
        return (apps.get_model(model) if isinstance(model, str) else model), pk
    return type(record), record.pk


def _rows(model: type[Model]) -> Any:
    kept = history_model(model)
    if kept is None:
        raise TypeError(f"{model._meta.label} is a ledger: its rows are their own history.")
    return kept._base_manager.all()


def _erased(model: type[Model], pk: int, versions: Collection[int]) -> defaultdict[int, frozenset[str]]:
    """Return the names of the fields that were erased, by version."""
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    rows = ChangedRow.objects.filter(
        record_type=model._meta.label_lower, record_id=pk, row_version__in=versions, kind=Kind.ERASED
    )
    for version, columns in rows.values_list("row_version", "commitments"):
        found[version] |= {model._meta.get_field(column).name for column in columns or ()}
    return found


def _version(
    model: type[Model],
    row: Any,
    previous: Any | None,
    fields: Collection[str] | None,
    erased: defaultdict[int, frozenset[str]],
) -> Version:
    event = row.history_change
    gone = erased[row.version] | (erased[previous.version] if previous is not None else frozenset())
    changes = []
    for field in canonical.tracked_fields(model):
        if field.name in _BOOKKEEPING or (fields is not None and field.name not in fields):
            continue
        old = None if previous is None else getattr(previous, field.attname)
        new = getattr(row, field.attname)
        if old != new and not (previous is None and new in ("", [], {})):
            changes.append(FieldChange(field.name, old, new, erased=field.name in gone))
    return Version(
        version=row.version,
        kind=Kind(row.history_type),
        who=event.actor,
        acting_for=event.acting_for,
        recorded_at=event.recorded_at,
        occurred_at=event.occurred_at,
        reason=event.reason,
        source=event.source,
        action=event.action,
        changes=tuple(changes),
        event_id=event.id,
    )
