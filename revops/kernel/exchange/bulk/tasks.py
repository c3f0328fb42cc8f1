"""What runs bulk changes in the background, brings them back when they are lost, and cleans up."""

from celery import shared_task
from celery.schedules import crontab

from revops.kernel.exchange.bulk import working
from revops.kernel.outbox.jobs import job


@shared_task(name=working.TASK, soft_time_limit=working.LIMIT, time_limit=working.LIMIT + 10)
def work_on_bulk_change(pk: int, token: str) -> None:
    """Do one bulk change; nothing to do when it is done, or another worker has it."""
    working.work(pk, token)


@job("exchange.bring_back_bulk_changes", owner="REVOPS", every=60)
def bring_back_bulk_changes() -> str:
    """Send bulk changes again whose worker has died or whose task was lost."""
    sent = working.bring_back()
    return f"{sent} bulk changes sent again" if sent else ""


@job("exchange.forget_bulk_changes", owner="REVOPS", crontab=crontab(hour=2, minute=50))
def forget_bulk_changes() -> str:
    """Delete bulk changes that nobody confirmed within a day."""
    return f"{working.forget_unconfirmed()} unconfirmed bulk changes deleted"
