"""Which address leads to which view: every registered record type has its own, by its slug."""

from typing import Any

from django.urls import URLPattern, URLResolver, register_converter
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from revops.api.viewsets import RecordViewSet
from revops.kernel.records import registry
from revops.kernel.records.registry import RecordAction

MAX_ID = 2**63 - 1

_viewsets: dict[str, type[RecordViewSet]] = {}


class RecordId:
    """The id of a record in an address: a whole number that a column can hold. Anything else leads nowhere."""

    regex = "[0-9]{1,19}"

    def to_python(self, text: str) -> int:
        number = int(text)
        if number > MAX_ID:
            raise ValueError
        return number

    def to_url(self, number: int) -> str:
        return str(number)


register_converter(RecordId, "record_id")


def register(label: str, viewset: type[RecordViewSet]) -> None:
    """Serve the record type `label` with a view of the app's own: the usual one and its special actions.

    Called in `AppConfig.ready()`. Raises ValueError for a second view of one record type.
    """
    if _viewsets.setdefault(label, viewset) is not viewset:
        raise ValueError(f"{label} is already served by {_viewsets[label].__qualname__}.")


def viewset_of(record_type: registry.RecordType) -> type[RecordViewSet]:
    """Return the view of a record type, bound to it."""
    base = _viewsets.get(record_type.label, RecordViewSet)
    bound: dict[str, Any] = {"label": record_type.label, "__doc__": base.__doc__}
    for deed in record_type.actions:
        if hasattr(base, deed.name):
            raise ValueError(f"{record_type.label}: {deed.name!r} is a name of the view's own.")
        bound[deed.name] = _address_of(deed)
    return type(f"{base.__name__}Of{record_type.prefix.title()}", (base,), bound)


def _address_of(deed: RecordAction) -> Any:
    """Return the handler that serves one special action, at the end of the record's own address."""

    def handler(self: RecordViewSet, request: Request, id: int) -> Response:
        return self.act(request, id, deed)

    handler.__name__, handler.__doc__ = deed.name, deed.help or deed.label
    return action(detail=True, methods=["post"], url_path=deed.name, url_name=deed.name)(handler)


def patterns() -> list[URLPattern | URLResolver]:
    """Return the addresses of every record type registered so far."""
    router = SimpleRouter(use_regex_path=False)
    for record_type in registry.every():
        router.register(record_type.slug, viewset_of(record_type), basename=f"api-{record_type.slug}")
    return list(router.urls)
