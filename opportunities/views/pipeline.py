"""The file of a frozen pipeline, as far as its reader sees its deals."""

import csv

from django.http import Http404, HttpRequest, HttpResponse

from opportunities.actions.reviewing.downloading import download
from opportunities.models import PipelineReview
from revops.kernel.audit import Blocked
from revops.kernel.exchange.defusing import defused
from revops.kernel.records.registry import RecordType
from revops.web import refusals
from revops.web.access_rows import record
from revops.web.rendering import show


@record(GET="view")
def export(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Hand out the frozen rows of a review as CSV: the same bytes each time for the same reader."""
    try:
        sheet = download(by=request.user, pk=pk)  # type: ignore[arg-type]
    except PipelineReview.DoesNotExist:
        raise Http404 from None
    except Blocked as error:
        refusal = refusals.of(error, "Nothing was exported")
        return show(
            request, "pipeline/refused.html", {"title": "Not exported", "refusal": refusal}, status=422
        )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{sheet.name}"'
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, no-store"
    writer = csv.writer(response, lineterminator="\r\n")
    for row in sheet.rows:
        writer.writerow([defused(cell) for cell in row])
    return response
