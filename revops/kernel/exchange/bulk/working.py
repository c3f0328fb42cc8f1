"""A bulk run at work: begun in a transaction, claimed by one worker, fenced, and brought back when it is lost.

Records that are still waiting are what is left to do, so a run that was cut off goes on behind its last commit.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from celery import current_app
from django.db import transaction

from revops.kernel import audit, clocks, notifications
from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.bulk import deeds
from revops.kernel.exchange.bulk.asking import visible
from revops.kernel.exchange.bulk.chunks import Worker
from revops.kernel.exchange.bulk.models import BulkRun, BulkState, Outcome
from revops.kernel.exchange.claims import Superseded
from revops.kernel.exchange.garbage import collected_rarely
from revops.kernel.people import access
from revops.kernel.people.access import Forbidden

TASK = "exchange.work_on_bulk_change"
SILENT_FOR = timedelta(seconds=90)
KEPT_OPEN = timedelta(days=1)
LIMIT = 3_600
logger = logging.getLogger(__name__)


def start(*, by: Any, pk: int) -> BulkRun:
    """Confirm a bulk change and hand it to a worker; go on with one that stopped. Only who asked for it may.

    Raises Blocked for one that runs or has ended, Forbidden, DoesNotExist.
    """
    with transaction.atomic():
        visible(by).get(pk=pk)
        run = BulkRun.objects.select_for_update().get(pk=pk)
        access.require(by, "start", run)
        findings = _startable(run)
        if findings:
            raise Blocked(findings)
        now = clocks.now()
        run.state, run.token, run.trouble = BulkState.RUNNING, uuid4(), []
        run.started_at, run.heartbeat_at, run.finished_at = run.started_at or now, now, None
        run.save()
        send(run.pk, run.token)
    return run


def _startable(run: BulkRun) -> list[Finding]:
    if run.state not in (BulkState.OPEN, BulkState.STOPPED):
        message = f"This bulk change is {run.get_state_display().lower()}; it is not started again."
        return [Finding("BLK-005", message, field="state", found=run.state, needed="open or stopped")]
    others = BulkRun.objects.filter(undoes=run.undoes_id).exclude(state=BulkState.OPEN).exclude(pk=run.pk)
    other = others.first() if run.undoes_id else None
    if other is not None:
        message = f"Bulk change {other.pk} takes the same one back already. Look at its report."
        return [Finding("BLK-008", message, found=str(other.pk), needed="one undo")]
    return []


def send(pk: int, token: UUID) -> None:
    """Ask a worker to do a run, once the open transaction is committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, args=(pk, str(token))), robust=True)


def work(pk: int, token: str) -> None:
    """Do a run to its end, with the present rights of the person who asked for it (A17).

    Whatever goes wrong is told by its state. Nothing to do when it is done, or another worker has it.
    """
    run = _take(pk, token)
    if run is None:
        return
    try:
        _carry_out(run)
    except Superseded:
        logger.info("Bulk change %s: another worker goes on.", pk)
    except Forbidden as denial:
        _end(run, BulkState.DENIED, [Finding("BLK-013", str(denial), needed="the right to do this")])
    except Exception:
        logger.exception("Bulk change %s stopped.", pk)
        told = "The work stopped by a mistake of ours, which was logged. It can go on where it stopped."
        _end(run, BulkState.STOPPED, [Finding("BLK-014", told)])


def _take(pk: int, token: str) -> BulkRun | None:
    mine = uuid4()
    held = BulkRun.objects.filter(pk=pk, token=token, state=BulkState.RUNNING)
    if not held.update(token=mine, heartbeat_at=clocks.now()):
        return None
    return BulkRun.objects.select_related("asked_by").get(pk=pk)


def _carry_out(run: BulkRun) -> None:
    worker = Worker(run, _held(run), deeds.find(run.record_type, run.deed), run.asked_by)
    with audit.door(audit.Source.BULK, request_id=f"bulk:{run.pk}"), collected_rarely():
        while worker.take():
            pass
    run.refresh_from_db(fields=[str(one) for one in (Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED)])
    nothing_allowed = not (run.changed or run.unchanged or run.refused)
    _end(run, BulkState.DENIED if nothing_allowed else BulkState.DONE, [])


def _held(run: BulkRun) -> UUID:
    if run.token is None:
        raise Superseded
    return run.token


def _end(run: BulkRun, state: BulkState, trouble: list[Finding]) -> None:
    """Say how the work ended and tell who asked for it, unless another worker has it."""
    now = clocks.now()
    with transaction.atomic():
        ended = BulkRun.objects.filter(pk=run.pk, token=run.token).update(
            state=state,
            token=None,
            heartbeat_at=now,
            finished_at=now,
            trouble=[finding.as_json() for finding in trouble],
        )
        if not ended:
            logger.info("Bulk change %s: another worker goes on.", run.pk)
            return
        run.refresh_from_db()
        notifications.notify(
            [run.asked_by_id],
            f"bulk.{state}",
            title_of(run),
            _counted(run),
            url=f"/bulk/{run.pk}/",
            dedupe_key=f"bulk:{run.pk}:{state}:{now:%Y%m%d%H%M%S%f}",
        )


def title_of(run: BulkRun) -> str:
    """Return a run in words: what was done to how many records of which kind."""
    deed = deeds.find(run.record_type, run.deed)
    what = deed.kind.singular if run.total == 1 else deed.kind.plural
    label = f"Undo “{deed.label}”" if run.undoes_id is not None else deed.label
    return f"{label}: {run.total:,} {what.lower()}, {run.get_state_display().lower()}"


def _counted(run: BulkRun) -> str:
    parts = [
        (run.changed, "changed"),
        (run.unchanged, "unchanged"),
        (run.refused, "refused"),
        (run.denied, "denied"),
    ]
    return ", ".join(f"{count:,} {word}" for count, word in parts if count) or "nothing was done"


def bring_back() -> int:
    """Send runs again of which nobody was heard for a while; return how many."""
    silent = clocks.now() - SILENT_FOR
    lost = BulkRun.objects.filter(state=BulkState.RUNNING, heartbeat_at__lt=silent).order_by("pk")
    sent = 0
    for pk in list(lost.values_list("pk", flat=True)[:100]):
        token = uuid4()
        again = BulkRun.objects.filter(pk=pk, state=BulkState.RUNNING, heartbeat_at__lt=silent)
        with transaction.atomic():
            if again.update(token=token, heartbeat_at=clocks.now()):
                send(pk, token)
                sent += 1
    return sent


def forget_unconfirmed() -> int:
    """Delete runs that nobody confirmed within a day; return how many."""
    old = BulkRun.objects.filter(state=BulkState.OPEN, created_at__lt=clocks.now() - KEPT_OPEN)
    pks = list(old.order_by("pk").values_list("pk", flat=True)[:500])
    BulkRun.objects.filter(pk__in=pks, state=BulkState.OPEN).delete()
    return len(pks)
