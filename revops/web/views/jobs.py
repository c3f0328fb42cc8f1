"""The scheduled jobs: what runs by itself, who answers for it, when it last did and whether it is late."""

from django.http import HttpRequest, HttpResponse

from revops.kernel.outbox import status
from revops.kernel.people.enums import Role
from revops.web import formatting, preferences
from revops.web.access_rows import page
from revops.web.navigation import JOBS_ROLES
from revops.web.rendering import show


@page("GET", roles=JOBS_ROLES)
def jobs_page(request: HttpRequest) -> HttpResponse:
    """Show the cadence register."""
    zone = preferences.of(request.user).zone
    entries = [
        {
            "job": one,
            "owner": Role(one.owner).label if one.owner in Role else one.owner,
            "last": formatting.instant(one.last_run_at, zone) if one.last_run_at else "",
            "ago": formatting.relative(one.last_run_at) if one.last_run_at else "never",
            "due": formatting.instant(one.next_due_at, zone),
            "due_in": formatting.relative(one.next_due_at),
            "trouble": one.late or one.state in ("failed", "abandoned"),
        }
        for one in status.job_register()
    ]
    late = sum(1 for entry in entries if entry["trouble"])
    return show(request, "pages/jobs.html", {"entries": entries, "late": late})
