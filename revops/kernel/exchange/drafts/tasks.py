"""What runs the wizard's work in the background, brings it back when it is lost, and cleans up."""

from celery import shared_task
from celery.schedules import crontab

from revops.kernel import clocks
from revops.kernel.exchange.drafts import checking, committing, opening, uploads, working
from revops.kernel.exchange.drafts.models import WORKING, DraftState, ImportDraft
from revops.kernel.outbox.jobs import job

STEPS = {
    DraftState.READING: opening.read,
    DraftState.CHECKING: checking.check,
    DraftState.COMMITTING: committing.commit,
    DraftState.REVERTING: committing.revert,
}


@shared_task(name=working.TASK, soft_time_limit=working.LIMIT, time_limit=working.LIMIT + 10)
def work_on_import(pk: int, token: str) -> None:
    """Do what one import waits for; nothing to do when it is done, or another worker has it."""
    working.work(pk, token, STEPS)


@job("exchange.bring_back_imports", owner="REVOPS", every=60)
def bring_back_imports() -> str:
    """Send the work on imports again whose worker has died or whose task was lost."""
    sent = working.bring_back()
    return f"{sent} imports sent again" if sent else ""


@job("exchange.delete_import_files", owner="REVOPS", crontab=crontab(hour=2, minute=40))
def delete_import_files() -> str:
    """Delete uploaded files after 30 days, and files that belong to no import."""
    now = clocks.now()
    due = ImportDraft.objects.filter(expires_at__lte=now).exclude(path="").exclude(state__in=WORKING)
    ended = 0
    for draft in due.order_by("pk")[:500]:
        uploads.delete(draft.path)
        ended += ImportDraft.objects.filter(pk=draft.pk).exclude(state__in=WORKING).update(path="", seen={})
    known = set(ImportDraft.objects.exclude(path="").values_list("path", flat=True))
    return f"{ended} files deleted, {uploads.delete_strays(known, now)} stray ones"
