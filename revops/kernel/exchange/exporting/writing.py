"""Writes the file of a queued export: rows are streamed, memory does not grow with them.

What goes in is decided now, by the rights its requester has now (A17): the list is read again, the columns are asked
again, the approval must be for this content and not older than 7 days. One statement reads all rows, so the file is
one moment of the list (D37).
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q

from revops.kernel import audit, clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.exporting import actions, files, tables
from revops.kernel.exchange.exporting import content as contents
from revops.kernel.exchange.exporting.content import Content
from revops.kernel.exchange.exporting.enums import ExportState
from revops.kernel.exchange.exporting.files import Written
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.exchange.exporting.standing import standing_of
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import listing

REPORTS = "reports"
CHUNK = 1_000
KEPT_FOR = timedelta(days=7)
# A worker that was not heard of for so long is gone; another takes the export over.
SILENT_FOR = timedelta(minutes=10)


class Denied(Exception):
    """The person who asked may no longer have this; the message says what they lost."""


class Grown(Exception):
    """The list has grown beyond what needs no approval; `args[0]` holds the reasons."""


class Taken(Exception):
    """Another worker has taken this export over."""


@dataclass(slots=True)
class Job:
    """One attempt at one export: the claim that fences it, and how many rows it wrote."""

    export: DataExport
    claim: UUID
    rows: int = 0

    def heartbeat(self) -> None:
        """Say how far it is. Raises Taken when the export belongs to another worker or waits no longer."""
        held = DataExport.objects.filter(pk=self.export.pk, claim=self.claim, state=ExportState.QUEUED)
        if not held.update(written=self.rows, claimed_at=clocks.now()):
            raise Taken


def write(pk: int) -> str:
    """Write the file of the export `pk` and tell its requester; return its state. Safe to repeat, and at once.

    An export that is not queued, or that another worker holds, is left alone.
    """
    job = _claim(pk)
    if job is None:
        return "nothing to do"
    export, system = job.export, User.objects.system()
    with audit.door(audit.Source.JOB, request_id=f"export:{pk}", acting_for=export.requested_by):
        try:
            content = _readable_now(export)
            written = _fill(job, content)
        except Taken:
            return "taken over"
        except Denied as reason:
            return _end(job, system, ExportState.DENIED, failure=str(reason))
        except Grown as grown:
            return _end(job, system, ExportState.WAITING, approval_reasons=grown.args[0])
        except OSError as error:
            told = f"The file could not be written ({error.strerror or 'no more is known'}). Ask for it again later."
            return _end(job, system, ExportState.FAILED, failure=told)
        return _hand_over(job, system, written)


def _claim(pk: int) -> Job | None:
    now, claim = clocks.now(), uuid4()
    free = Q(claim__isnull=True) | Q(claimed_at__lt=now - SILENT_FOR)
    if not DataExport.objects.filter(free, pk=pk, state=ExportState.QUEUED).update(
        claim=claim, claimed_at=now, written=0
    ):
        return None
    return Job(DataExport.objects.select_related("requested_by").get(pk=pk), claim)


def _readable_now(export: DataExport) -> Content:
    """Return the content as its requester may have it now. Raises Denied."""
    by = export.requested_by
    if not by.is_active or not access.rights(by, "exchange.dataexport").creatable:
        raise Denied("Your role may no longer export.")
    try:
        content = contents.read(
            by,
            export.record_type,
            export.parameters,
            columns=export.columns,
            format=export.format,
            layout=export.layout,
            exact=export.exact,
        )
    except LookupError:
        raise Denied("Your role no longer sees this list.") from None
    except Blocked as refused:
        raise Denied(f"Your rights have changed since you asked. {refused}"[:500]) from None
    if content.hash_for(by) != export.content_hash:
        raise Denied("What you asked for reads differently now; ask for it again.")
    return content


def _approved(export: DataExport) -> bool:
    """Say whether an approval of this very content stands, not older than 7 days."""
    granted = export.covered_by or export
    if granted.decided_at is None or granted.state in (ExportState.REJECTED, ExportState.WAITING):
        return False
    same = granted.content_hash == export.content_hash and granted.requested_by_id == export.requested_by_id
    return same and granted.decided_at > clocks.now() - actions.APPROVED_FOR


def _fill(job: Job, content: Content) -> Written:
    """Stream the rows into a file. Raises Grown, Taken and OSError; then there is no file."""
    export, by = job.export, job.export.requested_by
    table, approved = tables.make(content, by), _approved(export)
    if not approved and (reasons := contents.reasons_for_approval(content, 0)):
        raise Grown(reasons)
    with files.drafted(export.format, table.headings, exact=export.exact) as draft:
        with transaction.atomic(using=REPORTS), closing(_chunks(content, table, by)) as chunks:
            for rows in chunks:
                titles = listing.referenced(content.record_type, rows, by) if tables.linked(content) else {}
                for row in rows:
                    draft.sheet.add(table.cells(row, titles))
                job.rows += len(rows)
                if not approved and (reasons := contents.reasons_for_approval(content, job.rows)):
                    raise Grown(reasons)
                job.heartbeat()
        return draft.finish()


def _chunks(content: Content, table: tables.Table, by: Any) -> Generator[list[dict[str, Any]], None, None]:
    query = content.query
    column = F(query.sort.compared)
    order = (
        (column.desc(nulls_last=True), F("pk").desc())
        if query.descending
        else (column.asc(nulls_last=True), F("pk").asc())
    )
    rows = listing.matching(query, by).using(REPORTS).order_by(*order).values(*table.names)
    stream = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _end(job: Job, by: User, state: ExportState, **values: Any) -> str:
    """Record how an attempt ended without a file, and tell the person who asked or the approvers."""
    with audit.change(by=by, action=f"export.{state}"):
        export = _locked(job)
        if export is None:
            return "taken over"
        export.state = state
        for name, value in values.items():
            setattr(export, name, value)
        if state == ExportState.WAITING:
            export.covered_by = None
        audit.write(export)
        if state == ExportState.WAITING:
            DataExport.objects.filter(pk=export.pk).update(claim=None)
            actions.announce(export)
        else:
            actions.tell(export, f"export.{state}", "Your export was not written", export.failure)
    return str(state)


def _hand_over(job: Job, by: User, written: Written) -> str:
    """Record the file and tell the person who asked; delete it when that cannot be done."""
    try:
        with audit.change(by=by, action="export.ready") as change:
            export = _locked(job)
            if export is None:
                raise Taken
            export.state, export.ready_at = ExportState.READY, change.recorded_at
            export.expires_at = change.recorded_at + KEPT_FOR
            export.rows, export.size, export.sha256 = job.rows, written.size, written.sha256
            export.stored_name = written.name
            export.standing = standing_of(export.requested_by, export.record_type)
            audit.write(export)
            told = f"Your export of {job.rows:,} rows is ready"
            actions.tell(export, "export.ready", told, "It can be downloaded for 7 days.")
    except Taken:
        files.delete(written.name)
        return "taken over"
    except BaseException:
        files.delete(written.name)
        raise
    return str(ExportState.READY)


def _locked(job: Job) -> DataExport | None:
    export: DataExport = audit.lock(DataExport.objects.all(), pk=job.export.pk)
    return export if export.claim == job.claim and export.state == ExportState.QUEUED else None
