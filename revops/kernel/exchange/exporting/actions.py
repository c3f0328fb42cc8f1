"""The writes of exports: ask for one, approve it, reject it. A file is written afterwards, by a worker."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from revops.kernel import audit, notifications, outbox
from revops.kernel.audit import Finding
from revops.kernel.exchange.exporting import content as contents
from revops.kernel.exchange.exporting.content import Content
from revops.kernel.exchange.exporting.enums import ExportFormat, ExportState, Layout
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.people import access
from revops.kernel.people.access.organisation import current
from revops.kernel.records import listing, registry

LEAST_PURPOSE, MOST_TEXT = 10, 500
APPROVED_FOR = timedelta(days=7)
APPROVERS = frozenset({"SALES_OPS", "REVOPS"})


def request_export(
    *,
    by: Any,
    record_type: str,
    parameters: Mapping[str, str],
    purpose: str,
    columns: Iterable[str] = (),
    format: str = ExportFormat.CSV,
    layout: str = Layout.READING,
    exact: bool = False,
) -> DataExport:
    """Log an export before its file exists, and queue it or send it to be approved (INV-9.3).

    An approval of the same content for the same person within the last 7 days covers it. Raises Blocked with every
    finding, LookupError for a list that `by` does not see, Forbidden without the right to export.
    """
    findings = _purpose(purpose)
    try:
        content = contents.read(
            by, record_type, parameters, columns=columns, format=format, layout=layout, exact=exact
        )
    except audit.Blocked as refused:
        raise audit.Blocked([*refused.findings, *findings]) from None
    rows = listing.matching(content.query, by).count()
    findings += _fits(content, rows)
    with audit.change(by=by, action="export.request", reason=purpose.strip()) as change:
        access.require_create(
            by, DataExport, {"parameters", "columns", "format", "layout", "exact", "purpose"}
        )
        if findings:
            raise audit.Blocked(findings)
        reasons = contents.reasons_for_approval(content, rows)
        covering = _covering(content, by, change) if reasons else None
        export = DataExport(
            record_type=content.record_type.label,
            parameters=dict(content.parameters),
            columns=list(content.columns),
            format=content.format,
            layout=content.layout,
            exact=content.exact,
            purpose=purpose.strip(),
            requested_by=by,
            content_hash=content.hash_for(by),
            counted=rows,
            approval_reasons=reasons,
            covered_by=covering,
            state=ExportState.WAITING if reasons and covering is None else ExportState.QUEUED,
        )
        audit.write(export)
        announce(export)
        return export


def announce(export: DataExport) -> None:
    """Say inside the open change what the state just written asks for: a worker, or an approver."""
    if export.state == ExportState.QUEUED:
        outbox.emit("export.queued", export, {})
        return
    outbox.emit("export.approval_requested", export, {"reasons": export.approval_reasons})
    notifications.notify(
        approvers(export),
        "export.approval_requested",
        f"{export.requested_by} asks to export {_plural(export)}",
        " ".join([*export.approval_reasons, f"Purpose: {export.purpose}"]),
        f"/exports/{export.pk}/",
        export,
        dedupe_key=f"export:{export.pk}:asks:{export.version}",
    )


def approvers(export: DataExport) -> list[int]:
    """Return who may decide about an export: everybody in operations but the person who asked."""
    return [
        person
        for person, roles in current().roles.items()
        if roles & APPROVERS and person != export.requested_by_id
    ]


def approve_export(*, by: Any, pk: int, reason: str = "") -> DataExport:
    """Approve an export as it stands; a worker writes it with the rights its requester has then.

    Raises Blocked for one's own request and for one that waits no longer, Forbidden, DoesNotExist.
    """
    return _decide(by=by, pk=pk, reason=reason, state=ExportState.QUEUED, action="export.approve")


def reject_export(*, by: Any, pk: int, reason: str) -> DataExport:
    """Reject an export, with a reason that its requester reads. Raises as `approve_export`."""
    return _decide(by=by, pk=pk, reason=reason, state=ExportState.REJECTED, action="export.reject")


def _decide(*, by: Any, pk: int, reason: str, state: ExportState, action: str) -> DataExport:
    with audit.change(by=by, action=action, reason=reason.strip()) as change:
        export: DataExport = audit.lock(DataExport.objects.visible_to(by), pk=pk)
        access.require(by, "approve", export)
        findings = _may_decide(export, by, reason, state)
        if findings:
            raise audit.Blocked(findings)
        export.state = state
        export.decided_by, export.decided_at = by, change.recorded_at
        export.decision_reason = reason.strip()
        audit.write(export)
        if state == ExportState.QUEUED:
            announce(export)
        else:
            told = f"{by} rejected your export of {_plural(export)}"
            tell(export, "export.rejected", told, export.decision_reason)
        return export


def tell(export: DataExport, kind: str, title: str, text: str = "") -> None:
    """Notify the person who asked, once for each state."""
    notifications.notify(
        [export.requested_by_id],
        kind,
        title,
        text,
        f"/exports/{export.pk}/",
        export,
        dedupe_key=f"export:{export.pk}:{kind}:{export.version}",
    )


def _may_decide(export: DataExport, by: Any, reason: str, state: ExportState) -> list[Finding]:
    findings = []
    if export.requested_by_id == by.pk:
        message = "You asked for this export; somebody else has to decide about it."
        findings.append(Finding("EXP-010", message, found=str(by), needed="another person in operations"))
    if export.state != ExportState.WAITING:
        message = f"This export waits for no decision: it is {export.get_state_display().lower()}."
        if export.decided_by:
            message += f" {export.decided_by} decided on {export.decided_at:%Y-%m-%d}."
        findings.append(Finding("EXP-011", message, found=str(export.state), needed="waiting"))
    if state == ExportState.REJECTED and not _words(reason):
        message = "Say why it is rejected: the person who asked reads it."
        findings.append(Finding("EXP-012", message, field="reason", needed="a reason"))
    if len(reason) > MOST_TEXT:
        message = f"The reason has {len(reason)} characters; {MOST_TEXT} at most."
        findings.append(Finding("EXP-012", message, field="reason", needed=f"at most {MOST_TEXT} characters"))
    return findings


def _covering(content: Content, by: Any, change: audit.Change) -> DataExport | None:
    """Return an approved export of the same content by the same person that is still valid, or None."""
    found: DataExport | None = (
        DataExport.objects.filter(
            requested_by=by,
            content_hash=content.hash_for(by),
            decided_at__gt=change.recorded_at - APPROVED_FOR,
        )
        .exclude(state=ExportState.REJECTED)
        .order_by("-decided_at")
        .first()
    )
    return found


def _purpose(purpose: str) -> list[Finding]:
    length = len(_words(purpose))
    if length >= LEAST_PURPOSE and len(purpose) <= MOST_TEXT and purpose.strip().isprintable():
        return []
    needed = f"{LEAST_PURPOSE} to {MOST_TEXT} visible characters"
    message = f"Say what the file is for, in {needed}: it is logged with the export."
    return [Finding("EXP-002", message, field="purpose", found=f"{length} characters", needed=needed)]


def _words(text: str) -> str:
    """Return what can be seen of a text."""
    return "".join(char for char in text.strip() if char.isprintable())


def _fits(content: Content, rows: int) -> list[Finding]:
    if content.format != ExportFormat.XLSX or rows <= contents.MOST_XLSX_ROWS:
        return []
    message = f"A workbook holds {contents.MOST_XLSX_ROWS:,} rows; this list has {rows:,}. Export it as CSV."
    needed = f"at most {contents.MOST_XLSX_ROWS:,} rows, or CSV"
    return [Finding("EXP-003", message, field="format", found=f"{rows:,} rows", needed=needed)]


def _plural(export: DataExport) -> str:
    return registry.get(export.record_type).plural.lower()
