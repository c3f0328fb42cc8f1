"""Beat knocks, the database decides: one run a slot, never two at once, and every run leaves a record."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.schedules import crontab

from revops.kernel import clocks, outbox
from revops.kernel.outbox import jobs, status
from revops.kernel.outbox.enums import RunState
from revops.kernel.outbox.models import JobRun

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def after(seconds: float) -> Any:
    return clocks.at(NOON + timedelta(seconds=seconds))


@pytest.fixture
def registry() -> Iterator[None]:
    """Start without any job and forget those that the test registers."""
    kept = dict(jobs._jobs)
    jobs._jobs.clear()
    yield
    jobs._jobs.clear()
    jobs._jobs.update(kept)


def counting(**cadence: Any) -> list[datetime]:
    """Register the job tests.count, which writes down when it ran."""
    ran: list[datetime] = []

    @outbox.job("tests.count", owner="REVOPS", doc="Count.", **(cadence or {"every": 60}))
    def count() -> int:
        ran.append(clocks.now())
        return len(ran)

    return ran


def runs() -> list[tuple[datetime, str, str]]:
    return list(JobRun.objects.order_by("slot").values_list("slot", "state", "result"))


def test_kernel_jobs_have_owner_cadence_and_words() -> None:
    register = {known.key: (known.owner, known.cadence.words()) for known in jobs.registered()}
    own = {
        key: entry
        for key, entry in register.items()
        if key.startswith(("audit", "outbox", "sessions", "notif"))
    }
    assert own == {
        "audit.anchor": ("REVOPS", "every 10 minutes"),
        "audit.verify": ("REVOPS", "daily at 02:10 UTC"),
        "notifications.digest": ("ADMIN", "every 15 minutes"),
        "notifications.mail": ("ADMIN", "every 30 seconds"),
        "outbox.heartbeat": ("REVOPS", "every 30 seconds"),
        "outbox.purge": ("REVOPS", "daily at 03:40 UTC"),
        "sessions.purge": ("ADMIN", "daily at 03:20 UTC"),
    }
    assert all(known.doc.endswith(".") for known in jobs.registered())


def test_beat_schedule_names_task_queue_and_limits(registry: None) -> None:
    counting(every=30, limit=25)
    outbox.job("tests.nightly", owner="REVOPS", crontab=crontab(10, 2), doc="Nightly.")(lambda: None)
    schedule = jobs.beat_schedule()
    assert {key: (entry["task"], entry["args"], entry["options"]) for key, entry in schedule.items()} == {
        "tests.count": (
            "outbox.run_job",
            ["tests.count"],
            {"queue": "ticks", "soft_time_limit": 25, "time_limit": 35, "expires": 30},
        ),
        "tests.nightly": (
            "outbox.run_job",
            ["tests.nightly"],
            {"queue": "ticks", "soft_time_limit": 900, "time_limit": 910},
        ),
    }
    assert schedule["tests.nightly"]["schedule"] == crontab(10, 2)


def test_beat_takes_the_schedule_from_the_registry() -> None:
    from revops.celery import app

    assert set(app.conf.beat_schedule) == {known.key for known in jobs.registered()}


@pytest.mark.django_db
def test_run_job_runs_once_a_slot(registry: None) -> None:
    ran = counting()
    for second in (0, 1, 59.4 - 1, 60, 61):
        with after(second):
            jobs.run_job("tests.count")
    assert ran == [NOON, NOON + timedelta(seconds=60)]
    assert runs() == [(NOON, "done", "1"), (NOON + timedelta(seconds=60), "done", "2")]


@pytest.mark.django_db
def test_run_job_records_the_failure_and_goes_on_next_slot(registry: None) -> None:
    @outbox.job("tests.fails", owner="REVOPS", every=60, doc="Fail.")
    def fails() -> None:
        raise ValueError("no such table")

    with after(0):
        run = jobs.run_job("tests.fails")
    stored = JobRun.objects.get()
    assert run is not None
    assert (stored.state, stored.finished_at, stored.result) == (RunState.FAILED, NOON, "")
    assert stored.error.startswith("Traceback")
    assert stored.error.endswith("ValueError: no such table\n")
    with after(60):
        jobs.run_job("tests.fails")
    assert JobRun.objects.count() == 2


@pytest.mark.django_db
def test_long_run_never_overlaps_itself(registry: None) -> None:
    inner: list[JobRun | None] = []

    @outbox.job("tests.long", owner="REVOPS", every=60, doc="Take long.", limit=600)
    def long() -> None:
        with after(60):
            inner.append(jobs.run_job("tests.long"))

    with after(0):
        jobs.run_job("tests.long")
    assert inner == [None]
    assert runs() == [(NOON, "done", "")]


@pytest.mark.django_db
def test_run_of_a_dead_worker_is_abandoned_and_run_again(registry: None) -> None:
    ran = counting(every=60, limit=90)
    JobRun.objects.create(job_key="tests.count", slot=NOON, started_at=NOON)
    with after(60):
        assert jobs.run_job("tests.count") is None
    with after(120):
        assert jobs.run_job("tests.count") is not None
    assert (len(ran), runs()) == (1, [(NOON, "abandoned", ""), (NOON + timedelta(seconds=120), "done", "1")])
    lost = JobRun.objects.get(slot=NOON)
    assert (lost.finished_at, lost.error) == (
        NOON + timedelta(seconds=120),
        "Nothing was heard of this run for 90 seconds: its worker is gone.",
    )


@pytest.mark.django_db
def test_run_given_up_stays_abandoned_when_it_ends_late(registry: None) -> None:
    @outbox.job("tests.late", owner="REVOPS", every=60, doc="End late.")
    def late() -> None:
        JobRun.objects.update(state=RunState.ABANDONED, finished_at=NOON)

    with after(0):
        jobs.run_job("tests.late")
    assert runs() == [(NOON, "abandoned", "")]


@pytest.mark.django_db
def test_run_job_refuses_a_job_nobody_knows(registry: None) -> None:
    counting()
    with pytest.raises(ValueError, match=r"There is no job 'tests.none'; there are tests.count"):
        jobs.run_job("tests.none")
    assert runs() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"owner": "REVOPS", "doc": "Do."}, "needs one cadence"),
        ({"owner": "REVOPS", "doc": "Do.", "every": 5, "crontab": crontab()}, "needs one cadence"),
        ({"owner": "REVOPS", "doc": "Do.", "every": 5, "local": "06:00"}, "needs one cadence"),
        ({"owner": "REVOPS", "doc": "Do.", "every": 5, "weekday": 0}, "needs one cadence"),
        ({"owner": "", "doc": "Do.", "every": 5}, "needs an owner and a line"),
        ({"owner": "REVOPS", "every": 5}, "needs an owner and a line"),
    ],
)
def test_job_refuses_an_incomplete_registration(
    registry: None, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        outbox.job("tests.do", **arguments)(lambda: None)
    assert jobs.registered() == []


def test_job_refuses_a_second_function_for_a_key(registry: None) -> None:
    counting()
    with pytest.raises(ValueError, match=r"Job 'tests.count' is already registered"):
        counting()


@pytest.mark.django_db
def test_missed_finds_the_nightly_slot_nobody_ran(registry: None) -> None:
    counting(crontab=crontab(0, 12))
    outbox.job("tests.often", owner="REVOPS", every=60, doc="Often.")(lambda: None)
    with after(119):
        assert jobs.missed(clocks.now()) == []
    with after(120):
        assert jobs.missed(clocks.now()) == ["tests.count"]
        jobs.run_job("tests.count")
        assert jobs.missed(clocks.now()) == []


@pytest.mark.django_db
def test_job_by_the_wall_clock_runs_once_a_slot_however_often_it_is_knocked(
    registry: None, settings: Any
) -> None:
    settings.ORG_TIME_ZONE = "Europe/Berlin"
    ran = counting(local="13:00")
    assert jobs.beat_schedule()["tests.count"]["options"]["expires"] == 300
    for second in (-300, 0, 300, 3_600):
        with after(second):
            jobs.run_job("tests.count")
    assert [at - NOON for at in ran] == [timedelta(seconds=-300), timedelta(0)]
    with after(24 * 3_600 + 120):
        assert jobs.missed(clocks.now()) == ["tests.count"]
        assert status.job_register()[0].cadence == "daily at 13:00 Europe/Berlin"


@pytest.mark.django_db
def test_job_register_tells_the_last_evidence(registry: None) -> None:
    counting()

    @outbox.job("tests.fails", owner="FINANCE", crontab=crontab(0, 12))
    def fails() -> None:
        """Fail every day."""
        raise ValueError("no such table")

    for second in (-60, 0):
        with after(second):
            jobs.run_job("tests.count")
    with after(5):
        jobs.run_job("tests.fails")
    outbox.job("tests.never", owner="REVOPS", crontab=crontab(0, 11), doc="Never run.")(lambda: None)
    with after(30):
        register = status.job_register()
    minute = timedelta(seconds=60)
    assert register == [
        status.JobEntry(
            "tests.count", "Count.", "every minute", "REVOPS", NOON, "done", "2", NOON + minute, late=False
        ),
        status.JobEntry(
            "tests.fails",
            "Fail every day.",
            "daily at 12:00 UTC",
            "FINANCE",
            NOON + timedelta(seconds=5),
            "failed",
            "ValueError: no such table",
            NOON + timedelta(days=1),
            late=False,
        ),
        status.JobEntry(
            "tests.never",
            "Never run.",
            "daily at 11:00 UTC",
            "REVOPS",
            None,
            "",
            "",
            NOON + timedelta(hours=23),
            late=True,
        ),
    ]
