"""The address of a list carries everything it shows; here one thing in it is changed and the rest kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

# These belong to the page one is on, and end with it.
_OF_THIS_PAGE = frozenset({"after", "before", "from", "count"})


@dataclass(frozen=True, slots=True)
class Address:
    """A path with its parameters.

    Where the list is a saved view, `base` holds what the view says: an address then names the view and what differs.
    """

    path: str
    parameters: Mapping[str, str]
    base: Mapping[str, str] = field(default_factory=dict)
    view: str = ""

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
        said = self.said(kept)
        return f"{self.path}?{urlencode(said, safe=',:', quote_via=quote)}" if said else self.path

    def said(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return what an address says of these parameters: the view, and what it does not say itself."""
        if not self.view:
            return dict(parameters)
        differing = {name: text for name, text in parameters.items() if self.base.get(name) != text}
        gone = {name: "" for name in self.base if name not in parameters}
        return {"view": self.view, **differing, **gone}

    @property
    def kept(self) -> dict[str, str]:
        """What a form on this list sends along, to come back to its first page."""
        return self.said({k: v for k, v in self.parameters.items() if k not in _OF_THIS_PAGE})

    @property
    def query(self) -> str:
        """The parameters as they are, for a form that comes back here."""
        return urlencode(self.kept)

    @property
    def whole(self) -> str:
        """All parameters, those of the view among them: for what is kept longer than the view stays as it is."""
        return urlencode({k: v for k, v in self.parameters.items() if k not in _OF_THIS_PAGE})
