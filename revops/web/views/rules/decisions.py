"""One decision of a rule: what was asked, which facts it saw, what it said; and the same decided again."""

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.policies.models import Decision
from revops.web import preferences
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.rules import decided, readers, told


@page("GET")
def decision_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a decision about a record that one sees; `?again=1` takes it again and lays both side by side."""
    user = readers.reader(request.user)
    try:
        one = decided.find(user, pk)
    except Decision.DoesNotExist:
        raise Http404 from None
    unread = decided.hidden(user, one)
    again = decided.again(one, unread) if request.GET.get("again") else None
    context = {
        "decision": one,
        "title": decided.title(one.policy_key),
        "rule_url": told.rule_url(one.policy_key),
        "line": decided.lines(user, [one])[0],
        "verdicts": again.verdicts if again else decided.verdicts(one, unread),
        "facts": decided.observed(one, unread),
        "question": decided.question(one),
        "again": again,
        "zone": preferences.of(user).zone,
    }
    return show(request, "rules/decision.html", context)
