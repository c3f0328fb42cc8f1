"""Which version of a policy is in force for a record at an instant, and its body ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from revops.kernel import clocks
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, PolicyDocument
from revops.kernel.policies.enums import Mode


@dataclass(frozen=True)
class InForce:
    """A policy version in force. Version 0 is the shipped default of the code, while no version is in force."""

    key: str
    n: int
    document: PolicyDocument
    raw: Mapping[str, Any]
    mode: Mode
    scope: Mapping[str, str] = field(default_factory=dict)
    version_id: int | None = None
    authority: str = ""

    @cached_property
    def body(self) -> Body:
        """Return the body, read again by today's schema: a stored rule that is refused today does not run.

        Raises RuleError naming every problem.
        """
        return self.document.read(dict(self.raw))

    @property
    def ref(self) -> str:
        """Return how decisions and change events name this version: `accounts.segment@3`, a scope in brackets."""
        scope = "&".join(f"{key}={value}" for key, value in sorted(self.scope.items()))
        return f"{self.key}[{scope}]@{self.n}" if scope else f"{self.key}@{self.n}"


def get(key: str, scope: Mapping[str, Any] | None = None, at: datetime | None = None) -> InForce:
    """Return the version of policy `key` in force at `at` (by default now) for a record of this scope.

    `scope` holds the record's values by scope key (`{"segment": "ENT"}`); the most specific policy wins, then the
    higher priority, then the higher version (M2). Where no version is in force the shipped default is, as version 0.
    Raises LookupError for a key that no app registered.
    """
    from revops.kernel.policies import store

    document, at = documents.get(key), at or clocks.now()
    held = {name: str(value) for name, value in (scope or {}).items() if value not in (None, "")}
    for entry in store.entries(key):
        if entry.holds(held, at):
            return entry.policy
    return shipped(document)


_defaults: dict[str, InForce] = {}


def shipped(document: PolicyDocument) -> InForce:
    """Return the shipped default, read once a process."""
    found = _defaults.get(document.key)
    if found is None or found.document is not document:
        found = InForce(document.key, 0, document, document.default, document.mode)
        _defaults[document.key] = found
    return found
