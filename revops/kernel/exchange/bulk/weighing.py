"""What would become of some records of a bulk run: the same for its preview and for the work itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange.bulk.asking import unseen
from revops.kernel.exchange.bulk.deeds import Deed
from revops.kernel.exchange.bulk.models import BulkItem, BulkRun, Outcome
from revops.kernel.exchange.reverting import before
from revops.kernel.records import values
from revops.kernel.records.many import Row
from revops.kernel.records.registry import RecordType


@dataclass(slots=True)
class Case:
    """One record of a run on its way: what is asked of it, and what becomes of it.

    `values` are None for a record that cannot go back, since what it held before is not known any more.
    """

    item: BulkItem
    values: Mapping[str, Any] | None
    row: Row | None = None
    outcome: Outcome = Outcome.WAITING
    findings: list[Finding] = field(default_factory=list)
    version: int | None = None

    def end(self, outcome: Outcome, *findings: Finding) -> None:
        """Say what became of it, and why."""
        self.outcome, self.findings = outcome, list(findings)


def cases(run: BulkRun, deed: Deed, items: Sequence[BulkItem]) -> list[Case]:
    """Return what is asked of each of these records; of an undo, its own former values. One query at most."""
    if run.undoes_id is None:
        return [Case(item, run.values) for item in items]
    wanted = {
        item.record_id: (item.expects, item.expects) for item in items if item.record_id and item.expects
    }
    held = before.values(deed.kind.model, wanted) if wanted else {}
    return [Case(item, _former(run, deed, held.get(item.record_id or 0))) for item in items]


def _former(run: BulkRun, deed: Deed, held: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the values that bring a record back, as somebody would type them."""
    if held is None:
        return None
    if deed.action is not None:
        return deed.action.back(run.values, held) if deed.action.back is not None else None
    names = {name: deed.kind.by_name[name].attname for name in run.values if name in deed.kind.by_name}
    return {name: typed(held[attname]) for name, attname in names.items() if attname in held}


def typed(value: Any) -> str:
    """Return a stored value as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def load(deed: Deed, found: Sequence[Case], by: Any, *, lock: bool) -> None:
    """Put the records on the cases as far as `by` sees them, locked in ascending order; deny the rest (A13, A29)."""
    ids = [case.item.record_id for case in found]
    rows = deed.kind.model.objects.visible_to(by).filter(pk__in=ids)
    held = {record.pk: record for record in (lock_many(rows) if lock else rows)}
    for case in found:
        record = held.get(case.item.record_id)
        if record is None:
            case.end(Outcome.DENIED, unseen(deed.kind, case.item.given or case.item.record_id))
        elif case.values is None:
            case.end(Outcome.REFUSED, _unknown(deed.kind, record))
        else:
            case.row = Row(record, case.values)
    _check_since(
        deed.kind, [case for case in found if case.row is not None and case.item.expects is not None]
    )


def weigh(deed: Deed, found: Sequence[Case], by: Any, reason: str) -> list[Case]:
    """Ask the deed's own steps about the loaded cases, and return those that nothing speaks against."""
    steps, open_ones = deed.many, [case for case in found if case.outcome == Outcome.WAITING]
    if steps is None:
        return open_ones
    rows = [case.row for case in open_ones if case.row is not None]
    try:
        steps.weigh(rows, by, reason)
    except Blocked as refused:
        for row in rows:
            row.findings += refused.findings
    for case in open_ones:
        settle(case)
    return [case for case in open_ones if case.outcome == Outcome.WAITING]


def settle(case: Case) -> None:
    """Take over what the steps said about a case."""
    row = case.row
    if row is not None and row.denied:
        case.end(Outcome.DENIED, forbidden(row.denied))
    elif row is not None and row.findings:
        case.end(Outcome.REFUSED, *row.findings)


def forbidden(said: str) -> Finding:
    """Return the finding against what one may not do with a record that one sees."""
    return Finding("BLK-011", said, needed="a record that your role may change")


def _check_since(kind: RecordType, found: Sequence[Case]) -> None:
    """Keep what somebody wrote since the run that is to be taken back, and say who did: one query."""
    moved = {
        case.item.record_id: case.item.expects + 1
        for case in found
        if case.row is not None
        and case.item.record_id is not None
        and case.item.expects is not None
        and case.row.record.version != case.item.expects
    }
    if not moved:
        return
    rows = ChangedRow.objects.filter(
        record_type=kind.label, record_id__in=moved, row_version__in=set(moved.values())
    )
    told = {
        pk: (who, at)
        for pk, version, who, at in rows.values_list(
            "record_id", "row_version", "event__actor__name", "event__recorded_at"
        )
        if moved.get(pk) == version
    }
    for case in found:
        if case.item.record_id in moved:
            case.end(Outcome.REFUSED, since(case, *told.get(case.item.record_id, ("", None))))


def since(case: Case, who: str = "", at: Any = None) -> Finding:
    """Return the finding against bringing back what was written meanwhile."""
    by = f" by {who} on {at:%Y-%m-%d %H:%M} UTC" if who else ""
    message = (
        f"The record was changed since{by}, so it keeps its present values. Look at it and decide by hand."
    )
    return Finding("BLK-020", message, needed=f"version {case.item.expects}, as the bulk change left it")


def _unknown(kind: RecordType, record: Any) -> Finding:
    message = (
        f"What this {kind.singular.lower()} held before is not known any more, or cannot be given back by this deed. "
        "Decide by hand."
    )
    return Finding("BLK-021", message, found=values.shown(record), needed="the values before")
