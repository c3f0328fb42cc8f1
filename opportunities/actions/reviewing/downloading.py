"""Hand out a frozen pipeline as a file, by the rules of exports: over what one sees, at most 1,000 rows, and logged."""

import hashlib

from opportunities.models import PipelineReview, PipelineRun
from opportunities.queries.pipeline import showing
from opportunities.queries.pipeline.showing import Sheet
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding
from revops.kernel.exchange.exporting.content import APPROVAL_ROWS
from revops.kernel.exchange.exporting.enums import ExportFormat, ExportState
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.identity.models import User
from revops.kernel.people import access

EXPORT = "exchange.dataexport"


def download(*, by: User, pk: int) -> Sheet:
    """Return the frozen rows of a review that `by` sees now, as cells; the trail keeps who took them.

    Raises Forbidden for a role that may not export, Blocked where nothing is frozen yet or an approval would be
    needed, DoesNotExist outside one's scope.
    """
    if not access.rights(by, EXPORT).creatable:
        raise access.Forbidden("Your role may not export.")
    review = PipelineReview.objects.visible_to(by).get(pk=pk)
    if review.run_id is None:
        message = "The rows of this review are not frozen yet. They are on Monday morning."
        raise audit.Blocked.because("PIP-004", message, field="run", needed="a frozen table")
    run = PipelineRun.objects.get(pk=review.run_id)
    rows = showing.visible_rows(run, by)
    if len(rows) > APPROVAL_ROWS:
        message = (
            f"The table has {len(rows):,} rows that you see; more than {APPROVAL_ROWS:,} need an approval. Ask for an "
            "export of the list of deals of this team instead."
        )
        found = Finding("PIP-005", message, found=str(len(rows)), needed=f"at most {APPROVAL_ROWS:,} rows")
        raise audit.Blocked([found])
    sheet = showing.sheet(run, rows)
    _log(by, run, sheet)
    return sheet


def _log(by: User, run: PipelineRun, sheet: Sheet) -> None:
    """Put the file into the log of exports: who took what, and its digest. Nothing of it is kept."""
    headings, *lines = sheet.rows
    whole = "\r\n".join(",".join(row) for row in sheet.rows).encode()
    digest = hashlib.sha256(whole).hexdigest()
    with audit.change(by=by, action="pipeline_run.download"):
        export = audit.write(
            DataExport(
                record_type=PipelineReview._meta.label_lower,
                parameters={"week": run.week.isoformat()},
                columns=list(headings),
                format=ExportFormat.CSV,
                purpose=f"The frozen pipeline {showing.number(run.pk)}, from its review",
                requested_by=by,
                content_hash=digest,
                counted=len(lines),
                state=ExportState.EXPIRED,
                rows=len(lines),
                size=len(whole),
                sha256=digest,
            )
        )
        told = {"run": run.pk, "rows": len(lines), "checksum": run.checksum, "by": by.pk}
        outbox.emit("export.created", export, told)
