"""Runs the suite on SQLite and on PostgreSQL, side by side: what `make test` calls.

`python -m tests.run [--engine sqlite|postgres] [--browser] [pytest's own arguments]`. Each engine gets a pytest
process of its own, since Django binds its engine at import; SQLite's output is shown as it comes, PostgreSQL's
after it. Ends with one closing line per engine and fails if any engine failed. Where no PostgreSQL can be had it
says so and fails, unless ALLOW_NO_POSTGRES=1.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn
from xml.etree import ElementTree as Tree

from tests.database import NoPostgres, postgres

ROOT = Path(__file__).resolve().parent.parent
# Set in a developer's shell for `make run`; a test run must not depend on them.
NOT_INHERITED = {
    "ALLOWED_HOSTS",
    "AUDIT_KEY",
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "DEBUG",
    "EMAIL_URL",
    "PYTEST_ADDOPTS",
    "REPORTS_DATABASE_URL",
    "SECRET_KEY",
}


@dataclass(frozen=True)
class Outcome:
    """What one engine's run came to."""

    engine: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remark: str = ""

    def line(self) -> str:
        """Return the closing line."""
        if self.remark:
            return self.remark
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.engine}: {self.passed} passed, {self.failed} failed{skipped}"


@contextmanager
def sqlite() -> Iterator[str]:
    """Yield the address of a SQLite file in a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="revops-sqlite-") as directory:
        yield f"sqlite:///{directory}/revops.sqlite3"


ENGINES = {"sqlite": sqlite, "postgres": postgres}


@contextmanager
def beside(
    engines: list[str], arguments: list[str]
) -> Iterator[list[tuple[subprocess.Popen[bytes], IO[bytes]]]]:
    """Run each of these engines by a runner of its own that writes to a file; none is left behind."""
    with ExitStack() as stack:
        runners = []
        for engine in engines:
            output = stack.enter_context(tempfile.TemporaryFile())
            command = [sys.executable, "-m", "tests.run", "--engine", engine, *arguments]
            runner = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
            stack.callback(end, runner)
            runners.append((runner, output))
        yield runners


def end(runner: subprocess.Popen[bytes]) -> None:
    """End a runner that is still at work, so that it ends its own children."""
    if runner.poll() is None:
        runner.terminate()
        with suppress(subprocess.TimeoutExpired):
            runner.wait(30)
        runner.kill()


def told(runner: subprocess.Popen[bytes], output: IO[bytes]) -> tuple[int, str]:
    """Wait for a runner, show what it wrote, and return its exit code and its closing line."""
    code = runner.wait()
    output.seek(0)
    text = output.read().decode(errors="replace").rstrip()
    print(text, flush=True)
    return code, text.rpartition("\n")[2]


def run(engine: str, arguments: list[str]) -> Outcome:
    """Run pytest on one engine."""
    print(f"\n######## {engine} ########", flush=True)
    try:
        with ENGINES[engine]() as address, tempfile.TemporaryDirectory(prefix="revops-report-") as directory:
            report = Path(directory) / "report.xml"
            code = pytest(address, [*arguments, f"--junit-xml={report}"])
            return read(engine, code, report)
    except NoPostgres as error:
        allowed = os.environ.get("ALLOW_NO_POSTGRES") == "1"
        what = (
            "nothing was tested there"
            if allowed
            else "give a server in TEST_DATABASE_URL, or set ALLOW_NO_POSTGRES=1"
        )
        return Outcome(engine, 0 if allowed else 1, remark=f"{engine}: NOT RUN, {error}; {what}")


def pytest(address: str, arguments: list[str]) -> int:
    """Run pytest as a child with this database and return its exit code; whatever ends us ends the child."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    environment |= {"DATABASE_URL": address, "CELERY_BROKER_URL": "memory://"}
    command = [sys.executable, "-m", "pytest", *arguments]
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return child.wait()
    finally:
        if child.poll() is None:  # as Ctrl-C would, so that fixtures end what they have started
            child.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                child.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def read(engine: str, code: int, report: Path) -> Outcome:
    """Count the tests in pytest's report; a run that died before writing one counts as one failure."""
    if not report.exists():
        return Outcome(engine, code or 1, failed=1)
    suites = Tree.parse(report).getroot().iter("testsuite")
    tests = failed = skipped = 0
    for suite in suites:
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return Outcome(engine, code, tests - failed - skipped, failed, skipped)


def stop(number: int, frame: FrameType | None) -> NoReturn:
    """Turn a signal into an exception, so that every `finally` on the way out runs."""
    raise SystemExit(128 + number)


def main() -> int:
    """Run the engines asked for, print their closing lines and return 0 only if all is well."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.run", description="Run the tests, engine by engine."
    )
    parser.add_argument("--engine", action="append", choices=ENGINES, help="default: both, SQLite first")
    parser.add_argument("--browser", action="store_true", help="run the browser tests instead of the others")
    chosen, rest = parser.parse_known_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    arguments = ["-m", "browser" if chosen.browser else "not browser", *rest]
    first, *others = chosen.engine or ENGINES
    with beside(others, [*(["--browser"] if chosen.browser else []), *rest]) as runners:
        outcome = run(first, arguments)
        ends = [(outcome.code, outcome.line()), *(told(*runner) for runner in runners)]
    print()
    for _, line in ends:
        print(line, flush=True)
    return max(code for code, _ in ends)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
