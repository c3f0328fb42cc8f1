"""The OpenAPI document, made once a process."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

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
