"""Noting what became of a record in the very transaction that wrote it, whichever action that was.

An action for one record opens its own change and knows nothing of bulk runs. While a record is marked, the hook on
every change writes its outcome and the run's counts beside what the action wrote: a kill loses both or neither.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from revops.kernel import clocks
from revops.kernel.audit.changes import Change
from revops.kernel.exchange.bulk.models import BulkItem, BulkRun, BulkState, Outcome
from revops.kernel.exchange.claims import Superseded


@dataclass(frozen=True, slots=True)
class Mark:
    """The record that is being written for a run, by the worker that holds `token`."""

    run: BulkRun
    token: UUID
    item: BulkItem


_marked: ContextVar[Mark | None] = ContextVar("bulk_marked", default=None)


@contextmanager
def marked(mark: Mark) -> Iterator[None]:
    """Let the next change note that it wrote this record for its run."""
    token = _marked.set(mark)
    try:
        yield
    finally:
        _marked.reset(token)


def note(change: Change) -> None:
    """Join the change of a marked record. Raises Superseded when another worker has the run, so nothing is written."""
    mark = _marked.get()
    if mark is None or not change.rows or change.aside:
        return
    hold(mark.run, mark.token)
    key = (mark.run.record_type, mark.item.record_id)
    versions = [row.row_version for row in change.rows if (row.record_type, row.record_id) == key]
    ended = BulkItem.objects.filter(pk=mark.item.pk, outcome=Outcome.WAITING).update(
        outcome=Outcome.CHANGED, version=max(versions, default=None)
    )
    if not ended:
        raise Superseded
    advance(mark.run, mark.token, {Outcome.CHANGED: 1})


def hold(run: BulkRun, token: UUID) -> None:
    """Lock the run until the end of the transaction. Raises Superseded when another worker has it."""
    held = BulkRun.objects.select_for_update().filter(pk=run.pk, token=token, state=BulkState.RUNNING)
    if held.values_list("pk", flat=True).first() is None:
        raise Superseded


def advance(run: BulkRun, token: UUID, counts: dict[Outcome, int]) -> None:
    """Add to the counts of a run, inside the transaction of what is counted. Raises Superseded."""
    moved = BulkRun.objects.filter(pk=run.pk, token=token, state=BulkState.RUNNING).update(
        heartbeat_at=clocks.now(),
        **{str(outcome): F(str(outcome)) + count for outcome, count in counts.items()},
    )
    if not moved:
        raise Superseded
