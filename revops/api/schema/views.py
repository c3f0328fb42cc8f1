"""The OpenAPI document, made once a process, and the page that draws it."""

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api.access_rows import AccessRow
from revops.api.schema.operation import documented
from revops.api.views import ApiView


@cache
def document() -> dict[str, Any]:
    """Return the whole description; it says what the API can do, the answers say what one may."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


class Document(ApiView):
    """The description of the API, for whoever is signed in."""

    @documented(
        id="schema",
        summary="Read this description (OpenAPI 3.0)",
        tag="Schema",
        response={"type": "object", "additionalProperties": True},
    )
    def get(self, request: Request) -> Response:
        return Response(document())


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Draw the description for whoever is signed in; every script and style is ours."""
    return render(request, "api/docs.html")


page.access_row = AccessRow({"GET": "self"})  # type: ignore[attr-defined]
