"""The API's scheduled jobs."""

from datetime import timedelta

from celery.schedules import crontab

from revops.api.models import IdempotentRequest
from revops.kernel import clocks
from revops.kernel.outbox.jobs import job

KEEP_REQUESTS = timedelta(hours=48)


@job("api.purge_idempotent_requests", owner="REVOPS", crontab=crontab(hour=3, minute=50))
def purge_idempotent_requests() -> str:
    """Delete the answers kept for idempotency keys after 48 hours (a client may count on 24)."""
    old = IdempotentRequest.objects.filter(created_at__lt=clocks.now() - KEEP_REQUESTS)
    deleted, _ = old.delete()
    return f"{deleted} kept answers deleted"
