"""How a rule stands at an instant: what is in force for which records, what is planned, drafted and over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from revops.kernel import clocks, policies
from revops.kernel.policies import documents, store
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import PolicyVersion
from revops.web.rules import told
from revops.web.rules.told import Told


@dataclass(frozen=True)
class Standing:
    """One rule with all its versions, the newest first."""

    document: PolicyDocument
    versions: Sequence[Told]
    now: datetime

    @property
    def url(self) -> str:
        return told.rule_url(self.document.key)

    @cached_property
    def in_force(self) -> list[Told]:
        """What decides now: the version for everything first, then those for some records, by scope."""
        held = [one for one in self.versions if one.held is not None]
        if all(one.scope_key for one in held):
            held.append(told.shipped(self.document, in_force=True))
        return sorted(held, key=lambda one: one.scope_key)

    @property
    def main(self) -> Told:
        """What decides about every record that no variant is for."""
        return self.in_force[0]

    @property
    def variants(self) -> list[Told]:
        return self.in_force[1:]

    @property
    def planned(self) -> list[Told]:
        """What is to go live, the next first."""
        found = [
            one
            for one in self.versions
            if one.status == Status.ACTIVE and one.begins is not None and one.begins > self.now
        ]
        return sorted(found, key=lambda one: (one.begins or self.now, one.pk))

    @property
    def drafts(self) -> list[Told]:
        return [one for one in self.versions if one.is_draft]

    def of(self, pk: int) -> Told | None:
        """Return one of its versions; 0 is the shipped default, None what it does not have."""
        if pk == told.SHIPPED:
            return told.shipped(self.document, in_force=not self.main.pk)
        return next((one for one in self.versions if one.pk == pk), None)

    def beside(self, one: Told) -> Told:
        """Return what decides now about the records that a version is for."""
        return next((held for held in self.in_force if held.scope_key == one.scope_key), self.main)


def every(user: Any) -> list[Standing]:
    """Return how every rule stands, by key, in one statement: without versions that were dropped or are over."""
    rows = PolicyVersion.objects.visible_to(user).exclude(status=Status.RETIRED)
    return _standings(documents.every(), list(_ordered(rows)))


def of(user: Any, key: str) -> Standing:
    """Return how one rule stands with every version it ever had. Raises LookupError for a key nobody registered."""
    document = documents.get(key)
    rows = PolicyVersion.objects.visible_to(user).filter(policy__key=key)
    return _standings([document], list(_ordered(rows)))[0]


def _ordered(rows: Any) -> Any:
    return rows.select_related("policy").order_by("-created_at", "-n", "-pk")


def _standings(wanted: Sequence[PolicyDocument], rows: Sequence[PolicyVersion]) -> list[Standing]:
    now = clocks.now()
    by_key: dict[str, list[PolicyVersion]] = {}
    for row in rows:
        by_key.setdefault(row.policy.key, []).append(row)
    found = []
    for document in wanted:
        held = {
            entry.policy.version_id: entry.policy
            for entry in store.entries(document.key)
            if entry.begins <= now and (entry.ends is None or now < entry.ends)
        }
        versions = [told.version(row, now, held.get(row.pk)) for row in by_key.get(document.key, ())]
        found.append(Standing(document, versions, now))
    return found


def deciding(standing: Standing, scope: dict[str, str]) -> Told:
    """Return the version in force for a record of this scope."""
    policy = policies.get(standing.document.key, scope, standing.now)
    return next(
        (one for one in standing.in_force if one.pk == (policy.version_id or told.SHIPPED)), standing.main
    )
