"""Which version of a policy is in force for a record at an instant, and its body ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body
from revops.kernel.policies.enums import Mode


@dataclass(frozen=True)
class InForce:
    """A policy version in force. Version 0 is the shipped default of the code, before anybody adopted it."""

    key: str
    n: int
    body: Body
    mode: Mode
    scope: Mapping[str, str] = field(default_factory=dict)
    version_id: int | None = None
    authority: str = ""

    @property
    def ref(self) -> str:
        """Return how decisions and change events name this version: `accounts.segment@3`."""
        return f"{self.key}@{self.n}"


def get(key: str, scope: Mapping[str, Any] | None = None, at: datetime | None = None) -> InForce:
    """Return the version of policy `key` in force at `at` (by default now) for a record of this scope.

    Raises LookupError for a key that no app registered.
    """
    return _shipped(key)


_defaults: dict[str, InForce] = {}


def _shipped(key: str) -> InForce:
    """Return the shipped default, read once a process."""
    document = documents.get(key)
    held = _defaults.get(key)
    if held is None:
        held = _defaults[key] = InForce(key, 0, document.read(dict(document.default)), document.mode)
    return held
