from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from rest_framework.exceptions import Throttled

from accounts.models import Account
from revops.api import problems
from tests.api.conftest import Api, problem

DEEP = b'{"name":' + b"[" * 40 + b"]" * 40 + b"}"
UNREADABLE = {
    "cut off": b'{"name": "A',
    "key twice": b'{"name": "A", "name": "B"}',
    "NaN": b'{"annual_revenue": NaN}',
    "Infinity": b'{"annual_revenue": -Infinity}',
    "trailing bytes": b'{"name": "A"} x',
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "A"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name": "A"}',
    "list": b"[1]",
    "text": b'"A"',
    "null": b"null",
    "deep": DEEP,
    "very deep": b"[" * 100_000,
    "long number": b'{"employees": ' + b"9" * 5_000 + b"}",
    "huge exponent": b'{"annual_revenue": 1e9999999999999999999}',
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_body_that_cannot_be_read_is_400(as_: Any, content: bytes) -> None:
    response = as_("rita").send("POST", "accounts/", content)
    problem(response, 400, "malformed")
    assert not Account.objects.exists()


def test_body_over_the_limit_is_413(as_: Any) -> None:
    response = as_("rita").send("POST", "accounts/", b'{"name": "' + b"x" * 1024 * 1024 + b'"}')
    problem(response, 413, "too-large")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "application/json; charset=utf-16",
    ],
)
def test_body_that_is_not_json_is_415(as_: Any, content_type: str) -> None:
    response = as_("rita").send("POST", "accounts/", b'{"name": "A"}', content_type)
    problem(response, 415, "unsupported-media-type")
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "accounts",
        "accounts/0x1/",
        "accounts/99999999999999999999/",
        "accounts/9223372036854775808/",
        "nothing/",
        "accounts/1/nothing/",
        "%00/",
        "accounts/%F0/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT"])
def test_unknown_address_is_404_for_every_method(db: None, method: str, path: str) -> None:
    problem(Api().send(method, path), 404, "not-found")


@pytest.mark.parametrize("pk", [0, 1, 2**31, 2**63 - 1])
def test_unknown_record_is_404(as_: Any, pk: int) -> None:
    problem(as_("rita").get(f"accounts/{pk}/"), 404, "not-found")
    problem(as_("rita").get(f"accounts/{pk}/history/"), 404, "not-found")
    problem(as_("rita").patch(f"accounts/{pk}/", {"name": "A", "version": 1}), 404, "not-found")
    problem(as_("rita").post(f"accounts/{pk}/restore/", {"to_version": 1, "version": 1}), 404, "not-found")


ALLOWED = {
    "accounts/": {"GET", "HEAD", "POST"},
    "accounts/1/": {"GET", "HEAD", "PATCH"},
    "accounts/1/history/": {"GET", "HEAD"},
    "accounts/1/restore/": {"POST"},
    "me/": {"GET", "HEAD", "PATCH"},
    "search/": {"GET", "HEAD"},
    "schema/": {"GET", "HEAD"},
    "tokens/": {"GET", "HEAD", "POST"},
    "tokens/1/": {"DELETE"},
}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


@pytest.mark.parametrize("path", ALLOWED)
def test_every_other_method_is_405_and_says_which_are_taken(as_: Any, path: str) -> None:
    rita = as_("rita")
    for method in sorted(METHODS - ALLOWED[path]):
        response = rita.send(method, path, b"{}")
        if method != "HEAD":
            problem(response, 405, "method-not-allowed")
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == ALLOWED[path]


@pytest.mark.parametrize("path", ALLOWED)
def test_nobody_is_asked_to_sign_in(db: None, path: str) -> None:
    for method in sorted(METHODS - {"HEAD"}):
        response = Api().send(method, path, b"{}")
        problem(response, 401, "unauthenticated")
        assert response.headers["WWW-Authenticate"] == 'Token realm="api"'


def test_method_cannot_be_tunnelled(as_: Any, account: Any) -> None:
    made = account()
    response = as_("alice").client.post(
        f"/api/v1/accounts/{made.pk}/",
        {"description": "x", "version": 1},
        "application/json",
        headers={"X-HTTP-Method-Override": "PATCH"},
    )
    problem(response, 405, "method-not-allowed")


EXCEPTIONS: list[tuple[Exception, int, str, str | None]] = [
    (OperationalError("deadlock detected"), 503, "unavailable", "1"),
    (OperationalError("could not serialize access due to concurrent update"), 503, "unavailable", "1"),
    (OperationalError("canceling statement due to lock timeout"), 503, "unavailable", "1"),
    (OperationalError("database is locked"), 503, "unavailable", "1"),
    (InterfaceError("connection already closed"), 503, "unavailable", "1"),
    (IntegrityError("UNIQUE constraint failed"), 409, "conflict", None),
    (DataError("bigint out of range"), 422, "blocked", None),
    (OverflowError("Python int too large to convert to SQLite INTEGER"), 422, "blocked", None),
    (RequestDataTooBig("too big"), 413, "too-large", None),
    (SuspiciousOperation("odd"), 400, "malformed", None),
    (Throttled(wait=7.2), 429, "throttled", "8"),
    (RuntimeError("nobody foresaw this: secret"), 500, "internal", None),
]


@pytest.mark.parametrize(("exception", "status", "kind", "retry"), EXCEPTIONS)
def test_every_exception_becomes_a_problem(
    exception: Exception, status: int, kind: str, retry: str | None
) -> None:
    request = SimpleNamespace(method="GET", path="/api/v1/", request_id="r-1", _request=None)
    response = problems.handle(exception, {"request": request, "view": None})
    assert response.status_code == status
    assert response.data["type"] == f"urn:revops:problem:{kind}"
    assert response.data["instance"] == "urn:revops:request:r-1"
    assert response.headers.get("Retry-After") == retry
    assert "secret" not in str(response.data)


def test_answers_are_not_kept_by_caches(as_: Any) -> None:
    response = as_("rita").get("me/")
    assert response.headers["Cache-Control"] == "no-store"
    assert {"Authorization", "Cookie"} <= set(response.headers["Vary"].split(", "))
