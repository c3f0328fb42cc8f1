"""How the outbox and the jobs are doing: what /readyz, `outbox_status` and the Jobs page read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from revops.kernel import clocks
from revops.kernel.outbox import jobs
from revops.kernel.outbox.dispatch import CARRY_SECONDS
from revops.kernel.outbox.enums import RunState
from revops.kernel.outbox.models import WAITING, JobRun, OutboxEvent
from revops.kernel.outbox.upkeep import HEARTBEAT


@dataclass(frozen=True, slots=True)
class Status:
    """The outbox at one instant. Ages are seconds, None where there is nothing to be old.

    `depth` counts the waiting events and `oldest_age` is the oldest's; `lag` is how long the most overdue event
    that could be delivered now has been so, which leaves out those that wait for a later attempt or behind one.
    """

    depth: int
    oldest_age: float | None
    lag: float | None
    dead: int
    carried: int
    heartbeat_age: float | None


def status() -> Status:
    """Return the depth, ages and counts of the outbox, and the age of the last heartbeat."""
    now = clocks.now()
    carried = WAITING & Q(carried_at__gt=now - timedelta(seconds=CARRY_SECONDS))
    waiting = OutboxEvent.objects.waiting().aggregate(
        depth=Count("pk"), oldest=Min("created_at"), carried=Count("pk", filter=carried)
    )
    due = OutboxEvent.objects.heads().filter(next_attempt_at__lte=now).aggregate(since=Min("next_attempt_at"))
    heartbeat = JobRun.objects.filter(job_key=HEARTBEAT, state=RunState.DONE).aggregate(at=Max("finished_at"))
    return Status(
        depth=waiting["depth"],
        oldest_age=_age(waiting["oldest"], now),
        lag=_age(due["since"], now),
        dead=OutboxEvent.objects.filter(dead=True).count(),
        carried=waiting["carried"],
        heartbeat_age=_age(heartbeat["at"], now),
    )


def _age(instant: datetime | None, now: datetime) -> float | None:
    return None if instant is None else max(0.0, (now - instant).total_seconds())


@dataclass(frozen=True, slots=True)
class JobEntry:
    """One line of the cadence register: job, cadence, owner, last evidence (GT40).

    `state` is empty for a job that has never run. `late` says that the slot due by now has no run, two minutes
    after it began.
    """

    key: str
    doc: str
    cadence: str
    owner: str
    last_run_at: datetime | None
    state: str
    evidence: str
    next_due_at: datetime
    late: bool


def job_register() -> list[JobEntry]:
    """Return every registered job with its last run, by key. Two queries, however many jobs there are."""
    now = clocks.now()
    latest = JobRun.objects.values("job_key").annotate(slot=Max("slot")).values_list("job_key", "slot")
    wanted = Q(pk__in=[])
    for key, slot in latest:
        wanted |= Q(job_key=key, slot=slot)
    runs = {run.job_key: run for run in JobRun.objects.filter(wanted)}
    return [_entry(known, runs.get(known.key), now) for known in jobs.registered()]


def _entry(known: jobs.Job, run: JobRun | None, now: datetime) -> JobEntry:
    slot = known.cadence.slot(now)
    return JobEntry(
        key=known.key,
        doc=known.doc,
        cadence=known.cadence.words(),
        owner=known.owner,
        last_run_at=run.started_at if run else None,
        state=run.state if run else "",
        evidence=(run.error.strip().rpartition("\n")[2] or run.result) if run else "",
        next_due_at=known.cadence.after(slot),
        late=slot <= now - jobs.GRACE and (run is None or run.slot < slot),
    )
