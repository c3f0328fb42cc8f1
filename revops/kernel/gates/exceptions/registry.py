"""What may be excused, what never, and what follows when an exception is over: registries that domains fill.

A domain calls these in `AppConfig.ready()`. What nobody registered cannot be excused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from revops.kernel.gates.models.exceptions import PolicyException

APPROVERS = ("SALES_MGR", "DIRECTOR", "VP_SALES", "SALES_OPS", "REVOPS")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a policy that may be excused: what it is called, and the roles that may excuse it."""

    title: str
    approvers: tuple[str, ...] = APPROVERS


@dataclass(frozen=True, slots=True)
class Excusable:
    """A policy whose lines may be excused for records of these types.

    `ends_by(subject_id, from)` is the latest end of a term, where that is no matter of days (a concession lasts until
    its contract ends); it returns None where the rules decide.
    """

    policy_key: str
    title: str
    record_types: tuple[str, ...]
    criteria: Callable[[], Mapping[str, str | Line]]
    approvers: tuple[str, ...] = APPROVERS
    ends_by: Callable[[int, datetime], datetime | None] | None = None

    def lines(self) -> dict[str, Line]:
        """Return the lines by key, in the order of the policy."""
        return {
            key: one if isinstance(one, Line) else Line(one, self.approvers)
            for key, one in self.criteria().items()
        }


@dataclass(frozen=True, slots=True)
class Lapse:
    """An exception is over: which decisions it excused, since when, and whether somebody ended it before its time."""

    exception: "PolicyException"
    decisions: tuple[int, ...]
    at: datetime
    revoked: bool


Handler = Callable[[Lapse], None]

_excusable: dict[str, Excusable] = {}
_never: dict[str, str] = {}
_handlers: dict[str, Handler] = {}
_watchers: dict[str, Callable[[Excusable], None]] = {}


def excusable(
    policy_key: str,
    *,
    title: str,
    criteria: Callable[[], Mapping[str, str | Line]],
    record_types: tuple[str, ...],
    approvers: tuple[str, ...] = APPROVERS,
    ends_by: Callable[[int, datetime], datetime | None] | None = None,
) -> None:
    """Let lines of a policy be excused. Raises ValueError for one that never is, and for a second registration."""
    if (why := refused(policy_key)) is not None:
        raise ValueError(f"{policy_key} is never excused: {why}")
    if policy_key in _excusable:
        raise ValueError(f"{policy_key} is registered as excusable already.")
    made = Excusable(policy_key, title, record_types, criteria, approvers, ends_by)
    _excusable[policy_key] = made
    for watch in _watchers.values():
        watch(made)


def on_excusable(owner: str, watch: Callable[[Excusable], None]) -> None:
    """Register what a mechanism above does about each policy that may be excused, known already or later."""
    if _watchers.setdefault(owner, watch) is not watch:
        raise ValueError(f"{owner!r} watches already what may be excused.")
    for known in _excusable.values():
        watch(known)


def never(policy_key: str, why: str) -> None:
    """Refuse exceptions to a policy, and to all whose keys begin with it: `consent` covers `consent.calls`."""
    for known in _excusable:
        if _covers(policy_key, known):
            raise ValueError(f"{known} is registered as excusable already.")
    _never[policy_key] = why


def refused(policy_key: str) -> str | None:
    """Return why a policy is never excused, or None."""
    return next((why for key, why in _never.items() if _covers(key, policy_key)), None)


def _covers(key: str, policy_key: str) -> bool:
    return policy_key == key or policy_key.startswith(f"{key}.")


def get(policy_key: str) -> Excusable | None:
    """Return what may be excused of a policy, or None."""
    return _excusable.get(policy_key)


def every() -> list[Excusable]:
    """Return every policy whose lines may be excused, by title."""
    return sorted(_excusable.values(), key=lambda one: (one.title, one.policy_key))


def register_lapse_handler(policy_key: str, handler: Handler) -> None:
    """Say what follows when an exception to this policy is over. One handler a policy.

    It runs inside the open change that ends the exception, with the subject locked, exactly once an exception.
    """
    if _handlers.setdefault(policy_key, handler) is not handler:
        raise ValueError(f"{policy_key} has a lapse handler already.")


def follow(lapse: Lapse) -> None:
    """Do what follows from the end of an exception, inside the open change."""
    handler = _handlers.get(lapse.exception.policy_key)
    if handler is not None:
        handler(lapse)
