"""What the people of the demo company keep for themselves: favourites, and what they opened last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.records import personal, registry

# Who keeps what: record type, and how many of the newest that they own, or see.
STARS = (("accounts.account", 2), ("opportunities.opportunity", 2))
OPENED = (
    ("accounts.contact", 2),
    ("accounts.lead", 2),
    ("accounts.account", 3),
    ("opportunities.opportunity", 3),
)
KEEPERS = ("alice", "bob", "charlie", "mona", "rita")


def keep(people: Mapping[str, User]) -> None:
    """Let some people star and open records, one minute after the other, the last just now."""
    for key in KEEPERS:
        user = people[key]
        for label, count in STARS:
            for pk in _newest(user, label, count):
                personal.add(by=user, record_type=label, pk=pk)
        opened = [(label, pk) for label, count in OPENED for pk in _newest(user, label, count)]
        for ago, (label, pk) in enumerate(reversed(opened)):
            with clocks.at(clocks.now() - timedelta(minutes=7 * (len(opened) - ago))):
                personal.note_visit(by=user, record_type=label, pk=pk)


def _newest(user: Any, label: str, count: int) -> list[int]:
    visible = registry.get(label).model.objects.visible_to(user)
    own = list(visible.filter(owner=user).order_by("-pk").values_list("pk", flat=True)[:count])
    return own or list(visible.order_by("-pk").values_list("pk", flat=True)[:count])
