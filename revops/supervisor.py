"""`make run`: prepares an installation on this machine, then keeps its four processes alive until Ctrl-C.

`python -m revops.supervisor` prepares and supervises all; `python -m revops.supervisor web` (or worker, beat,
pump) becomes that one process, which is how the containers start theirs. State lives in ./var.
"""

import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PATIENCE = 10.0  # seconds between the polite stop and the kill
STEADY = 30.0  # seconds alive after which earlier deaths are forgotten
LONGEST_PAUSE = 30.0  # seconds, upper bound of the back-off
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

Command = list[str]


def manage(*arguments: str) -> Command:
    """Return the command line of one `manage.py` command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def commands(environment: Mapping[str, str]) -> dict[str, Command]:
    """Return what each process runs, by its name."""
    address = f"{environment.get('HOST', '127.0.0.1')}:{environment.get('PORT', '8000')}"
    celery = [sys.executable, "-m", "celery", "--app", "revops"]
    web = f"gunicorn revops.wsgi --bind {address} --worker-class gthread --no-control-socket"
    web += f" --workers {environment.get('WEB_WORKERS', '2')} --threads 4 --graceful-timeout 8 --log-level warning"
    worker = (
        f"--queues celery,ticks --concurrency {environment.get('WORKER_PROCESSES', '2')} --loglevel WARNING"
    )
    return {
        "web": [sys.executable, "-m", *web.split()],
        "worker": [*celery, "--quiet", "worker", *worker.split(), "--without-gossip", "--without-mingle"],
        "beat": [*celery, "--quiet", "beat", "--schedule", str(VAR / "celerybeat-schedule"), "--pidfile", ""],
        "pump": manage("pump"),
    }


def say(text: str) -> None:
    """Print one line of the supervisor's own, at once."""
    print(text, flush=True)


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
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0

    def start(self) -> None:
        """Start the process as leader of a group of its own, so that Ctrl-C reaches only the supervisor."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

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
        say(f"{self.name} ended ({describe(code)}); starting it again in {pause:.0f} s.")


def describe(code: int | None) -> str:
    """Put an exit code into words."""
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


@dataclass
class Supervisor:
    """Runs the steps that prepare, starts the children, revives those that die, and stops all on a signal."""

    environment: Mapping[str, str]
    stopping: bool = False

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Remember that someone wants to stop; a second signal changes nothing."""
        self.stopping = True

    def prepare(self) -> bool:
        """Bring database, demo company and static files up to date; tell whether all steps worked."""
        steps = [manage("migrate", "--verbosity", "0"), manage("load_demo")]
        if not is_true(self.environment.get("DEBUG", "1")):
            steps.append(manage("collectstatic", "--noinput", "--verbosity", "0"))
        return all(self.run_step(step) for step in steps)

    def run_step(self, command: Command) -> bool:
        """Run one command to its end, or stop it when a signal comes; tell whether it worked."""
        step = Child(command[2], command, self.environment)
        say(f"{step.name} ...")
        step.start()
        while not self.stopping and not step.has_ended():
            time.sleep(0.05)
        if self.stopping:
            stop([step])
            return False
        code = step.clear()
        if code:
            say(f"manage.py {step.name} failed ({describe(code)}); nothing was started.")
        return code == 0

    def watch(self, children: list[Child]) -> None:
        """Keep the children alive until a signal comes, then stop them all."""
        greeted = False
        try:
            while not self.stopping:
                for child in children:
                    child.tend(time.monotonic())
                if not greeted and is_answering(self.environment):
                    greet(self.environment)
                    greeted = True
                time.sleep(0.1)
        finally:
            say("Stopping ...")
            stop(children)


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


def is_true(text: str) -> bool:
    """Read a switch as the settings read it."""
    return text.strip().lower() in {"true", "on", "ok", "y", "yes", "1"}


def port_of(environment: Mapping[str, str]) -> int:
    """Return the port that the web process listens on."""
    return int(environment.get("PORT", "8000"))


def is_answering(environment: Mapping[str, str]) -> bool:
    """Tell whether the web process answers; any answer counts, a refusal by /healthz too."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(environment), timeout=1)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def greet(environment: Mapping[str, str]) -> None:
    """Print the address, the demo sign-ins where the demo is loaded, and how to stop."""
    shown = subprocess.run(
        manage("demo_sign_ins"), cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    say(f"\nRevOps runs at http://localhost:{port_of(environment)}/")
    if shown.returncode == 0 and shown.stdout.strip():
        say(shown.stdout.rstrip())
    say("Ctrl-C stops it.\n")


def obstacle(environment: Mapping[str, str], lock: IO[str]) -> str:
    """Return why RevOps cannot start here, or nothing."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return f"RevOps already runs from {ROOT}. Stop it first: two of them would share one queue."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.get("HOST", "127.0.0.1"), port_of(environment)))
        except OSError as error:
            return f"Port {port_of(environment)}: {error.strerror}. Choose another one: PORT=8001 make run"
    return ""


def main() -> int:
    """Prepare and supervise until Ctrl-C or SIGTERM; return 0, or 1 where nothing could be started."""
    (VAR / "tmp").mkdir(parents=True, exist_ok=True)
    # The filesystem broker moves each message through the temporary directory: same file system, atomic move.
    environment = {**os.environ, "TMPDIR": str(VAR / "tmp"), "PYTHONUNBUFFERED": "1"}
    supervisor = Supervisor(environment)
    with (VAR / "supervisor.lock").open("w") as lock:
        reason = obstacle(environment, lock)
        if reason:
            say(reason)
            return 1
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.on_signal)
        if not supervisor.prepare():
            return 0 if supervisor.stopping else 1
        children = [Child(name, command, environment) for name, command in commands(environment).items()]
        supervisor.watch(children)
    say("RevOps has stopped.")
    return 0


def become(name: str) -> int:
    """Become the process `name`; return 2 where there is none of that name."""
    known = commands(os.environ)
    if name in known:
        VAR.mkdir(exist_ok=True)
        os.execv(known[name][0], known[name])
    say(f"There is no process {name!r}; there are {', '.join(known)}.")
    return 2


if __name__ == "__main__":
    sys.exit(become(sys.argv[1]) if len(sys.argv) > 1 else main())
