"""Recomputing digests: what a stored row says now, against what was signed when it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from revops.kernel.audit import canonical
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.models import ChangedRow, TrackedFields
from revops.kernel.audit.verifying.snapshot import Snapshot


@dataclass(slots=True)
class Signed:
    """What one event signed about one version of one record, and what was erased of it since."""

    record_id: int
    version: int
    tracked: str
    digest: str
    commitments: Mapping[str, str]
    salts: Mapping[str, str]
    erased: dict[str, str] = field(default_factory=dict)
    removed: bool = False


def signed_versions(snapshot: Snapshot, label: str) -> Iterator[Signed]:
    """Stream what was signed about the records of one type, by record and version."""
    rows = snapshot.rows(ChangedRow).filter(record_type=label).order_by("record_id", "row_version")
    columns = ("kind", "record_id", "row_version", "tracked", "digest", "commitments", "salts")
    pending: Signed | None = None
    erased: dict[tuple[str, str], str] = {}
    key: tuple[int, int] | None = None
    for kind, record_id, version, tracked, digest, commitments, salts in rows.values_list(*columns).iterator(
        chunk_size=2_000
    ):
        if key != (record_id, version):
            if pending is not None:
                yield _with_erased(pending, erased)
            pending, erased, key = None, {}, (record_id, version)
        if kind == Kind.ERASED:
            erased |= {(digest, name): instead for name, instead in (commitments or {}).items()}
        else:
            pending = Signed(record_id, version, tracked, digest, commitments or {}, salts or {})
            pending.removed = kind == Kind.REMOVED
    if pending is not None:
        yield _with_erased(pending, erased)


def _with_erased(signed: Signed, erased: Mapping[tuple[str, str], str]) -> Signed:
    """Attach the erasures that name this very digest."""
    for (digest, name), instead in erased.items():
        if digest == signed.digest:
            signed.erased[name] = instead
    return signed


class Digester:
    """Recomputes digests of one model's rows, by whichever list of fields covered them when they were made."""

    def __init__(self, snapshot: Snapshot, model: type[models.Model]) -> None:
        self.model = model
        self.columns = [column.attname for column in canonical.tracked_fields(model)]
        self._snapshot = snapshot
        self._recipes: dict[str, list[tuple[str, int, canonical.Speller]] | None] = {}

    @cached_property
    def lists(self) -> dict[str, list[str]]:
        """The lists of fields ever covered, by key. A list that does not hash to its key is no list."""
        label = self.model._meta.label_lower
        stored = self._snapshot.rows(TrackedFields).filter(record_type=label)
        known = dict([canonical.covered(self.model)])
        known |= {row.key: row.fields for row in stored if canonical.fields_key(label, row.fields) == row.key}
        return known

    def recipe(self, tracked: str) -> list[tuple[str, int, canonical.Speller]] | None:
        """Return how to read the columns of a list, or None when one of them no longer exists."""
        if tracked not in self._recipes:
            fields = {column.attname: column for column in canonical.tracked_fields(self.model)}
            names = self.lists[tracked]
            self._recipes[tracked] = (
                [(name, self.columns.index(name), canonical.speller(fields[name])) for name in names]
                if set(names) <= fields.keys()
                else None
            )
        return self._recipes[tracked]

    def wrong_with(self, signed: Signed, values: Sequence[Any]) -> str:
        """Say what differs between the stored `values` (in the order of `columns`) and what was signed."""
        if signed.tracked not in self.lists:
            return f"its list of covered fields ({signed.tracked}) is missing or was edited"
        recipe = self.recipe(signed.tracked)
        if recipe is None:
            self._snapshot.checked["versions with a dropped column (not recomputed)"] += 1
            return ""
        content: list[canonical.Json] = [signed.tracked]
        for name, place, spell in recipe:
            value = values[place]
            spelled = None if value is None else spell(value)
            if name in signed.commitments:
                why = _wrong_personal(signed, name, spelled)
                if why:
                    return why
                spelled = signed.commitments[name]
            content.append(spelled)
        if canonical.hash_of(content) != signed.digest:
            return "was edited: its values are not those that were signed"
        return ""


def _wrong_personal(signed: Signed, name: str, spelled: canonical.Json) -> str:
    """Say what is wrong with a personal value: it opens its commitment, or was erased by an event."""
    instead = signed.erased.get(name)
    salt = signed.salts.get(name)
    if instead is not None:
        if salt is not None:
            return f"{name} was erased, but its salt is there again"
        if canonical.commit("", spelled) != instead:
            return f"{name} was erased, but something else stands in its place"
        return ""
    if salt is None:
        return f"the salt of {name} is gone, and no event erased it"
    if canonical.commit(salt, spelled) != signed.commitments[name]:
        return f"was edited: {name} is not the value that was signed"
    return ""
