"""Which row of the access matrix an address asks, for the addresses that do not say it by their record type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AccessRow:
    """What an address asks of the person, by method; the guard over all addresses reads it."""

    methods: Mapping[str, str]
    record_type: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)


def asking(view: Any, methods: Mapping[str, str]) -> Any:
    """Return `view` with what it asks, for the list of addresses."""
    view.access_row = AccessRow(methods)
    return view
