"""The base of every view of the API: who asks, in which format, and what an unknown address says."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from revops.api import idempotency
from revops.api.authentication import SessionAuthentication, TokenAuthentication
from revops.api.parsing import JsonOnly, StrictJSONParser
from revops.api.problems import NOT_FOUND, Problem
from revops.api.schema.inspector import ApiSchema
from revops.api.schema.operation import Operation
from revops.kernel.identity.models import User
from revops.kernel.people.tokens.models import ApiToken


def body_of(request: Request) -> dict[str, Any]:
    """Return the body of a request: the parser takes nothing but an object."""
    body: Any = request.data
    return dict(body)


def user_of(request: Request) -> User:
    """Return who asks; every view but `UnknownAddress` is for somebody who is signed in."""
    user: Any = request.user
    found: User = user
    return found


def token_of(request: Request) -> ApiToken | None:
    """Return the token the request came with, or None for a session."""
    token: Any = request.auth
    return token if isinstance(token, ApiToken) else None


def _require_media(request: Request, taken: str) -> None:
    """Raise UnsupportedMediaType for a body of another kind, also where something before us has read it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    sent = (request.content_type or "").partition(";")[0].strip().lower()
    if length != "0" and sent != taken and request.method not in SAFE_METHODS:
        raise UnsupportedMediaType(sent or "nothing", f"Send the body as {taken}.")


class ApiView(APIView):
    """Answers JSON to whoever is signed in or holds a token; every refusal is a problem detail.

    A POST may carry an `Idempotency-Key`, unless the view says otherwise. The request's id and its door are
    the middleware's affair.
    """

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JsonOnly
    metadata_class = None
    http_method_names = ["get", "head", "post", "patch", "delete"]
    schema: Any = ApiSchema()
    idempotent = True
    takes = StrictJSONParser.media_type

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response

    def describe(self, method: str) -> Operation:
        """Return what the schema says about one method of this view."""
        handler = getattr(self, getattr(self, "action", None) or method)
        told: Operation = handler.operation
        return told

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _require_media(request, self.takes)
        key = request.headers.get(idempotency.HEADER)
        handler = getattr(self, "post", None)
        if key is not None and request.method == "POST" and handler is not None:
            if not self.idempotent:
                raise idempotency.refusal(
                    key, "no key: what this address answers is shown once and kept nowhere"
                )
            vars(self)["post"] = partial(idempotency.once, key, handler)


class UnknownAddress(ApiView):
    """Whatever no other pattern took: a problem like any other, for everybody."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.http_method_names = [(request.method or "get").lower()]
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        slash = "" if request.path.endswith("/") else " Addresses end with a slash."
        raise Problem(NOT_FOUND, f"The API has no such address; /api/v1/schema/ lists them all.{slash}")
