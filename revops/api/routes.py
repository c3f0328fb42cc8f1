"""Which address leads to which view: every registered record type has its own, by its slug."""

from typing import Any

from django.urls import URLPattern, URLResolver, register_converter
from rest_framework.routers import SimpleRouter

from revops.api.viewsets import RecordViewSet
from revops.kernel.records import registry

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
    return type(f"{base.__name__}Of{record_type.prefix.title()}", (base,), bound)


def patterns() -> list[URLPattern | URLResolver]:
    """Return the addresses of every record type registered so far."""
    router = SimpleRouter(use_regex_path=False)
    for record_type in registry.every():
        router.register(record_type.slug, viewset_of(record_type), basename=f"api-{record_type.slug}")
    return list(router.urls)
