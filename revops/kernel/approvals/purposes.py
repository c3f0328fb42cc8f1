"""What may be approved, and what follows: apps register a `Purpose` in `AppConfig.ready()`. Source: M6."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps

from revops.kernel import audit

if TYPE_CHECKING:
    from revops.kernel.approvals.models import ApprovalRequest

Follow = Callable[[Any, "ApprovalRequest"], None]


def _nothing(subject: Any, request: "ApprovalRequest") -> None:
    """Do nothing more."""


@dataclass(frozen=True)
class Purpose:
    """One thing that records of one type are approved for.

    `content(record)` returns what is approved, as plain values: whatever is not in it may change without asking again.
    `granted`, `rejected`, `stale` and `recalled` are called with the locked record and the request, inside the change
    that ends it; each may write the record. `owner_of` names who owns the record: they decide nothing. `scope` returns
    the record's values by the scope keys of its policy. `parts` says for record types whose rows are part of the
    content which record such a row belongs to. `labels` are the words for the keys of the content, in the order in
    which they are shown; `describe` names the record, `asks` says whether it may be submitted as it stands.
    """

    key: str
    record_type: str
    title: str
    content: Callable[[Any], Mapping[str, Any]]
    policy_key: str
    granted: Follow = _nothing
    rejected: Follow = _nothing
    stale: Follow = _nothing
    recalled: Follow = _nothing
    owner_of: Callable[[Any], Any] = lambda record: getattr(record, "owner", None)
    scope: Callable[[Any], Mapping[str, Any]] = lambda record: {}
    parts: Mapping[str, Callable[[Any], int | None]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    describe: Callable[[Any], str] = str
    asks: Callable[[Any], bool] = lambda record: True

    @property
    def model(self) -> Any:
        return apps.get_model(self.record_type)

    def owner(self, record: Any) -> int | None:
        """Return the id of who owns the record."""
        found: int | None = getattr(owned := self.owner_of(record), "pk", owned)
        return found

    def fresh(self, pk: int) -> Any:
        """Return the record as it is stored now."""
        return self.model._base_manager.get(pk=pk)

    def locked(self, pk: int) -> Any:
        """Lock the record and return it as it is stored now. Whoever changes a request locks its record first."""
        return audit.lock(self.model._base_manager.all(), pk=pk)


_purposes: dict[str, Purpose] = {}


def register(purpose: Purpose) -> Purpose:
    """Let records be approved for this. Raises ValueError for a key that is taken."""
    if _purposes.setdefault(purpose.key, purpose) is not purpose:
        raise ValueError(f"There is a purpose of approvals called {purpose.key!r} already.")
    return purpose


def get(key: str) -> Purpose:
    """Return a purpose. Raises LookupError for a key nobody registered."""
    try:
        return _purposes[key]
    except KeyError:
        raise LookupError(f"{key!r} is no purpose of approvals: register it in AppConfig.ready().") from None


def find(key: str) -> Purpose | None:
    """Return a purpose; None where nobody registers it any more, so that its requests can still be read and ended."""
    return _purposes.get(key)


def every() -> list[Purpose]:
    """Return every purpose, by key."""
    return [_purposes[key] for key in sorted(_purposes)]


def of_type(record_type: str) -> list[Purpose]:
    """Return the purposes that records of one type are approved for."""
    return [one for one in every() if one.record_type == record_type]
