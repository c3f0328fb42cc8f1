"""What Celery calls: ids in, one call, safe to repeat."""

from celery import shared_task

from revops.kernel.outbox import delivery, jobs

# Longer than any receiver may take; a delivery that is killed comes back when its lease ends.
SOFT_LIMIT = 300


@shared_task(name="outbox.deliver_subject", soft_time_limit=SOFT_LIMIT, time_limit=SOFT_LIMIT + 10)
def deliver_subject(subject_type: str, subject_id: int) -> None:
    """Deliver the due events of one record in the order they happened (M10)."""
    delivery.deliver_subject(subject_type, subject_id)


@shared_task(name=jobs.TASK)
def run_job(key: str) -> None:
    """Run one scheduled job for its current slot."""
    jobs.run_job(key)


def send_tick(key: str) -> None:
    """Ask a worker to run the job `key`, as beat would."""
    run_job.apply_async(args=(key,), **jobs.beat_schedule()[key]["options"])
