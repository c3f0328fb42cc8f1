"""This process's copy of every policy version that is or was in force.

The copy knows the stamp it was read under and looks at most twice a second whether the stamp moved, so that a policy
another process activated holds everywhere within half a second and a request pays at most one small query.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection

from revops.kernel.audit import Change
from revops.kernel.policies import documents
from revops.kernel.policies.enums import Mode, Status
from revops.kernel.policies.resolving import InForce

CHECK_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class Entry:
    """One version with the scope and the interval in which it is in force."""

    policy: InForce
    priority: int
    scope_key: str
    begins: datetime
    ends: datetime | None

    def holds(self, scope: Mapping[str, str], at: datetime) -> bool:
        """Say whether the version is in force for this scope at this instant."""
        inside = self.begins <= at and (self.ends is None or at < self.ends)
        return inside and all(scope.get(key) == value for key, value in self.policy.scope.items())

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Order by who goes first: most specific scope, higher priority, higher version, key. Source: M2."""
        return -len(self.policy.scope), -self.priority, -self.policy.n, self.scope_key


@dataclass
class _Copy:
    stamp: str | None = None
    entries: Mapping[str, tuple[Entry, ...]] | None = None
    looked_at: float = 0.0


_copies: dict[str, _Copy] = defaultdict(_Copy)


def forget() -> None:
    """Drop this process's copy; the next question reads anew."""
    _copies.clear()


def entries(key: str) -> tuple[Entry, ...]:
    """Return the versions of a policy that are or were in force, those that go first in front."""
    copy = _copies[str(connection.settings_dict["NAME"])]
    if copy.entries is None or time.monotonic() - copy.looked_at >= CHECK_EVERY:
        stamp = _stamp()
        if copy.entries is None or stamp != copy.stamp:
            copy.stamp, copy.entries = stamp, _read()
        copy.looked_at = time.monotonic()
    return copy.entries.get(key, ())


def kept_until(
    entries: Sequence[Entry], scope: Mapping[str, str], started_at: datetime, at: datetime
) -> datetime:
    """Return the instant whose version binds at `at` what is in flight since `started_at`. Source: M2, retro rule.

    That is `started_at` itself, or the last instant since at which a version for this scope began that says migrate.
    """
    began = sorted({one.begins for one in entries if started_at < one.begins <= at}, reverse=True)
    for instant in began:
        first = next((one for one in entries if one.holds(scope, instant)), None)
        if first is not None and first.begins == instant and first.policy.migrate:
            return instant
    return started_at


def stored(at: datetime) -> list[InForce]:
    """Return every version in force at `at` as the database holds it now, past this process's copy."""
    return [one.policy for held in _read().values() for one in held if one.holds(one.policy.scope, at)]


def touch(change: Change) -> None:
    """Note that this change wrote a policy, so that every process reads anew. Joins every change."""
    from revops.kernel.policies.models import Policy, PolicyStamp, PolicyVersion

    if {Policy, PolicyVersion} & {*change.created, *change.changed}:
        PolicyStamp.objects.update_or_create(pk=1, defaults={"stamp": str(change.id)})


def _stamp() -> str:
    rows = apps.get_model("policies", "PolicyStamp").objects.values_list("stamp", flat=True)
    return rows.first() or ""


def _read() -> dict[str, tuple[Entry, ...]]:
    """Read every version that went live, in one statement. A key nobody registers any more is left out."""
    rows = apps.get_model("policies", "PolicyVersion").objects.filter(
        status__in=[Status.ACTIVE, Status.RETIRED], effective_from__isnull=False
    )
    known = {document.key: document for document in documents.every()}
    found: dict[str, list[Entry]] = defaultdict(list)
    for version in rows.select_related("policy"):
        if version.policy.key in known:
            found[version.policy.key].append(_entry(version, known[version.policy.key]))
    return {key: tuple(sorted(held, key=lambda entry: entry.rank)) for key, held in found.items()}


def in_force(version: Any, document: documents.PolicyDocument) -> InForce:
    """Return a stored version ready to run."""
    return InForce(
        key=version.policy.key,
        n=version.n,
        document=document,
        raw=version.body,
        mode=Mode(version.mode),
        scope=version.policy.scope,
        version_id=version.pk,
        authority=version.authority,
        migrate=version.migrate,
    )


def _entry(version: Any, document: documents.PolicyDocument) -> Entry:
    policy, ends = in_force(version, document), version.effective_to
    return Entry(policy, version.policy.priority, version.policy.scope_key, version.effective_from, ends)
