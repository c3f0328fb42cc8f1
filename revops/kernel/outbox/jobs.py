"""Scheduled jobs: each has a key, a cadence, an owner and a record of every run.

Beat only knocks. A knock is turned into a slot of the job's cadence, and the database decides: one run per slot,
and never two runs of one job at a time. So any number of beats may knock, early, late or twice.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from celery import schedules
from django.db import IntegrityError, transaction

from revops.kernel import audit, clocks
from revops.kernel.outbox.cadence import KNOCK, At, Cadence, Every, Local
from revops.kernel.outbox.enums import RunState
from revops.kernel.outbox.models import JobRun

TASK = "outbox.run_job"
QUEUE = "ticks"
GRACE = timedelta(minutes=2)
LONGEST_TEXT = 4_000

Function = Callable[[], object]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One scheduled job. `limit` is how many seconds a run may take before its worker is given up."""

    key: str
    owner: str
    cadence: Cadence
    doc: str
    limit: int
    function: Function


_jobs: dict[str, Job] = {}


def job(
    key: str,
    *,
    owner: str,
    every: int | None = None,
    crontab: schedules.crontab | None = None,
    local: str = "",
    weekday: int | None = None,
    doc: str = "",
    limit: int = 900,
) -> Callable[[Function], Function]:
    """Register the decorated function as the job `key`, run every so many seconds or by a crontab in UTC.

    Or by the clock on the organisation's wall: `local="06:00"`, every day or on a `weekday` (0 is Monday).
    `owner` is the role that answers for it; `doc` defaults to the first line of the function's docstring. What
    the function returns is kept as the run's result. It must be safe to repeat: a run whose worker died is run
    again in the next slot. Raises ValueError for a second function under one key, for a job without an owner or
    a description, and unless exactly one cadence is given.
    """
    cadence = _cadence(key, every, crontab, local, weekday)

    def register(function: Function) -> Function:
        told = doc or (function.__doc__ or "").strip().partition("\n")[0]
        if not owner or not told:
            raise ValueError(f"Job {key!r} needs an owner and a line that says what it does.")
        if key in _jobs and _jobs[key].function is not function:
            raise ValueError(f"Job {key!r} is already registered by {_jobs[key].function.__qualname__}.")
        _jobs[key] = Job(key, owner, cadence, told, limit, function)
        return function

    return register


def _cadence(
    key: str, every: int | None, crontab: schedules.crontab | None, local: str, weekday: int | None
) -> Cadence:
    """Return the one cadence that a job was given."""
    given = [one is not None for one in (every, crontab, local or None)]
    if sum(given) != 1 or (weekday is not None and not local):
        raise ValueError(f"Job {key!r} needs one cadence: `every`, `crontab` or `local`.")
    if every is not None:
        return Every(every)
    return At(crontab) if crontab is not None else Local(time.fromisoformat(local), weekday)


def registered() -> list[Job]:
    """Return every job, by key."""
    return sorted(_jobs.values(), key=lambda known: known.key)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return the schedule for Celery beat: one entry a job, on the queue for ticks.

    A tick that waits longer than the job's cadence is dropped, a run longer than its limit is stopped.
    """
    return {
        known.key: {
            "task": TASK,
            "schedule": known.cadence.schedule(),
            "args": [known.key],
            "options": _options(known),
        }
        for known in registered()
    }


def _options(known: Job) -> dict[str, Any]:
    options = {"queue": QUEUE, "soft_time_limit": known.limit, "time_limit": known.limit + 10}
    if isinstance(known.cadence, Every):
        options["expires"] = known.cadence.seconds
    elif isinstance(known.cadence, Local):
        options["expires"] = int(KNOCK.total_seconds())
    return options


def run_job(key: str) -> JobRun | None:
    """Run the job `key` for the current slot; return its run, or None when there was nothing to do.

    Nothing to do: the slot was run already, or another run of the job is still within its limit. A running row
    older than the limit is marked abandoned first. A failing job is recorded and logged, not raised. Raises
    ValueError for a job that nobody has registered.
    """
    if key not in _jobs:
        raise ValueError(f"There is no job {key!r}; there are {', '.join(sorted(_jobs))}.")
    known, now = _jobs[key], clocks.now()
    _abandon(known, now)
    run = JobRun(job_key=key, slot=known.cadence.slot(now), started_at=now)
    if JobRun.objects.filter(job_key=key, slot=run.slot).exists():
        return None
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return None
    try:
        with audit.door(audit.Source.JOB, request_id=f"job:{key}"[:64]):
            result = known.function()
    except Exception as error:
        logger.exception("Job %s failed.", key)
        _finish(run, RunState.FAILED, error="".join(traceback.format_exception(error))[-LONGEST_TEXT:])
    else:
        _finish(run, RunState.DONE, result="" if result is None else str(result)[:LONGEST_TEXT])
    return run


def _abandon(known: Job, now: datetime) -> None:
    lost = JobRun.objects.filter(
        job_key=known.key, state=RunState.RUNNING, started_at__lt=now - timedelta(seconds=known.limit)
    )
    if lost.exists():
        lost.update(
            state=RunState.ABANDONED,
            finished_at=now,
            error=f"Nothing was heard of this run for {known.limit} seconds: its worker is gone.",
        )


def _finish(run: JobRun, state: RunState, *, result: str = "", error: str = "") -> None:
    """Record how the run ended, unless it was given up in the meantime."""
    run.state, run.finished_at, run.result, run.error = state, clocks.now(), result, error
    held = JobRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        state=state, finished_at=run.finished_at, result=result, error=error
    )
    if not held:
        logger.warning("Job %s ended (%s) after its run had been given up.", run.job_key, state)


def missed(now: datetime) -> list[str]:
    """Return the jobs whose last slot of a day or week nobody has run, though it began over two minutes ago.

    A tick that a broker lost would otherwise cost a nightly job its day. Jobs that run every few seconds need no
    such care: their next tick comes soon.
    """
    missing = []
    for known in registered():
        if isinstance(known.cadence, At | Local):
            slot = known.cadence.slot(now)
            if slot <= now - GRACE and not JobRun.objects.filter(job_key=known.key, slot=slot).exists():
                missing.append(known.key)
    return missing
