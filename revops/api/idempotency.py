"""`Idempotency-Key`: the same POST sent twice takes effect once and is answered alike both times (D10).

A request first stands in the table as running. The change it makes and the word `done` commit together: the
hook on every change completes the row. So a running row never has an effect, and one that was given up for
dead may be tried again; `attempt` keeps the given-up one from committing later. A request that is refused
leaves no row: its key may be used again.
"""

import hashlib
import json
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import representation
from revops.api.enums import RequestState
from revops.api.models import IdempotentRequest
from revops.api.problems import IN_PROGRESS, KEY_REUSED, Problem, blocked
from revops.kernel import clocks
from revops.kernel.audit import Blocked, Change, Finding
from revops.kernel.audit.enums import Kind

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PATIENCE = timedelta(seconds=60)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

Handler = Callable[..., Response]


@dataclass(slots=True)
class Attempt:
    """The running row this request holds, and whether its change has completed it."""

    row: IdempotentRequest
    joined: bool = False


_running: ContextVar[Attempt | None] = ContextVar("api_attempt", default=None)


def refusal(found: str, needed: str) -> Problem:
    """Return the problem against a key that does not fit."""
    message = f"{HEADER}: {found[:80]!r} does not fit. Send {needed}."
    return blocked(Blocked([Finding("API-003", message, field=HEADER, found=found[:80], needed=needed)]))


def once(key: str, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
    """Run `handler` unless this user's `key` has been answered before; then give that answer again."""
    if not _KEY.fullmatch(key):
        raise refusal(key, "1 to 255 visible ASCII characters, such as a UUID")
    address = f"{request.method} {request.get_full_path()}"
    body_hash = hashlib.sha256(json.dumps(request.data, sort_keys=True, default=str).encode()).hexdigest()
    row = _begin(request.user, key, address, body_hash)
    if row.state == RequestState.DONE:
        return _again(row, request)
    attempt = Attempt(row)
    token = _running.set(attempt)
    try:
        response = handler(request, *args, **kwargs)
    except BaseException:
        if not attempt.joined:
            _held(row).delete()
        raise
    finally:
        _running.reset(token)
    text = JSONRenderer().render(response.data).decode()
    kept = {"state": RequestState.DONE, "status": response.status_code, "body": text}
    IdempotentRequest.objects.filter(pk=row.pk, attempt=row.attempt).update(**kept)
    return response


def join(change: Change) -> None:
    """Complete the running request in the change it made.

    Raises Problem, which rolls the change back, when this attempt was given up for dead and a later one holds
    the key.
    """
    attempt = _running.get()
    if attempt is None or not change.rows:
        return
    if attempt.joined:
        raise TypeError(f"{change.action}: one idempotent request makes one action call.")
    about = next((row for row in change.rows if representation.reader_of(row.record_type)), change.rows[0])
    held = _held(attempt.row).update(
        state=RequestState.DONE,
        status=201 if about.kind == Kind.CREATED else 200,
        change_id=change.id,
        record_type=about.record_type,
        record_id=about.record_id,
    )
    if not held:
        raise _in_progress()
    attempt.joined = True


def _held(row: IdempotentRequest) -> Any:
    return IdempotentRequest.objects.filter(pk=row.pk, attempt=row.attempt, state=RequestState.RUNNING)


def _begin(user: Any, key: str, address: str, body_hash: str) -> IdempotentRequest:
    """Return the row of this key: a running one that this request holds, or a done one to repeat."""
    now = clocks.now()
    row = IdempotentRequest(
        user=user, key=key, address=address, body_hash=body_hash, created_at=now, started_at=now
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
        return row
    except IntegrityError:
        held = IdempotentRequest.objects.filter(user=user, key=key).first()
    if held is None:
        raise _in_progress()
    if (held.address, held.body_hash) != (address, body_hash):
        raise Problem(
            KEY_REUSED, f"The key {key!r} was sent with another request. Use a new key for this one."
        )
    if held.state == RequestState.DONE:
        return held
    stale = _held(held).filter(started_at__lte=now - PATIENCE)
    if not stale.update(attempt=F("attempt") + 1, started_at=now):
        raise _in_progress()
    held.attempt += 1
    return held


def _in_progress() -> Problem:
    return Problem(IN_PROGRESS, "Ask again in a moment with the same key.", headers={"Retry-After": "1"})


def _again(row: IdempotentRequest, request: Request) -> Response:
    """Give the first answer again, within what the asker may see today."""
    body = json.loads(row.body) if row.body else None
    body = representation.still_visible(row.record_type, row.record_id or 0, body, request)
    response = Response(body, row.status or 200, headers={REPLAYED: "true"})
    if isinstance(body, dict) and type(body.get("version")) is int:
        response["ETag"] = f'"{body["version"]}"'
    if isinstance(body, dict) and row.status == 201:
        response["Location"] = body["url"]
    return response
