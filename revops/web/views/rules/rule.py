"""One rule: what it says now and for whom, its versions, what it decided; and two of its versions side by side."""

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.identity.models import User
from revops.kernel.policies import comparing
from revops.web import preferences
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.rules import compared, decided, readers, standing, told
from revops.web.rules.standing import Standing
from revops.web.views.forms import whole

LAST = 20


def find(user: User, key: str) -> Standing:
    """Return how a rule stands. Raises Http404 for a key that nobody registers."""
    try:
        return standing.of(user, key)
    except LookupError:
        raise Http404 from None


@page("GET")
def rule_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one rule whole."""
    user = readers.reader(request.user)
    one = find(user, key)
    outcome, before = request.GET.get("outcome", "")[:40], whole(request.GET.get("before", "")) or 0
    last = decided.last(user, key, limit=LAST + 1, outcome=outcome, before=before)
    context = {
        "rule": one,
        "domain": told.domain(key),
        "counts": decided.lately(user, key=key).get(key, {}).items(),
        "days": decided.LATELY.days,
        "last": last[:LAST],
        "keeps": key in decided.deciders(),
        "older": last[LAST - 1].pk if len(last) > LAST else 0,
        "outcome": outcome,
        "drafts": readers.drafts(user),
        "drafters": readers.roles("create"),
        "releasers": readers.roles("activate"),
        "set_up": readers.set_up_lasts(),
        "zone": preferences.of(user).zone,
    }
    return show(request, "rules/rule.html", context)


@page("GET")
def compare_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show two versions side by side, by default what is in force and the newest; 0 is the shipped default."""
    user = readers.reader(request.user)
    one = find(user, key)
    newest = one.versions[0] if one.versions else one.main
    right = one.of(_wanted(request, "b", newest.pk))
    left = one.of(_wanted(request, "a", one.beside(right).pk if right else 0))
    if left is None or right is None:
        raise Http404
    context = {
        "rule": one,
        "left": left,
        "right": right,
        "sides": [*one.versions, told.shipped(one.document, in_force=not one.main.pk)],
        "words": compared.words(left.lines, right.lines),
        "settings": compared.settings(left, right),
        "differences": comparing.differences(left.raw, right.raw, one.document),
        "zone": preferences.of(user).zone,
    }
    return show(request, "rules/compare.html", context)


def _wanted(request: HttpRequest, name: str, otherwise: int) -> int:
    """Return the id of a version that an address names. Raises Http404 for what names none."""
    given = request.GET.get(name, "")
    found = whole(given) if given else otherwise
    if found is None:
        raise Http404
    return found
