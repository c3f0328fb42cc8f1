"""Work in the background: begun in a transaction, claimed by one worker, fenced, and brought back when it is lost.

The database is the truth. A task that a broker loses is sent again by a sweep; a worker that was given up finds at
its next step that its token holds no more, and stops.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from celery import current_app
from django.db import transaction

from revops.kernel import clocks, notifications
from revops.kernel.exchange.claims import Superseded
from revops.kernel.exchange.drafts.models import WORKING, DraftState, ImportDraft
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.identity.models import User
from revops.kernel.people.access import Forbidden

TASK = "exchange.work_on_import"
SILENT_FOR = timedelta(seconds=90)
LIMIT = 6 * 3_600
_RIGHTS = frozenset({"IMP-015", "IMP-016"})
logger = logging.getLogger(__name__)


def begin(draft: ImportDraft, state: DraftState, by: User, *, total: int = 0) -> None:
    """Hand a locked draft to a worker, once the open transaction is committed."""
    now = clocks.now()
    draft.state, draft.token, draft.asked_by = state, uuid4(), by
    draft.work_started_at = draft.heartbeat_at = now
    draft.done, draft.total, draft.trouble = 0, total, []
    draft.updated_at = now
    draft.save()
    send(draft.pk, draft.token)


def send(pk: int, token: UUID) -> None:
    """Ask a worker to do what the draft waits for, once the open transaction is committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, args=(pk, str(token))), robust=True)


def take(pk: int, token: str) -> ImportDraft | None:
    """Claim the work on a draft; None when it is done, or somebody else has it."""
    mine, now = uuid4(), clocks.now()
    held = ImportDraft.objects.filter(pk=pk, token=token, state__in=WORKING)
    if not held.update(token=mine, heartbeat_at=now):
        return None
    return ImportDraft.objects.select_related("asked_by").get(pk=pk)


def beat(draft: ImportDraft, done: int, total: int = 0) -> None:
    """Say how far the work is. Raises Superseded when another worker has it."""
    told: dict[str, Any] = {"done": done, "heartbeat_at": clocks.now()}
    if total:
        told["total"] = total
    if not ImportDraft.objects.filter(pk=draft.pk, token=draft.token).update(**told):
        raise Superseded


def finish(draft: ImportDraft, state: DraftState, **more: Any) -> None:
    """Say how the work ended, and tell who asked for it. Raises Superseded when another worker has it."""
    now = clocks.now()
    with transaction.atomic():
        held = ImportDraft.objects.filter(pk=draft.pk, token=draft.token)
        if not held.update(state=state, heartbeat_at=now, updated_at=now, token=None, **more):
            raise Superseded
        if draft.state != DraftState.READING and draft.asked_by_id is not None:
            notifications.notify(
                [draft.asked_by_id],
                f"import.{state}",
                f"{draft.file_name}: {DraftState(state).label.lower()}",
                url=f"/imports/{draft.pk}/",
                dedupe_key=f"import:{draft.pk}:{draft.revision}:{draft.state}:{draft.work_started_at}",
            )
    draft.state, draft.token = state, None


def work(pk: int, token: str, steps: Mapping[DraftState, Callable[[ImportDraft], None]]) -> None:
    """Do the step that a draft waits for, with the present rights of the person who asked for it.

    Whatever goes wrong is told by the draft's state, for the person to see: denied, refused, stopped.
    """
    draft = take(pk, token)
    if draft is None:
        return
    try:
        if draft.asked_by is None or not draft.asked_by.is_active:
            raise Forbidden("The person who asked for this is not active any more.")
        steps[DraftState(draft.state)](draft)
    except Superseded:
        logger.info("Import %s: another worker goes on.", pk)
    except FileRefused as refusal:
        told = [finding.as_json() for finding in refusal.located]
        denied = any(finding.code in _RIGHTS for finding in refusal.located)
        _end(draft, DraftState.DENIED if denied else DraftState.REFUSED, told)
    except Forbidden as denial:
        _end(draft, DraftState.DENIED, [_told("IMP-016", str(denial))])
    except Exception:
        logger.exception("Import %s stopped.", pk)
        _end(
            draft,
            DraftState.STOPPED,
            [_told("IMP-018", "The work stopped by a mistake of ours, which was logged. It can go on.")],
        )


def _end(draft: ImportDraft, state: DraftState, trouble: list[dict[str, Any]]) -> None:
    try:
        finish(draft, state, trouble=trouble)
    except Superseded:
        logger.info("Import %s: another worker goes on.", draft.pk)


def _told(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "weight": "error", "message": message}


def bring_back() -> int:
    """Send work again that nobody was heard of for a while; return how many."""
    silent = clocks.now() - SILENT_FOR
    lost = ImportDraft.objects.filter(state__in=WORKING, heartbeat_at__lt=silent).order_by("pk")
    sent = 0
    for pk in list(lost.values_list("pk", flat=True)[:100]):
        token = uuid4()
        again = ImportDraft.objects.filter(pk=pk, state__in=WORKING, heartbeat_at__lt=silent)
        if again.update(token=token, heartbeat_at=clocks.now()):
            send(pk, token)
            sent += 1
    return sent
