"""One supervised process: how it starts, dies, comes back and ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from revops.supervisor.processes import ROOT, Command, say

PATIENCE = 10.0  # seconds between the polite stop and the kill
STEADY = 30.0  # seconds alive after which earlier deaths are forgotten
LONGEST_PAUSE = 30.0  # seconds, upper bound of the back-off
LAST_LINES = 12  # of its log, shown when a process dies
LOG_LIMIT = 5_000_000  # bytes after which a process starts its log anew
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to stop this process when the supervisor is killed; only Linux can."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One supervised process and the process group it leads."""

    name: str
    command: Command
    environment: Mapping[str, str]
    log: Path | None = None  # nothing: the terminal
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0

    def start(self) -> None:
        """Start the process as leader of a group of its own, so that Ctrl-C reaches only the supervisor."""
        self.started_at = time.monotonic()
        with self.open_log() as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def open_log(self) -> AbstractContextManager[IO[bytes] | None]:
        """Open the log for what the process prints, anew when it has grown long."""
        if self.log is None:
            return nullcontext()
        long = self.log.exists() and self.log.stat().st_size > LOG_LIMIT
        return self.log.open("wb" if long else "ab")

    def has_ended(self) -> bool:
        """Tell whether the leader has ended, without reaping it: until then its group id cannot be reused."""
        if self.process is None or self.process.returncode is not None:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, options) is not None

    def signal_leader(self) -> None:
        """Ask the leader to stop; gunicorn and Celery then stop their own children in good order."""
        if self.process is not None and not self.has_ended():
            self.process.terminate()

    def clear(self) -> int | None:
        """Kill whatever is left of the group, reap the leader and return its exit code."""
        if self.process is None:
            return None
        if self.process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def tend(self, now: float) -> None:
        """Start the process when it is due, bury it when it has died."""
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif self.has_ended():
            self.bury(now)

    def bury(self, now: float) -> None:
        """Clear a process that died by itself and set when it starts again: 1, 2, 4 ... 30 seconds."""
        code = self.clear()
        self.process = None
        self.deaths = 1 if now - self.started_at > STEADY else self.deaths + 1
        pause = min(2.0 ** (self.deaths - 1), LONGEST_PAUSE)
        self.start_at = now + pause
        say(f"{self.name} ended ({describe(code)}); starting it again in {pause:.0f} s.{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of the log, indented."""
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "".join(f"\n    {line}" for line in lines)


def describe(code: int | None) -> str:
    """Put an exit code into words."""
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def stop(children: list[Child]) -> None:
    """Stop these children; after PATIENCE seconds the whole group of one that does not listen is killed."""
    for child in children:
        child.signal_leader()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not all(child.has_ended() for child in children):
        time.sleep(0.05)
    for child in children:
        if not child.has_ended():
            say(f"{child.name} did not stop within {PATIENCE:.0f} s and was killed.")
        child.clear()
