"""Every refusal as a problem detail (RFC 9457): one shape, one place where exceptions become answers.

`type` is a stable name a program may compare; `detail` is for people; `instance` is the request's id, which
also stands in the audit trail and the log.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import exceptions as django_exceptions
from django.core.signals import got_request_exception
from django.db import utils as database
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people.access import Forbidden

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "1"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem: its stable name, the status it is sent with, its title."""

    name: str
    status: int
    title: str

    @property
    def urn(self) -> str:
        return f"urn:revops:problem:{self.name}"


MALFORMED = ProblemType("malformed", 400, "The request could not be read")
BAD_QUERY = ProblemType("bad-query", 400, "A parameter of the address does not fit")
UNAUTHENTICATED = ProblemType("unauthenticated", 401, "Sign in or send a valid token")
FORBIDDEN = ProblemType("forbidden", 403, "You may not do this")
NOT_FOUND = ProblemType("not-found", 404, "There is nothing here that you may see")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "This address does not take that method")
CONFLICT = ProblemType("conflict", 409, "Somebody else was faster")
IN_PROGRESS = ProblemType("in-progress", 409, "The same request is being worked on")
PRECONDITION_FAILED = ProblemType("precondition-failed", 412, "The record has changed since you read it")
TOO_LARGE = ProblemType("too-large", 413, "The request is too large")
UNSUPPORTED_MEDIA_TYPE = ProblemType("unsupported-media-type", 415, "Send JSON")
BLOCKED = ProblemType("blocked", 422, "The request was refused, and here is why")
KEY_REUSED = ProblemType("idempotency-key-reused", 422, "This idempotency key belongs to another request")
PRECONDITION_REQUIRED = ProblemType("precondition-required", 428, "Say which version you are changing")
THROTTLED = ProblemType("throttled", 429, "Too many requests")
INTERNAL = ProblemType("internal", 500, "The server made a mistake")
UNAVAILABLE = ProblemType("unavailable", 503, "The database could not take the request now")

TYPES = tuple(each for each in vars().copy().values() if isinstance(each, ProblemType))
_BY_STATUS = {each.status: each for each in reversed(TYPES)}


class Problem(Exception):
    """A refusal that is already an answer; views raise it, `handle` sends it."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers, self.members = kind, detail, dict(headers or {}), members


def handle(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer an exception with a problem. What nobody foresaw is logged and answered with status 500."""
    problem = _problem_of(exc)
    request = context["request"]
    if problem is None:
        logger.error("%s %s failed.", request.method, request.path, exc_info=exc)
        got_request_exception.send(sender=type(context.get("view")), request=request._request)
        problem = Problem(
            INTERNAL, "The mistake is ours and has been logged. Name the instance when you report it."
        )
    return answer(problem, getattr(request, "request_id", ""))


def answer(problem: Problem, request_id: str) -> Response:
    """Return the response that carries a problem."""
    body = {
        "type": problem.kind.urn,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": f"urn:revops:request:{request_id}",
        **problem.members,
    }
    return Response(body, problem.kind.status, headers=problem.headers, content_type=MEDIA_TYPE)


def blocked(exc: Blocked, kind: ProblemType = BLOCKED) -> Problem:
    """Return the problem that lists every finding."""
    return Problem(kind, str(exc), findings=[finding.as_json() for finding in exc.findings])


def conflict(exc: Conflict, kind: ProblemType = CONFLICT, **members: Any) -> Problem:
    """Return the problem that tells who changed the record, when, and which version it has now."""
    return Problem(
        kind,
        str(exc),
        expected_version=max(exc.expected, 0),
        current_version=exc.record.version,
        changed_by=exc.changed_by,
        changed_at=exc.changed_at,
        **members,
    )


def _problem_of(exc: Exception) -> Problem | None:
    for kind, translate in _TRANSLATIONS:
        if isinstance(exc, kind):
            return translate(exc)
    return None


def _api_exception(exc: exceptions.APIException) -> Problem:
    kind = _BY_STATUS.get(exc.status_code)
    if kind is None:
        return Problem(MALFORMED, str(exc.detail))
    headers = {}
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    return Problem(kind, str(exc.detail), headers=headers)


def _unavailable(exc: Exception) -> Problem:
    logger.warning("Answered 503: %s", str(exc).strip())
    detail = "It was busy or away, and nothing of this request was written. Send it again."
    return Problem(UNAVAILABLE, detail, headers={"Retry-After": RETRY_AFTER})


def _does_not_fit(exc: Exception) -> Problem:
    logger.warning("Answered 422: %s", str(exc).strip())
    return Problem(BLOCKED, "A value lies outside what the database can hold.", findings=[])


def _fixed(kind: ProblemType, detail: str) -> Callable[[Any], Problem]:
    return lambda exc: Problem(kind, detail)


_NOTHING = _fixed(NOT_FOUND, "There is no such record, or it is not yours to see.")
_SAME_MOMENT = _fixed(
    CONFLICT,
    "Another request wrote the same value at this moment. Send yours again; it will be told what is taken.",
)

# The first that fits wins, so the narrower class stands before the wider.
_TRANSLATIONS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Problem, lambda exc: exc),
    (Blocked, blocked),
    (Conflict, conflict),
    (Forbidden, lambda exc: Problem(FORBIDDEN, str(exc))),
    (django_exceptions.ObjectDoesNotExist, _NOTHING),
    (Http404, _NOTHING),
    (exceptions.NotFound, _NOTHING),
    (exceptions.APIException, _api_exception),
    (django_exceptions.PermissionDenied, _fixed(FORBIDDEN, "You may not do this.")),
    (django_exceptions.RequestDataTooBig, _fixed(TOO_LARGE, "The request holds more than the server takes.")),
    (django_exceptions.SuspiciousOperation, _fixed(MALFORMED, "The request is not one the server takes.")),
    (database.IntegrityError, _SAME_MOMENT),
    (database.DataError, _does_not_fit),
    (OverflowError, _does_not_fit),
    (database.OperationalError, _unavailable),
    (database.InterfaceError, _unavailable),
)
