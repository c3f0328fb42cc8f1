"""The kernel's own jobs: anchoring and verifying the trail, purging what is done with, the heartbeat."""

from datetime import timedelta
from uuid import UUID

from celery.schedules import crontab
from django.core.management import call_command

from revops.kernel import clocks
from revops.kernel.outbox import jobs
from revops.kernel.outbox.models import Effect, JobRun, OutboxEvent

HEARTBEAT = "outbox.heartbeat"
KEEP_EVENTS = timedelta(days=30)
KEEP_RUNS = timedelta(days=90)
KEEP_HEARTBEATS = timedelta(days=1)
BATCH = 2_000
MOST_NAMED = 10


class TrailBroken(Exception):
    """The audit trail is not as it was signed; the message names the first rows that are not."""


@jobs.job(HEARTBEAT, owner="REVOPS", every=30, limit=25)
def beat() -> str:
    """Prove that beat and a worker live; send again the nightly ticks that a broker lost."""
    from revops.kernel.outbox.tasks import send_tick

    again = jobs.missed(clocks.now())
    for key in again:
        send_tick(key)
    return f"sent again: {', '.join(again)}" if again else "alive"


@jobs.job("audit.anchor", owner="REVOPS", every=600, limit=300)
def anchor() -> str:
    """Write the head of the audit chain to places outside the database."""
    from revops.kernel.audit.anchoring import anchor

    seq = anchor()
    return "the head has not moved" if seq is None else f"anchored at seal {seq}"


@jobs.job("audit.verify", owner="REVOPS", crontab=crontab(hour=2, minute=10), limit=4 * 3_600)
def verify() -> str:
    """Check every history row, code, link of the chain and anchor of the audit trail."""
    from revops.kernel.audit.verifying import verify

    report = verify(stop_at_first=False)
    if not report.valid:
        raise TrailBroken("; ".join(str(finding) for finding in report.findings[:MOST_NAMED]))
    return ", ".join(f"{count} {what}" for what, count in report.checked.items()) or "nothing to check"


@jobs.job("sessions.purge", owner="ADMIN", crontab=crontab(hour=3, minute=20))
def purge_sessions() -> None:
    """Delete the sessions that have expired."""
    call_command("clearsessions")


@jobs.job("outbox.purge", owner="REVOPS", crontab=crontab(hour=3, minute=40), limit=3_600)
def purge() -> str:
    """Delete delivered events after 30 days and job runs after 90, a heartbeat's after one."""
    events, runs = purge_events(), purge_runs()
    return f"{events} events and {runs} job runs deleted"


def purge_events() -> int:
    """Delete delivered events older than 30 days with their effects, in small transactions; return how many.

    Event ids begin with their time of birth, so the primary key finds the old ones without an index of its own.
    Waiting and dead events stay however old they are.
    """
    limit = clocks.now() - KEEP_EVENTS
    born_before = UUID(int=int(limit.timestamp() * 1_000) << 80)
    old = OutboxEvent.objects.filter(id__lt=born_before, delivered_at__lt=limit).order_by("id")
    deleted = 0
    while ids := list(old.values_list("id", flat=True)[:BATCH]):
        Effect.objects.filter(event_id__in=ids)._raw_delete("default")
        deleted += OutboxEvent.objects.filter(id__in=ids)._raw_delete("default")
    return deleted


def purge_runs() -> int:
    """Delete old job runs, but never that of a job's current slot; return how many."""
    now, deleted = clocks.now(), 0
    for known in jobs.registered():
        keep = KEEP_HEARTBEATS if known.key == HEARTBEAT else KEEP_RUNS
        old = JobRun.objects.filter(
            job_key=known.key, started_at__lt=now - keep, slot__lt=known.cadence.slot(now)
        )
        deleted += old.delete()[0]
    return deleted
