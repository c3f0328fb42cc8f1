"""Which version of a policy is in force for a record at an instant, and its body ready to run."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from revops.kernel import clocks
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, PolicyDocument
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.rules.problems import RuleError

logger = logging.getLogger(__name__)


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
    migrate: bool = False

    @cached_property
    def body(self) -> Body:
        """Return the body, read again by today's schema: a stored rule that is refused today does not run.

        Raises RuleError naming every problem.
        """
        return self.document.read(dict(self.raw))

    @cached_property
    def broken(self) -> RuleError | None:
        """Return why the body is refused by today's schema; None for one that runs."""
        try:
            _ = self.body
        except RuleError as error:
            logger.error("%s is broken and does not run: %s", self.ref, error)
            return error
        return None

    @property
    def ref(self) -> str:
        """Return how decisions and change events name this version: `accounts.segment@3`, a scope in brackets."""
        scope = "&".join(f"{key}={value}" for key, value in sorted(self.scope.items()))
        return f"{self.key}[{scope}]@{self.n}" if scope else f"{self.key}@{self.n}"


def get(
    key: str,
    scope: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    *,
    started_at: datetime | None = None,
) -> InForce:
    """Return the version of policy `key` in force at `at` (by default now) for a record of this scope.

    `scope` holds the record's values by scope key (`{"segment": "ENT"}`); the most specific policy wins, then the
    higher priority, then the higher version (M2). Where no version is in force the shipped default is, as version 0.
    For what is in flight since `started_at` it is the version of that instant, until one that says `migrate` begins.
    Raises LookupError for a key that no app registered.
    """
    from revops.kernel.policies import store

    document, at = documents.get(key), at or clocks.now()
    held = {name: str(value) for name, value in (scope or {}).items() if value not in (None, "")}
    entries = store.entries(key)
    if started_at is not None:
        at = store.kept_until(entries, held, started_at, at)
    for entry in entries:
        if entry.holds(held, at):
            return entry.policy
    return shipped(document)


def get_sound(
    key: str,
    scope: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    *,
    started_at: datetime | None = None,
) -> InForce:
    """Return what `get` does, or the shipped default where that version is broken: for rules that must always run.

    A stored body that today's schema refuses never runs; RevOps is told of it (`policy.broken`).
    """
    policy = get(key, scope, at, started_at=started_at)
    return policy if policy.broken is None else shipped(policy.document)


_defaults: dict[str, InForce] = {}


def shipped(document: PolicyDocument) -> InForce:
    """Return the shipped default, read once a process."""
    found = _defaults.get(document.key)
    if found is None or found.document is not document:
        found = InForce(document.key, 0, document, document.default, document.mode)
        _defaults[document.key] = found
    return found
