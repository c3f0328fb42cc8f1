"""What runs: the command line of each process, and where its state lies."""

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = ROOT / "var"

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


def port_of(environment: Mapping[str, str]) -> int:
    """Return the port that the web process listens on."""
    return int(environment.get("PORT", "8000"))


def say(text: str) -> None:
    """Print one line of the supervisor's own, at once."""
    print(text, flush=True)
