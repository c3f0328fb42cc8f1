"""The address of a list carries everything it shows; here one thing in it is changed and the rest kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

# These belong to the page one is on, and end with it.
_OF_THIS_PAGE = frozenset({"after", "before", "from", "count"})


@dataclass(frozen=True, slots=True)
class Address:
    """A path with its parameters."""

    path: str
    parameters: Mapping[str, str]

    def to(self, **changes: Any) -> str:
        """Return this address with these parameters set (or taken away, by None), on its first page."""
        return self.without("", **changes)

    def without(self, dropped: str, **changes: Any) -> str:
        """Return this address without one parameter, on its first page."""
        kept = {k: v for k, v in self.parameters.items() if k not in _OF_THIS_PAGE and k != dropped}
        kept |= {name: str(value) for name, value in changes.items() if value is not None}
        for name, value in changes.items():
            if value is None:
                kept.pop(name, None)
        return f"{self.path}?{urlencode(kept, safe=',', quote_via=quote)}" if kept else self.path

    @property
    def query(self) -> str:
        """The parameters as they are, for a form that comes back here."""
        return urlencode({k: v for k, v in self.parameters.items() if k not in _OF_THIS_PAGE})
