"""Prepares the installation, starts the processes and watches over them."""

import fcntl
import http.client
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from revops.supervisor.child import Child, describe, stop
from revops.supervisor.processes import ROOT, Command, manage, port_of, say


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
        if not is_true(self.environment.get("DEBUG", "1")) and not static_is_current(ROOT):
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


def static_is_current(root: Path) -> bool:
    """Tell whether the collected static files are newer than all they were collected from: it takes a minute."""
    manifest = root / "var" / "static" / "staticfiles.json"
    sources = [
        root / ".venv" / ".installed",
        root / "node_modules" / ".installed",
        root / "revops" / "assets.py",
    ]
    sources += (root / "static").rglob("*")
    if not manifest.exists() or not all(source.exists() for source in sources):
        return False
    return manifest.stat().st_mtime > max(source.stat().st_mtime for source in sources)


def is_true(text: str) -> bool:
    """Read a switch as the settings read it."""
    return text.strip().lower() in {"true", "on", "ok", "y", "yes", "1"}


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
    say("Ctrl-C stops it. The logs are in var/log.\n")


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
