"""One web server under measurement: gunicorn as the product runs it, around the product or around the floor."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4
# The product is whatever these name; another one can be put under the same measurement.
PRODUCT = os.environ.get("BENCH_PRODUCT", "revops.wsgi:application")
PRODUCT_READY = os.environ.get("BENCH_PRODUCT_READY", "/healthz")
PRODUCT_SETTINGS = os.environ.get("BENCH_PRODUCT_SETTINGS", "bench.settings")
FLOOR, FLOOR_READY, FLOOR_SETTINGS = (
    "bench.floor.wsgi:application",
    "/accounts/columns/",
    "bench.floor.settings",
)


@dataclass(frozen=True)
class Web:
    """A running server."""

    port: int
    pid: int


def environment(url: str, settings: str, static: str) -> dict[str, str]:
    """Return what a process under measurement inherits: nothing of the developer's own installation."""
    ours = ("DATABASE_URL", "REPORTS_DATABASE_URL", "DEBUG", "SECRET_KEY", "AUDIT_KEY", "ALLOWED_HOSTS")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    given = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings, "BENCH_STATIC": static}
    return {**kept, **given, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR"}


@contextmanager
def serve(application: str, ready: str, given: dict[str, str]) -> Iterator[Web]:
    """Start gunicorn around `application`, wait until it answers at `ready`, stop it afterwards."""
    port = _free_port()
    options = f"--bind 127.0.0.1:{port} --worker-class gthread --workers {WORKERS} --threads {THREADS}"
    command = [sys.executable, "-m", "gunicorn", application, *options.split()]
    command += ["--no-control-socket", "--keep-alive", "30", "--log-level", "warning"]
    child = subprocess.Popen(command, cwd=ROOT, env=given, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait(port, ready, child)
        yield Web(port, child.pid)
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, ready: str, child: subprocess.Popen[bytes], patience: float = 60.0) -> None:
    """Return when the server answers. Raises RuntimeError when it ended or does not answer."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RuntimeError(f"The web server ended with exit code {child.returncode} before it answered.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", ready)
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"The web server did not answer within {patience:.0f} s.")
