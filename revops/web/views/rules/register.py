"""The register of the rules: all of them by domain, or those that hold for one record."""

from django.http import Http404, HttpRequest, HttpResponse

from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.rules import decided, readers, register, standing


@page("GET")
def rules_page(request: HttpRequest) -> HttpResponse:
    """Show every rule as it stands now; `?q=` narrows by words, `?for=accounts.account:7` by a record."""
    user = readers.reader(request.user)
    words, named = request.GET.get("q", "")[:80], request.GET.get("for", "")[:80]
    record = register.asked(user, named) if named else None
    if named and record is None:
        raise Http404
    standings = standing.every(user)
    wanted = register.about(standings, record) if record is not None else standings
    shown = register.found(wanted, words)
    context = {
        "sections": register.sections(shown, decided.lately(user), record),
        "record": record,
        "named": named,
        "words": words,
        "shown": len(shown),
        "all": len(wanted),
        "days": decided.LATELY.days,
        "set_up": readers.set_up_lasts(),
        "ends_set_up": readers.ends_set_up(user),
    }
    return show(request, "rules/register.html", context)
