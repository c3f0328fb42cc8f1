"""What makes an approval out of date: the hook that joins every change and compares the content of changed records.

Whoever writes a record, by whatever door, ends the requests about it in the same transaction, waiting or approved, as
soon as what they are bound to differs. Source: M6 (content binding).
"""

from collections import defaultdict
from typing import Any

from revops.kernel import audit
from revops.kernel.approvals import content, purposes, storing
from revops.kernel.approvals.actions import recalling
from revops.kernel.approvals.enums import LIVE, RequestState
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.audit import Change

OWNER = "approvals"


def settle(change: Change) -> None:
    """Join the change: end the requests whose content it changed. Runs first, so that it may write and tell."""
    touched = _touched(change)
    for record_type, ids in sorted(touched.items()):
        rows = ApprovalRequest.objects.filter(
            subject_type=record_type, subject_id__in=sorted(ids), state__in=LIVE
        )
        for request in list(rows.order_by("pk")):
            _compare(request, change)


def _touched(change: Change) -> dict[str, set[int]]:
    """Return the records whose content may have changed, by record type."""
    found: dict[str, set[int]] = defaultdict(set)
    known = purposes.every()
    if not known:
        return found
    for model, records in _written(change).items():
        label = model._meta.label_lower
        for purpose in known:
            if purpose.record_type == label:
                found[label] |= {record.pk for record in records}
            elif label in purpose.parts:
                owners = {purpose.parts[label](record) for record in records}
                found[purpose.record_type] |= {pk for pk in owners if pk is not None}
    return found


def _written(change: Change) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for model, records in (*change.created.items(), *change.removed.items()):
        found[model] += records
    for model, pairs in change.changed.items():
        found[model] += [record for record, _ in pairs]
    return found


def _compare(request: ApprovalRequest, change: Change) -> None:
    """End one request whose record has another content now; keep up with the record's owner where it has not."""
    purpose = purposes.find(request.purpose)
    if purpose is None:
        return
    record = purpose.model._base_manager.filter(pk=request.subject_id).first()
    owner = purpose.owner(record) if record is not None else None
    bound = "" if record is None else content.digest(purpose.content(record))
    if bound == request.content_hash and owner == request.subject_owner_id:
        return
    held = audit.lock(ApprovalRequest.objects.all(), pk=request.pk)
    if held.state not in LIVE:
        return
    if bound == held.content_hash:
        held.subject_owner_id = owner
        audit.write(held)
        return
    _end(held, purpose, record, change)


def _end(request: ApprovalRequest, purpose: Purpose, record: Any, change: Change) -> None:
    recalling.cancel(request)
    told = [line.label for line in _moved(request, purpose, record)]
    note = f"{', '.join(told) or 'The content'} changed after it was submitted."
    storing.end(request, RequestState.STALE, by=change.by, now=change.occurred_at, note=note)
    if record is not None:
        purpose.stale(purpose.locked(record.pk), request)


def _moved(request: ApprovalRequest, purpose: Purpose, record: Any) -> list[content.Line]:
    if record is None:
        return []
    now = content.plain(dict(purpose.content(record)))
    return [line for line in content.lines(now, purpose.labels, request.snapshot) if line.moved]
