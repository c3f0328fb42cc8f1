"""The edge of every request: through which door it comes, under which id, and what is refused before any view."""

import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from revops.kernel import audit
from revops.kernel.people.access import Forbidden
from revops.web import errors, formatting, sessions

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class DoorMiddleware:
    """Opens the audit door of this request, gives it an id, and answers the refusals nobody else caught."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _request_id(request)
        request.request_id = request_id  # type: ignore[attr-defined]
        sessions.touch(request)
        response = self._answer(request, request_id)
        response["X-Request-ID"] = request_id
        return response

    def _answer(self, request: HttpRequest, request_id: str) -> HttpResponse:
        try:
            unreadable = _unreadable(request)
        except RequestDataTooBig as error:
            return errors.too_large(request, error)
        if unreadable:
            return errors.bad_request(request, unreadable)
        doors = {"api": audit.Source.API, "admin": audit.Source.ADMIN}
        source = doors.get(request.path.split("/")[1], audit.Source.UI)
        with audit.door(source, request_id=request_id), formatting.read_by(lambda: request.user):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn what a view did not catch itself into a page of its own."""
        if isinstance(exception, Forbidden):
            return errors.forbidden(request, exception)
        if isinstance(exception, audit.Blocked | audit.Conflict):
            return errors.refused(request, exception)
        return None


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _unreadable(request: HttpRequest) -> str:
    """Return why the query or the form cannot be text, or nothing."""
    query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
    try:
        query.decode()
    except UnicodeDecodeError:
        return "The address holds bytes that are not UTF-8 text."
    if b"\0" in query:
        return "The address holds a NUL character, which is not text."
    if request.path.startswith("/api/"):
        return ""  # a view of the API reads its own body, once it knows who asks
    if request.method == "POST" and request.content_type in _FORMS:
        for name, values in request.POST.lists():
            if "\0" in name or any("\0" in value for value in values):
                return f"“{name[:60]}” holds a NUL character, which is not text. Remove it and send again."
    return ""
