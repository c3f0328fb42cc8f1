"""Asking for a bulk change: the records are frozen here, nothing is written to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from revops.kernel import clocks
from revops.kernel.audit import Blocked, Finding, bulk
from revops.kernel.exchange.bulk import deeds
from revops.kernel.exchange.bulk.models import BulkItem, BulkRun, BulkState, Outcome
from revops.kernel.exchange.bulk.permissions import LABEL
from revops.kernel.people import access
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.records import listing
from revops.kernel.records.registry import RecordType
from revops.kernel.records.values import shown

MOST = 10_000
MOST_REASON = 500
MAX_ID = 2**63 - 1
# What an address says about the page one is on, and not about the list.
_OF_THE_PAGE = frozenset(
    {
        "after",
        "before",
        "from",
        "limit",
        "count",
        "columns",
        "widths",
        "density",
        "layout",
        "group",
        "tab",
        "format",
    }
)
_COLUMNS = ("run_id", "record_id", "given", "expects", "outcome", "findings")


def visible(by: Any) -> Any:
    """Return the bulk changes that `by` may see, as a queryset."""
    return ScopedQuerySet(BulkRun).visible_to(by)


def request_bulk(
    *,
    by: Any,
    record_type: str,
    deed: str,
    values: Mapping[str, Any],
    reason: str = "",
    ids: Iterable[Any] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> BulkRun:
    """Freeze the records that `by` chose, by `ids` or as the whole list that `parameters` describe; 10,000 at most.

    What is named twice counts once; what is no id of a record is kept as named, and denied like a record that `by`
    does not see. Nothing happens until `working.start`. Raises Blocked with every finding, LookupError for a type or
    deed that is not there for `by`, Forbidden without the right.
    """
    found = deeds.find(record_type, deed)
    if not access.rights(by, found.kind.label).sees_any:
        raise LookupError(f"{shown(record_type)!r} is no list that you can see.")
    if not access.rights(by, LABEL).creatable:
        raise access.Forbidden("Your role may not change many records at once.")
    findings = _reason(reason)
    try:
        found.check(values, by)
    except Blocked as refused:
        findings += refused.findings
    chosen: Sequence[Any] = ()
    try:
        chosen = list(ids) if ids is not None else ids_of_list(found.kind, by, parameters or {})
        findings += _size(len(chosen))
    except Blocked as refused:
        findings += refused.findings
    if findings:
        raise Blocked(findings)
    known = dict.fromkeys(_read(one) for one in chosen)
    run = BulkRun(
        record_type=found.kind.label,
        deed=found.name,
        values=dict(values),
        reason=reason.strip(),
        parameters=dict(parameters or {}) if ids is None else {},
        asked_by=by,
        total=len(known),
        repeated=len(chosen) - len(known),
    )
    return _keep(run, [(*one, None) for one in known])


def request_undo(*, by: Any, pk: int, reason: str = "") -> BulkRun:
    """Ask to bring every record that a bulk change wrote back to its former values, where nobody wrote it since.

    The way back is a bulk change of its own, with its own preview and report. Raises Blocked where there is nothing
    to take back or it was taken back already, Forbidden, DoesNotExist.
    """
    run = visible(by).get(pk=pk)
    access.require(by, "undo", run)
    deed = deeds.find(run.record_type, run.deed)
    findings = _reason(reason) + _undoable(run, deed)
    if findings:
        raise Blocked(findings)
    written = run.items.filter(outcome=Outcome.CHANGED, version__isnull=False).order_by("-id")
    undo = BulkRun(
        record_type=run.record_type,
        deed=run.deed,
        values=run.values,
        reason=reason.strip() or f"Undo of bulk change {run.pk}"[:MOST_REASON],
        asked_by=by,
        undoes=run,
    )
    rows = [(record, "", version) for record, version in written.values_list("record_id", "version")]
    undo.total = len(rows)
    return _keep(undo, rows)


def _undoable(run: BulkRun, deed: deeds.Deed) -> list[Finding]:
    before = run.undone_by.exclude(state=BulkState.OPEN).first()
    if before is not None:
        message = f"This was taken back by bulk change {before.pk} already. Undo that one to have it again."
        return [Finding("BLK-008", message, found=str(before.pk), needed="a bulk change that stands")]
    if run.state in (BulkState.OPEN, BulkState.RUNNING):
        message = f"This bulk change is {run.get_state_display().lower()}. Take it back once it has ended."
        return [Finding("BLK-008", message, found=run.state, needed="a bulk change that has ended")]
    if deed.action is not None and deed.action.back is None:
        message = (
            f"“{deed.label}” is not taken back for many records at once, since every record would need its own "
            "reason. Choose the records in their list, and what is to become of them."
        )
        return [Finding("BLK-009", message, field="deed", found=deed.name, needed="an edit or an assignment")]
    if not run.items.filter(outcome=Outcome.CHANGED, version__isnull=False).exists():
        message = "No record was changed, so there is nothing to take back."
        return [Finding("BLK-008", message, needed="changed records")]
    return []


def discard(*, by: Any, pk: int) -> None:
    """Forget a bulk change that was never confirmed. Raises Blocked for one that was, Forbidden, DoesNotExist."""
    run = visible(by).get(pk=pk)
    access.require(by, "start", run)
    gone, _ = BulkRun.objects.filter(pk=run.pk, state=BulkState.OPEN).delete()
    if not gone:
        message = "This bulk change was confirmed; it stays in the list of what was done."
        raise Blocked([Finding("BLK-005", message, field="state", found=run.state, needed="open")])


def _keep(run: BulkRun, rows: Sequence[tuple[int | None, str, int | None]]) -> BulkRun:
    """Store a run and its records. What is no id is denied here, like every record that one does not see."""
    kind = deeds.find(run.record_type, run.deed).kind
    run.created_at = clocks.now()
    run.denied = sum(record is None for record, *_ in rows)
    with transaction.atomic():
        run.save(force_insert=True)
        bulk.append(
            BulkItem,
            _COLUMNS,
            [
                (
                    run.pk,
                    *row,
                    Outcome.DENIED if row[0] is None else Outcome.WAITING,
                    [unseen(kind, row[1]).as_json()] if row[0] is None else [],
                )
                for row in rows
            ],
        )
    return run


def unseen(kind: RecordType, given: object) -> Finding:
    """Return the one finding for a record out of sight, one that does not exist, and what is no id (A29)."""
    told = shown(given)
    message = f"There is no {kind.singular.lower()} {told!r} that you can see."
    return Finding("BLK-010", message, field="id", found=told, needed="the id of a record that you see")


def _read(given: Any) -> tuple[int | None, str]:
    """Return (record id, "") or (None, what was given)."""
    text = str(given).strip()
    if (
        not isinstance(given, bool)
        and text.isascii()
        and text.isdigit()
        and len(text) < 20
        and int(text) <= MAX_ID
    ):
        return int(text), ""
    return None, shown(text) or "nothing"


def ids_of_list(kind: RecordType, by: Any, parameters: Mapping[str, str]) -> list[int]:
    """Return the ids of a whole list as `by` sees it now. Raises Blocked for a list that cannot be read."""
    kept = {name: text for name, text in parameters.items() if name not in _OF_THE_PAGE}
    rows = listing.matching(listing.parse(kind, by, kept), by)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise Blocked(_size(rows.count()))
    return ids


def _size(count: int) -> list[Finding]:
    if 0 < count <= MOST:
        return []
    if not count:
        message = "No record is chosen. Tick some in the list, or select all of its results."
        return [Finding("BLK-003", message, field="ids", found="0", needed="at least one record")]
    message = (
        f"{count:,} records are chosen; at most {MOST:,} are changed at once. "
        "Filter the list further, or change it in parts."
    )
    return [Finding("BLK-002", message, field="ids", found=f"{count:,}", needed=f"at most {MOST:,} records")]


def _reason(reason: str) -> list[Finding]:
    if len(reason.strip()) <= MOST_REASON:
        return []
    message = f"The reason has {len(reason.strip())} characters; at most {MOST_REASON} fit. Shorten it."
    return [Finding("BLK-006", message, field="reason", needed=f"at most {MOST_REASON} characters")]
