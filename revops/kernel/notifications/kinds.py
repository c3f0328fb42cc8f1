"""The kinds of notifications: what each is about, and how it comes to somebody who chose nothing.

An app registers its kinds in `AppConfig.ready()`. What `notify` calls a kind is the key of one, or a type of event that
one covers (`account.assigned` is covered by `assigned`); anything else is told by the bell and the digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from revops.kernel.notifications.enums import Mail


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its name for the page of choices, and its defaults.

    `urgent` goes out at night as well; `fixed` says why nobody may turn it off altogether.
    """

    key: str
    label: str
    help: str = ""
    in_bell: bool = True
    mail: Mail = Mail.DIGEST
    urgent: bool = False
    fixed: str = ""


_kinds: dict[str, Kind] = {}
_covered: dict[str, str] = {}


def register(kind: Kind, *, covers: Iterable[str] = ()) -> None:
    """Declare a kind, and the types of events that are of it. Raises ValueError for a second one under a key."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"There is another kind of notification called {kind.key!r}.")
    for name in covers:
        cover(kind.key, name)


def cover(key: str, name: str) -> None:
    """Let notifications about events of the type `name` be of the kind `key`. Raises ValueError for a second kind."""
    if _covered.setdefault(name, key) != key:
        raise ValueError(f"{name!r} is of the kind {_covered[name]!r} already.")


def of(name: str) -> Kind:
    """Return the kind that `notify` calls `name`; for one that nobody declared, the defaults under its own name."""
    key = _covered.get(name, name)
    return _kinds.get(key) or Kind(key, key.replace(".", " ").replace("_", " ").capitalize())


def names_of(key: str) -> list[str]:
    """Return everything that `notify` may call the kind `key`."""
    return [key, *sorted(name for name, covering in _covered.items() if covering == key)]


def every() -> list[Kind]:
    """Return the declared kinds, in the order of their registration."""
    return list(_kinds.values())


register(Kind("assigned", "Records that become yours", "Somebody gave you a lead, an account or a deal."))
