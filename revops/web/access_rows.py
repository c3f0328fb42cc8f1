"""Which row of the access matrix every address asks, said once where the view is written.

`page` opens an address to everybody signed in, or to some roles; `record` asks the matrix about the record type
that the address names. Both refuse every method that they do not list. The guard test walks all addresses and
fails on one that carries no row (tests/guards/test_urls.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from revops.kernel.people import access
from revops.kernel.records import registry

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class AccessRow:
    """What an address asks of the person: by method, the verb of the matrix; or a set of roles."""

    methods: Mapping[str, str]
    record_type: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)


def page(*methods: str, roles: frozenset[str] | None = None) -> Callable[[View], View]:
    """Open a view to everybody signed in, or only to holders of one of `roles` (others are told so: 403)."""
    row = AccessRow(dict.fromkeys(methods or ("GET",), "self"), roles=roles or frozenset())

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refused = _stop(request, row)
            if refused is not None:
                return refused
            if row.roles and not row.roles & access.roles_of(request.user):
                raise access.Forbidden("Your role may not open this page.")
            return view(request, *args, **kwargs)

        guarded.access_row = row  # type: ignore[attr-defined]
        return guarded

    return decorate


def record(**methods: str) -> Callable[[View], View]:
    """Open a view on a record type: `record(GET="view", POST="edit")`. The view gets the type, not its label.

    A type of which one sees nothing does not exist (404); what one may not do with it is refused (403).
    Whether it may be done with *this* record is the action's affair.
    """
    row = AccessRow(methods, record_type=True)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, label: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refused = _stop(request, row)
            if refused is not None:
                return refused
            record_type = registry.get(label)
            _require(request.user, record_type, _verb(row, request), on_record="pk" in kwargs)
            return view(request, record_type, *args, **kwargs)

        guarded.access_row = row  # type: ignore[attr-defined]
        return guarded

    return decorate


def _verb(row: AccessRow, request: HttpRequest) -> str:
    method = request.method or "GET"
    return row.methods["GET" if method == "HEAD" else method]


def _stop(request: HttpRequest, row: AccessRow) -> HttpResponse | None:
    allowed = {*row.methods, "HEAD"} if "GET" in row.methods else set(row.methods)
    if request.method not in allowed:
        return HttpResponseNotAllowed(sorted(allowed))
    if request.user.is_authenticated:
        return None
    htmx: Any = getattr(request, "htmx", None)
    if htmx:
        came_from = urlsplit(htmx.current_url or "/")
        return HttpResponseClientRedirect(f"{resolve_url('account_login')}?next={came_from.path}")
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    return redirect_to_login("/", reverse("account_login"))


def _require(user: Any, record_type: registry.RecordType, verb: str, *, on_record: bool) -> None:
    """Refuse what the role may do with no record of the type; about one record the view and its action decide."""
    held = access.rights(user, record_type.label)
    if verb == "create":
        if not held.creatable:
            if not held.sees_any:
                raise Http404
            raise access.Forbidden(f"Your role may not create {record_type.plural.lower()}.")
        return
    if not held.sees_any:
        raise Http404
    if verb == "edit" and not on_record and not held.edits:
        raise access.Forbidden(f"Your role may not change {record_type.plural.lower()}.")
