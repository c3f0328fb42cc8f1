"""A page and its fragments share one URL and one template: only what stands around them differs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def is_fragment(request: HttpRequest) -> bool:
    """Say whether only the content is wanted: htmx asked, and it is not putting a whole page back."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    fragment: bool | None = None,
) -> HttpResponse:
    """Render `template`, which extends `layout`: the whole frame, or nothing around its content."""
    alone = is_fragment(request) if fragment is None else fragment
    response = render(
        request, template, context | {"layout": "fragment.html" if alone else "base.html"}, status=status
    )
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    response["Cache-Control"] = (
        "private, no-store"  # the next person at this screen must not find it by going back
    )
    return response
