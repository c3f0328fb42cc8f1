"""From the address of a list to the list it means: the saved view it names, and what it says differently.

`?view=12&stage=` is the view 12 without its filter on the stage: an empty parameter takes away what the view says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.records.models import SavedView
from revops.kernel.records.registry import RecordType
from revops.kernel.records.views import contents

# The address of everything, where a list would open with somebody's default view.
ALL = "all"
# Where one is in a list: no difference to a view.
_PLACE = frozenset({"after", "before", "from", "count", "limit", "view"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A list as its address means it: all its parameters, the view they begin with and what that says."""

    parameters: Mapping[str, str]
    view: SavedView | None = None
    base: Mapping[str, str] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Say whether the list is not as its view says."""
        held = {name: text for name, text in self.parameters.items() if name not in _PLACE}
        return self.view is not None and held != dict(self.base)


def opened(record_type: RecordType, user: Any, given: Mapping[str, str]) -> Opened:
    """Return the list that an address means; one query where it names a view.

    Raises SavedView.DoesNotExist for a view of this record type that `user` does not see.
    """
    number = given.get("view", "")
    plain = {name: text for name, text in given.items() if name != "view"}
    if number in ("", ALL):
        return Opened(plain)
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise SavedView.DoesNotExist
    rows = SavedView.objects.visible_to(user).filter(record_type=record_type.label, is_archived=False)
    return over(rows.get(pk=int(number)), plain)


def over(view: SavedView, given: Mapping[str, str]) -> Opened:
    """Return a view with what an address says differently."""
    base = contents.parameters(view.layout, contents.stored(view.content))
    held = {**base, **given}
    kept = {name: text for name, text in held.items() if text or name not in base}
    return Opened(kept, view, base)
