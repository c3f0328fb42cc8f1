"""`kill -9` in the middle of an import or a revert, and two processes at one: every row exactly once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import Account, AccountDomain
from revops.kernel.audit.models import ChangedRow
from revops.kernel.exchange.models import ExternalLink, ImportRowOutcome, ImportRun
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, bring_in, many
from tests.kernel.exchange.prints import differing, fingerprint
from tests.kernel.outbox.processes import ROOT, environment

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
SOAK = pytest.mark.skipif(os.environ.get("SOAK") != "1", reason="takes minutes; SOAK=1 runs it")


def start(path: Path, chunk: int) -> "subprocess.Popen[bytes]":
    command = [
        sys.executable,
        "-m",
        "tests.kernel.exchange.worker",
        str(path),
        "rita@example.com",
        str(chunk),
    ]
    return subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE)


def committed() -> int:
    """Return how many rows are counted as done."""
    run = ImportRun.objects.order_by("pk").last()
    return run.created + run.updated + run.unchanged + run.rejected + run.skipped if run else 0


def finished() -> bool:
    return ImportRun.objects.filter(state="done").exists()


def check_once(rows: int) -> None:
    """Check every row of the file: one account, one link, one outcome, one version, counted once."""
    run = ImportRun.objects.get()
    assert (run.state, run.created, committed()) == ("done", rows, rows)
    assert Account.objects.count() == Account.objects.values("name").distinct().count() == rows
    assert Account.history.count() == rows
    assert AccountDomain.objects.count() == ExternalLink.objects.count() == rows
    assert ImportRowOutcome.objects.filter(outcome="created").values("record_id").distinct().count() == rows
    assert set(run.outcomes.values_list("line", flat=True)) == set(range(2, rows + 2))
    assert Account.objects.exclude(parent=None).count() == sum(
        ",001-" in line[5:] for line in many(rows).splitlines()
    )


def start_revert() -> "subprocess.Popen[bytes]":
    number = str(ImportRun.objects.get().pk)
    command = [sys.executable, "-m", "tests.kernel.exchange.reverter", number, "rita@example.com"]
    return subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE)


def removed() -> int:
    return ImportRun.objects.get().removed


def kill_at(
    begin: "Callable[[], subprocess.Popen[bytes]]", done: Callable[[], int], target: int, wait: float
) -> bool:
    """Let a process run until so many rows are done, then a moment longer, and kill it; False once it is through."""
    process = begin()
    deadline = time.monotonic() + 300
    while done() < target and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGKILL), said.decode()
    return process.returncode != 0


@pytest.mark.parametrize(
    ("rows", "chunk", "kills"),
    [
        (1_000, 50, 3),
        pytest.param(50_000, 500, 20, marks=SOAK),
    ],
)
def test_killed_import_is_in_exactly_once(
    committed_cast: Cast, csv_file: Csv, rows: int, chunk: int, kills: int
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    path = csv_file(many(rows))
    targets = sorted(dice.randrange(1, rows * 9 // 10) for _ in range(kills))
    for target in targets:
        # A kill that comes too late is no failure: how fast this machine is today is not what is tested.
        if not finished():
            kill_at(lambda: start(path, chunk), committed, target, dice.random() * 0.05)
    if not finished():
        process = start(path, chunk)
        _, said = process.communicate(timeout=900)
        assert process.returncode == 0, said.decode()
    check_once(rows)


@pytest.mark.parametrize(
    ("rows", "chunk", "kills"),
    [
        (300, 20, 2),
        pytest.param(50_000, 500, 20, marks=SOAK),
    ],
)
def test_killed_revert_takes_everything_back_exactly_once(
    committed_cast: Cast, csv_file: Csv, rows: int, chunk: int, kills: int
) -> None:
    """The import runs in this process: only the revert is killed."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    before = fingerprint()
    bring_in(csv_file(many(rows)), committed_cast.rita, chunk=chunk)
    for target in sorted(dice.randrange(1, rows * 9 // 10) for _ in range(kills)):
        if not ImportRun.objects.filter(state="reverted").exists():
            kill_at(start_revert, removed, target, dice.random() * 0.05)
    _, said = (process := start_revert()).communicate(timeout=900)
    assert process.returncode == 0, said.decode()
    run = ImportRun.objects.get()
    assert (run.state, run.removed, run.restored, run.kept) == ("reverted", rows, 0, 0)
    assert differing(before) == {}
    gone = ChangedRow.objects.filter(record_type="accounts.account", kind="-")
    assert gone.count() == gone.values("record_id").distinct().count() == rows


def test_two_processes_at_one_revert_do_no_harm(committed_cast: Cast, csv_file: Csv) -> None:
    before = fingerprint()
    bring_in(csv_file(many(200)), committed_cast.rita, chunk=10)
    processes = [start_revert() for _ in range(2)]
    said = [process.communicate(timeout=300)[1].decode() for process in processes]
    codes = sorted(process.returncode for process in processes)
    assert codes[0] == 0, said
    assert codes[1] == 0 or any("Superseded" in text for text in said), said
    assert removed() == ChangedRow.objects.filter(record_type="accounts.account", kind="-").count() == 200
    assert differing(before) == {}


def test_two_processes_at_one_import_do_no_harm(committed_cast: Cast, csv_file: Csv) -> None:
    path = csv_file(many(600))
    processes = [start(path, 20) for _ in range(2)]
    said = [process.communicate(timeout=300)[1].decode() for process in processes]
    codes = sorted(process.returncode for process in processes)
    if codes == [0, 0]:
        runs = list(ImportRun.objects.order_by("pk").values_list("state", "created", "unchanged"))
        assert runs == [("done", 600, 0), ("done", 0, 600)]
    else:
        assert codes == [0, 1], said
        assert any("Superseded" in text for text in said)
        check_once(600)
    assert Account.objects.count() == ExternalLink.objects.count() == 600
