"""Pages for what went wrong: what happened and what to do now. A fragment gets a panel, the API gets JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template

from revops.kernel.audit import Blocked, Conflict
from revops.web import refusals

_TITLES = {
    400: "That request could not be read",
    403: "You may not do this",
    404: "There is nothing here that you can see",
    409: "Somebody else was faster",
    413: "That is too large",
    422: "This was refused",
}
_HINTS = {
    400: "Go back, correct the address or the form, and try again.",
    403: "If your work needs it, ask your manager or revenue operations for the right.",
    404: "The address may be wrong, the record may lie outside what your role sees, or it was merged into another one.",
}


def _respond(request: HttpRequest, status: int, text: str = "", **context: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {
            "type": "about:blank",
            "title": _TITLES[status],
            "status": status,
            "detail": text or _HINTS[status],
        }
        return JsonResponse(body, status=status, content_type="application/problem+json")
    fragment = bool(getattr(request, "htmx", None))
    template = "errors/fragment.html" if fragment else "errors/page.html"
    context |= {"title": _TITLES[status], "text": text, "hint": _HINTS.get(status, ""), "status": status}
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer what cannot be read: 400."""
    return _respond(request, 400, exception if isinstance(exception, str) else "")


def too_large(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer what is larger than the server takes: 413."""
    return _respond(request, 413, str(exception or ""))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer what is visible and not allowed: 403, in the words of the access check."""
    return _respond(request, 403, str(exception or ""))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer what does not exist for this person: 404, the same words whatever the reason."""
    return _respond(request, 404)


def refused(request: HttpRequest, error: Blocked | Conflict) -> HttpResponse:
    """Answer a refusal that no view presented itself: 409 or 422 with its findings."""
    return _respond(request, 409 if isinstance(error, Conflict) else 422, refusal=refusals.of(error))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours: 500, from a template that needs neither database nor session."""
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": "A fault on our side", "status": 500}
        return JsonResponse(body, status=500, content_type="application/problem+json")
    request_id = getattr(request, "request_id", "")
    return HttpResponse(get_template("500.html").render({"request_id": request_id}), status=500)
