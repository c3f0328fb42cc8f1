"""What a row would do: create, update, nothing, or be refused. Three-way, so that nobody's edit is overwritten.

For each field there is what the file says, what it said last time (a hash kept with the external id) and what the
record holds. A cell that did not change over there changes nothing here; one that did updates the record, unless
somebody changed the same field here in the meantime: then the row is refused as a conflict.
"""

from collections.abc import Iterable
from typing import Any

from revops.kernel.exchange.importers import PLANNED, Batch, ImportRow
from revops.kernel.exchange.models import ExternalLink
from revops.kernel.exchange.payloads import WHOLE, digest, digests, spelled
from revops.kernel.exchange.plan import Plan
from revops.kernel.people import access
from revops.kernel.people.access import Scope


def compare(batch: Batch, plan: Plan, known: dict[str, ExternalLink]) -> dict[str, dict[str, str]]:
    """Sort the rows into `batch.new` and `batch.changed`; return the new payload of each link that has to change.

    Rows that do neither are unchanged. Call it after the importer has prepared and loaded the batch.
    """
    payloads: dict[str, dict[str, str]] = {}
    creatable = plan.creatable(batch.by)
    for row in batch.alive:
        if row.record_id is None:
            _check_create(row, plan, creatable)
            continue
        if row.record is None:
            row.reject(
                "IMP-112",
                "The external id belongs to a record that you may not change.",
                field="external_id",
                found=row.external_id,
                needed="records within your reach",
                remedy="Let its owner or RevOps import the row.",
            )
            continue
        if row.is_same:
            continue
        base = known[row.external_id].payload
        fresh = _differences(row, base)
        if fresh != base:
            payloads[row.external_id] = fresh
    _check_edits(batch, plan)
    batch.new = [row for row in batch.alive if row.record_id is None]
    batch.changed = [row for row in batch.alive if row.changes]
    alive = {row.external_id for row in batch.alive}
    for row in batch.new:
        payloads[row.external_id] = {} if batch.dry_run else {**digests(row.values), WHOLE: row.fingerprint}
    return {external_id: payload for external_id, payload in payloads.items() if external_id in alive}


def _differences(row: ImportRow, base: dict[str, str]) -> dict[str, str]:
    """Note on the row what to change; return the payload as it will be."""
    payload = {**base, WHOLE: row.fingerprint}
    for name, value in row.values.items():
        theirs, last = digest(value), base.get(name)
        if (last is None and not spelled(value)) or theirs == last:
            continue
        ours = row.stored.get(name)
        if value is PLANNED or spelled(ours) != spelled(value):
            if last is not None and digest(ours) != last:
                row.reject(
                    "IMP-130",
                    "The field was changed here since the last import, and over there as well.",
                    field=name,
                    needed="a change on one side",
                    remedy="Look at the record and decide: correct it there or here, then import again.",
                )
                continue
            row.changes[name] = value
            payload[name] = theirs
        elif last is not None:
            payload[name] = theirs
    return payload


def _check_create(row: ImportRow, plan: Plan, creatable: frozenset[str]) -> None:
    """Refuse a new row that this person may not create, and one without what every record needs."""
    if not creatable:
        row.reject(
            "IMP-015",
            f"Your role may not create {plan.kind.plural.lower()}; it may only update known ones.",
            field="external_id",
            found=row.external_id,
            needed="external ids that are known",
        )
        return
    for name, value in row.values.items():
        if name not in creatable and spelled(value):
            _no_right(row, plan, name)
    for name in plan.importer.required:
        if not spelled(row.values.get(name)):
            row.reject(
                "IMP-114",
                f"{plan.kind.by_name[name].label} is empty.",
                field=name,
                needed="a value",
                remedy="Fill in the cell.",
            )


def _check_edits(batch: Batch, plan: Plan) -> None:
    """Refuse changes that reach further than this person may write, in a query per scope."""
    rows = [row for row in batch.alive if row.changes]
    if not rows:
        return
    held = access.rights(batch.by, plan.importer.record_type)
    reach = _Reach(plan, batch.by, [row.record_id for row in rows if row.record_id])
    for row in rows:
        allowed = {
            name for edit in held.edits if reach.has(edit.scope, row.record_id) for name in edit.fields
        }
        for name in row.changes.keys() - allowed:
            action = plan.importer.by_action.get(name)
            if action is None or not reach.has(held.action(action), row.record_id):
                _no_right(row, plan, name)


class _Reach:
    """Which of some records lie within each scope, looked up once a scope."""

    def __init__(self, plan: Plan, by: Any, ids: Iterable[int]) -> None:
        self._plan, self._by, self._ids = plan, by, list(ids)
        self._within: dict[Scope, set[int]] = {}

    def has(self, scope: Scope, record_id: int | None) -> bool:
        if scope in (Scope.NONE, Scope.ALL):
            return scope == Scope.ALL
        if scope not in self._within:
            rows = self._plan.kind.model.objects.filter(pk__in=self._ids).within(self._by, scope)
            self._within[scope] = set(rows.values_list("pk", flat=True))
        return record_id in self._within[scope]


def _no_right(row: ImportRow, plan: Plan, name: str) -> None:
    row.reject(
        "IMP-015",
        f"Your role may not write {plan.kind.by_name[name].label.lower()} of this record.",
        field=name,
        needed="columns that you may write",
        remedy="Empty the cell, or let somebody import who may write it.",
    )
