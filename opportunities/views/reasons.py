"""The page of reasons: why deals go as they go, and what the list of reasons lacks."""

from django.http import HttpRequest, HttpResponse

from opportunities.models import Reason
from opportunities.queries import reasons
from opportunities.views import periods
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.rendering import show


@record(GET="view")
def reasons_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show how often each reason was given in a period, by segment, competitor or owner."""
    period = periods.read(request)
    by = request.GET.get("by", "")
    by = by if by in reasons.DIMENSIONS else "segment"
    report = reasons.report(request.user, period.since, period.until, by=by)
    address = Address("/reasons/", {"by": by, "days": str(period.back or periods.USUAL)})
    context = {
        "title": "Reasons",
        "report": report,
        "period": period,
        "by": by,
        "dimensions": [(name, address.to(by=name)) for name in reasons.DIMENSIONS],
        "lengths": [(back, address.to(days=back)) for back in periods.OFFERED],
    }
    return show(request, "hygiene/reasons.html", context)


@record(GET="view")
def uses_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the deals for which one reason was given in a period."""
    period, code = periods.read(request), request.GET.get("code", "")[:40]
    reason = Reason.objects.filter(code=code).first() if code.isprintable() else None
    found = reasons.uses(request.user, code, period.since, period.until) if reason is not None else []
    context = {"title": "Reason given", "reason": reason, "found": found, "most": reasons.MOST_USES}
    return show(request, "hygiene/reason_uses.html", context)
