"""The page of attempts to pass gates: which criteria refuse how often, and the attempts behind each."""

from django.http import HttpRequest, HttpResponse

from opportunities.queries import attempts
from opportunities.views import periods
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.rendering import show


@record(GET="view")
def attempts_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show each criterion with how often it was asked, failed and was excused; below, the attempts of one of them."""
    period = periods.read(request)
    chosen = request.GET.get("criterion", "")[:80]
    report = attempts.attempts(request.user, period.since, period.until)
    address = Address("/gate-attempts/", {"days": str(period.back or periods.USUAL)})
    line = next((one for one in report.lines if one.key == chosen), None)
    behind = attempts.of_criterion(request.user, chosen, period.since, period.until) if line else []
    context = {
        "title": "Gate attempts",
        "report": report,
        "period": period,
        "lengths": [(back, address.to(days=back)) for back in periods.OFFERED],
        "lines": [(one, address.to(criterion=one.key)) for one in report.lines],
        "chosen": line,
        "behind": behind,
    }
    return show(request, "hygiene/attempts.html", context)
