"""The page of the stage funnel: cohorts, and beside them the flow; the two are never mixed."""

from django.http import HttpRequest, HttpResponse

from opportunities.queries import funnel
from opportunities.views import periods
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.rendering import show


@record(GET="view")
def funnel_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show how deals pass from stage to stage in a period, all together and by segment or source."""
    period, by = periods.read(request), request.GET.get("by", "")
    by = by if by in funnel.DIMENSIONS else "segment"
    address = Address("/funnel/", {"by": by, "days": str(period.back or periods.USUAL)})
    context = {
        "title": "Stage funnel",
        "funnels": funnel.funnels(request.user, period.since, period.until, by=by),
        "period": period,
        "by": by,
        "dimensions": [(name, address.to(by=name)) for name in funnel.DIMENSIONS],
        "lengths": [(back, address.to(days=back)) for back in periods.OFFERED],
        "few": funnel.FEW,
    }
    return show(request, "hygiene/funnel.html", context)
