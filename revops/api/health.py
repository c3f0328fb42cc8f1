"""Is the process alive (`/healthz`), and can the installation do its work (`/readyz`)?

Each check is named, says what it found and what to do, and never a secret. Asked by anybody, so the answer
is kept for two seconds and no check waits for more than one.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from revops.kernel import clocks
from revops.kernel.audit.models import ChangeEvent, SealHead
from revops.kernel.outbox.status import status

MAX_HEARTBEAT = 90.0
MAX_OUTBOX = 120.0
MAX_UNSEALED = 60.0
KEEP = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found; `remedy` says what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        shown = {"name": self.name, "ok": self.ok, "found": self.found}
        return shown if self.ok else {**shown, "remedy": self.remedy}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that this process serves requests; it asks nothing else."""
    return _fresh(JsonResponse({"status": "ok", "process": os.getpid()}))


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer every check, with 503 when one of them fails."""
    found = _recent()
    ready = all(check.ok for check in found)
    body = {"status": "ready" if ready else "not ready", "checks": [check.as_json() for check in found]}
    return _fresh(JsonResponse(body, status=200 if ready else 503))


def _fresh(response: JsonResponse) -> JsonResponse:
    response["Cache-Control"] = "no-store"
    return response


@dataclass(slots=True)
class _Kept:
    checks: tuple[Check, ...] = ()
    until: float = 0.0


_kept = _Kept()


def forget() -> None:
    """Let the next question look anew."""
    _kept.until = 0.0


def _recent() -> tuple[Check, ...]:
    if time.monotonic() >= _kept.until:
        _kept.checks, _kept.until = checks(), time.monotonic() + KEEP
    return _kept.checks


def checks() -> tuple[Check, ...]:
    """Return every check, done now. Without a database the others that need it are not tried."""
    first = _guarded("database", _database)
    if not first.ok:
        return (first, _guarded("broker", _broker))
    return (
        first,
        _guarded("migrations", _migrations),
        _guarded("broker", _broker),
        *_outbox(),
        _guarded("audit", _audit),
    )


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except (DatabaseError, BrokerError, OSError) as error:
        remedies = {"broker": "Start the broker, or correct CELERY_BROKER_URL."}
        remedy = remedies.get(name, "Start the database, or correct DATABASE_URL.")
        return Check(name, False, type(error).__name__, remedy)


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Check("database", True, connection.vendor)


_migrated: set[str] = set()


def _migrations() -> Check:
    """Look for migrations that wait; once there was none, this process need not look again."""
    place = str(connection.settings_dict["NAME"])
    if place not in _migrated:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return Check("migrations", False, f"{len(waiting)} wait", "Run: manage.py migrate")
        _migrated.add(place)
    return Check("migrations", True, "all applied")


def _broker() -> Check:
    """Send a message to a queue of our own and receive it."""
    name = f"readyz.{uuid4().hex}"
    with current_app.connection_for_write(connect_timeout=1) as link:
        link.ensure_connection(max_retries=0, timeout=1)
        channel: Any = link.default_channel
        channel.queue_declare(name, auto_delete=True)
        queue = link.SimpleQueue(name, no_ack=True)
        try:
            queue.put({"asked": name})
            queue.get(timeout=1)
        finally:
            channel.queue_delete(name)
    return Check("broker", True, "a message went round")


def _outbox() -> list[Check]:
    try:
        now = status()
    except DatabaseError as error:
        return [Check("outbox", False, type(error).__name__, "Run: manage.py migrate")]
    beat = now.heartbeat_age
    lag = now.lag or 0.0
    return [
        Check(
            "heartbeat",
            beat is not None and beat < MAX_HEARTBEAT,
            "never heard of" if beat is None else f"{beat:.0f} s ago",
            "Start beat and a worker, on the same broker as the web process.",
        ),
        Check(
            "outbox",
            lag < MAX_OUTBOX,
            f"{now.depth} waiting, the longest overdue by {lag:.0f} s; {now.dead} given up",
            "Start the pump and a worker; manage.py outbox_status tells more.",
        ),
    ]


def _audit() -> Check:
    """Look for an alarm of the sealer and for events that wait too long for their seal."""
    alarm = SealHead.objects.filter(id=1).exclude(alarm="").exists()
    oldest = (
        ChangeEvent.objects.filter(sealed=False).order_by("id").values_list("recorded_at", flat=True).first()
    )
    lag = (clocks.now() - oldest).total_seconds() if oldest else 0.0
    if alarm:
        return Check(
            "audit",
            False,
            "the sealer raised an alarm",
            "Run: manage.py audit_verify, and read what it names.",
        )
    return Check(
        "audit", lag < MAX_UNSEALED, f"oldest unsealed event: {lag:.0f} s", "Start the pump: manage.py pump"
    )
