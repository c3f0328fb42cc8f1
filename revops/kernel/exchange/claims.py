"""Who works on an import: a run is claimed, and every chunk proves that the claim still holds.

The claim is a token in the run's row. Taking over is always safe: the one who lost it fails at its next chunk, in
that chunk's own transaction, so no row is ever imported twice.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F

from revops.kernel import audit, clocks
from revops.kernel.exchange.models import REVERTIBLE, UNFINISHED, ImportRun, RowOutcome, RunState
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Source
from revops.kernel.outbox import jobs

STALE = timedelta(seconds=60)


class Superseded(Exception):
    """Another process goes on with this import; this one has stopped and left nothing half done."""


def claim(source: Source, plan: Plan, options: Options, by: Any, total: int) -> ImportRun:
    """Return the unfinished run of this very import, taken over, or a new one."""
    fingerprint = _fingerprint(source, plan, options, by)
    token, now = uuid4(), clocks.now()
    while True:
        unfinished = ImportRun.objects.filter(state__in=UNFINISHED, fingerprint=fingerprint)
        if unfinished.update(claim=token, state=RunState.RUNNING, heartbeat_at=now):
            taken: ImportRun | None = ImportRun.objects.filter(fingerprint=fingerprint, claim=token).first()
            if taken is None:
                raise Superseded
            return taken
        try:
            with transaction.atomic():
                return ImportRun.objects.create(
                    record_type=plan.importer.record_type,
                    mapping=plan.mapping.name,
                    file_name=source.name[-255:],
                    sha256=source.sniffed.sha256,
                    size=source.sniffed.size,
                    encoding=source.sniffed.encoding,
                    delimiter=source.delimiter,
                    options=options.as_json(),
                    fingerprint=fingerprint,
                    started_by=by,
                    claim=token,
                    total_rows=total,
                    findings=[finding.as_json() for finding in (*source.findings, *plan.findings)],
                    started_at=now,
                    heartbeat_at=now,
                )
        except IntegrityError:
            continue  # somebody began the same import in this instant: take it over


def _fingerprint(source: Source, plan: Plan, options: Options, by: Any) -> str:
    parts = [
        source.sniffed.sha256,
        plan.importer.record_type,
        plan.mapping.name,
        source.sniffed.encoding,
        source.delimiter,
        options.as_json(),
        by.pk,
    ]
    if source.overlay.touches:
        parts.append(source.overlay.digest)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def advance(run: ImportRun, token: UUID, *, level: int, line: int, counts: Mapping[RowOutcome, int]) -> None:
    """Write the progress of one chunk, inside its transaction. Raises Superseded when the claim is lost."""
    moved = ImportRun.objects.filter(pk=run.pk, claim=token, state=RunState.RUNNING).update(
        done_level=level,
        done_to_line=line,
        heartbeat_at=clocks.now(),
        **{str(outcome): F(str(outcome)) + count for outcome, count in counts.items() if count},
    )
    if not moved:
        raise Superseded


def hold(run: ImportRun, token: UUID) -> None:
    """Lock the run until the end of the transaction. Raises Superseded when the claim is lost."""
    held = ImportRun.objects.select_for_update().filter(pk=run.pk, claim=token, state=RunState.RUNNING)
    if held.values_list("pk", flat=True).first() is None:
        raise Superseded


def finish(run: ImportRun, token: UUID, state: RunState) -> None:
    """Say how the run ended, unless somebody else has taken it over."""
    now = clocks.now()
    ImportRun.objects.filter(pk=run.pk, claim=token).update(
        state=state, heartbeat_at=now, finished_at=now if state == RunState.DONE else None
    )


def require_revertible(run: ImportRun) -> None:
    """Refuse to revert an import that is still running."""
    if run.state not in REVERTIBLE:
        raise audit.Blocked.because(
            "IMP-155",
            f"Import {run.pk} is {run.get_state_display().lower()}. Revert it once it has ended or stopped.",
            field="state",
            found=run.state,
            needed=f"one of {', '.join(REVERTIBLE)}",
        )


def claim_revert(run: ImportRun, by: Any) -> ImportRun:
    """Return the run with a fresh claim on its revert: begun, gone on with, or tried again for what it kept."""
    token, now = uuid4(), clocks.now()
    taken = ImportRun.objects.filter(pk=run.pk, state__in=REVERTIBLE).update(
        state=RunState.REVERTING, claim=token, heartbeat_at=now, reverted_by=by, reverted_at=None
    )
    held = ImportRun.objects.get(pk=run.pk)
    if not taken:
        require_revertible(held)
        raise Superseded
    if held.claim != token:
        raise Superseded
    return held


def hold_revert(run: ImportRun, token: UUID) -> None:
    """Lock the run until the end of the transaction. Raises Superseded when the claim on its revert is lost."""
    held = ImportRun.objects.select_for_update().filter(pk=run.pk, claim=token, state=RunState.REVERTING)
    if held.values_list("pk", flat=True).first() is None:
        raise Superseded


def advance_revert(
    run: ImportRun, token: UUID, *, cursor: UUID | None, removed: int, restored: int, kept: int
) -> None:
    """Write the progress of one part, inside its transaction. Raises Superseded when the claim is lost."""
    reached = {} if cursor is None else {"reverted_to": cursor}
    moved = ImportRun.objects.filter(pk=run.pk, claim=token, state=RunState.REVERTING).update(
        heartbeat_at=clocks.now(),
        removed=F("removed") + removed,
        restored=F("restored") + restored,
        kept=kept,
        **reached,
    )
    if not moved:
        raise Superseded


def finish_revert(run: ImportRun, token: UUID) -> None:
    """Say that the revert is through, unless somebody else has taken it over."""
    now = clocks.now()
    ImportRun.objects.filter(pk=run.pk, claim=token, state=RunState.REVERTING).update(
        state=RunState.REVERTED, heartbeat_at=now, reverted_at=now
    )


@jobs.job("exchange.stop_stale_imports", owner="REVOPS", every=30, limit=25)
def stop_stale() -> str:
    """Mark the runs nobody has worked on for a minute as stopped, so that they can be seen and gone on with."""
    stopped = ImportRun.objects.filter(state=RunState.RUNNING, heartbeat_at__lt=clocks.now() - STALE).update(
        state=RunState.STOPPED
    )
    return f"{stopped} stopped" if stopped else ""
