"""What runs exports: a receiver hands a queued one to a worker, and two jobs bring back and clean up."""

from celery import shared_task

from revops.kernel import clocks
from revops.kernel.exchange.exporting import keeping, writing
from revops.kernel.exchange.exporting.enums import ExportState
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.outbox.jobs import job
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.outbox.receiving import receives

LIMIT = 3_600


@shared_task(name="exchange.write_export", soft_time_limit=LIMIT, time_limit=LIMIT + 10)
def write_export(pk: int) -> None:
    """Write the file of one export; nothing to do when it is written already."""
    writing.write(pk)


@receives("export.queued", key="exchange.write_export")
def start(event: OutboxEvent) -> None:
    """Hand a queued export to a worker."""
    write_export.delay(event.subject_id)


@job("exchange.sweep_exports", owner="REVOPS", every=300)
def sweep_exports() -> str:
    """Send queued exports again whose worker has died or whose task was lost."""
    silent = clocks.now() - writing.SILENT_FOR
    waiting = DataExport.objects.filter(state=ExportState.QUEUED, updated_at__lt=silent)
    lost = list(waiting.exclude(claimed_at__gte=silent).order_by("pk").values_list("pk", flat=True)[:100])
    for pk in lost:
        write_export.delay(pk)
    return f"{len(lost)} exports sent again"


@job("exchange.purge_exports", owner="REVOPS", every=3_600)
def purge_exports() -> str:
    """Delete the files of exports after 7 days, and files that belong to no export."""
    now = clocks.now()
    return f"{keeping.expire(now)} exports expired, {keeping.delete_orphans(now)} stray files deleted"
