"""What the audit trail says about the records that an import wrote: since when, whether anew, and who came later."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from revops.kernel.audit.enums import Kind, Source
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.exchange.models import ImportRun

Key = tuple[str, int]  # a record: its type and id


def imported(run: ImportRun) -> str:
    """Return the request id of the changes of an import."""
    return f"import:{run.pk}"


def reverted(run: ImportRun) -> str:
    """Return the request id of the changes that revert it."""
    return f"revert:{run.pk}"


@dataclass(frozen=True, slots=True)
class Later:
    """Who wrote a record after the import did, when, and by which action."""

    who: str
    at: datetime
    action: str
    version: int
    request_id: str = ""

    @property
    def undone_by(self) -> str:
        """The request id of the revert that takes this back, where an import wrote it."""
        kind, _, number = self.request_id.partition(":")
        return f"revert:{number}" if kind == "import" else ""


@dataclass(slots=True)
class Trace:
    """What became of one record that the import wrote. `first` is the first version of the import, `newest` the
    last of all; `is_done` says that this run's revert has dealt with it.
    """

    first: int
    newest: int
    created: bool
    later: Later | None
    is_done: bool


def changes(run: ImportRun) -> Any:
    """Return the events of an import, newest first."""
    rows = ChangeEvent.objects.filter(source=Source.IMPORT, request_id=imported(run))
    return rows.order_by("-id").values_list("id", flat=True)


def written(event: UUID) -> set[Key]:
    """Return the records that one change wrote."""
    return set(ChangedRow.objects.filter(event_id=event).values_list("record_type", "record_id"))


def types(run: ImportRun) -> list[str]:
    """Return the record types that an import wrote, in the order of their names."""
    rows = ChangedRow.objects.filter(event__source=Source.IMPORT, event__request_id=imported(run))
    return sorted(set(rows.values_list("record_type", flat=True).distinct()))


def traces(run: ImportRun, keys: Iterable[Key]) -> dict[Key, Trace]:
    """Return the trace of each record that the import wrote: a query a record type."""
    by_type: defaultdict[str, set[int]] = defaultdict(set)
    for label, pk in keys:
        by_type[label].add(pk)
    found: dict[Key, Trace] = {}
    for label, pks in by_type.items():
        rows = ChangedRow.objects.filter(record_type=label, record_id__in=pks).order_by(
            "record_id", "row_version"
        )
        mine: Trace | None = None
        at: int | None = None
        for pk, *row in rows.values_list(
            "record_id",
            "row_version",
            "kind",
            "event__request_id",
            "event__recorded_at",
            "event__actor__name",
            "event__action",
        ).iterator(chunk_size=2_000):
            if pk != at:
                mine, at = None, pk
            mine = _read(run, mine, *row)
            if mine is not None:
                found[label, pk] = mine
    return found


def _read(
    run: ImportRun,
    held: Trace | None,
    version: int,
    kind: str,
    request_id: str,
    at: datetime,
    who: str,
    action: str,
) -> Trace | None:
    """Take in one more changed row of a record; what came before the import does not count."""
    if request_id == imported(run):
        if held is None:
            return Trace(version, version, kind == Kind.CREATED, None, False)
        held.newest = version
    elif held is not None:
        held.is_done = held.is_done or request_id == reverted(run)
        if not held.is_done and held.later is None:
            held.later = Later(who, at, action, version, request_id)
        elif held.later is not None and request_id and request_id == held.later.undone_by:
            held.later = None  # a later import that was reverted: the record is again as this one left it
        held.newest = max(held.newest, version)
    return held
