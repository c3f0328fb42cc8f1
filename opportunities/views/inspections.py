"""The weekly inspections: how far they have come, and one deal after another with its five answers filled in."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from opportunities.actions.inspecting import inspect
from opportunities.actions.inspecting.asking import FIELDS
from opportunities.actions.inspecting.forms import begin
from opportunities.enums import InspectionOutcome
from opportunities.metrics import inspections as metrics
from opportunities.models import Opportunity
from opportunities.queries import inspections as queries
from revops.kernel import clocks
from revops.kernel.audit import Blocked, Conflict
from revops.kernel.metrics.sharing import Share
from revops.kernel.people import access, preferences
from revops.kernel.records import registry
from revops.kernel.records.registry import RecordType
from revops.web import figures, inputs, navigation, refusals
from revops.web.access_rows import record
from revops.web.figures import Figure
from revops.web.rendering import is_fragment, show
from revops.web.views.forms import groups, whole

_MOST = 50
navigation.add_report(
    "opportunities.inspectionrecord",
    "Inspection queue",
    "/inspections/",
    "eye-check",
    "inspect commit weekly call",
)
# The outcomes as they stand under a deal, each with its key.
_OUTCOMES = (
    (InspectionOutcome.KEEP, "y", "check"),
    (InspectionOutcome.DOWNGRADE, "d", "arrow-down"),
    (InspectionOutcome.REMOVE, "r", "circle-x"),
    (InspectionOutcome.ESCALATE, "e", "arrow-up"),
)


@record(GET="view")
def inspections_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the inspections of this week: how many were done, rep by rep, and the deals that wait."""
    now, user = clocks.now(), request.user
    with access.remembered():
        waiting = list(queries.due(user, now).select_related("account", "owner")[: _MOST + 1])
        coverage, held = queries.coverage(user, now), preferences.of(user)
        context = {
            "title": "Inspection queue",
            "coverage": coverage,
            "waiting": waiting[:_MOST],
            "more": len(waiting) > _MOST,
            "inspects": access.may_ever(user, "inspect", record_type.label),
            "figures": [_figure(share, held) for share in metrics.figures(user, now)],
        }
    return show(request, "inspections/page.html", context)


@record(GET="view")
def through(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show one deal that waits for its inspection, for who inspects them in one go."""
    return _one(request)


@record(POST="view")
def save(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Save the inspection of a deal, and show the next one. What is refused keeps what was entered."""
    user: Any = request.user
    values = {name: text for name, text in inputs.posted(FIELDS, request.POST, user).items() if text}
    try:
        inspect(by=user, pk=pk, values=values, version=whole(request.POST.get("version", "")))
    except Opportunity.DoesNotExist:
        raise Http404 from None
    except (Blocked, Conflict) as error:
        refusal = refusals.of(error, "The inspection was not saved")
        return _one(request, pk, refusal)
    if not is_fragment(request):
        return HttpResponseRedirect(f"/inspections/through/?at={_place(request)}", status=303)
    return _one(request)


def _figure(share: Share, held: Any) -> Figure:
    """Return a figure that opens the records which it counts."""
    slug = registry.get(share.ratio.record_type).slug
    text = figures.share_in_words(share) or "–"
    return figures.of_share(share, share.ratio.key, text, f"/{slug}/?metric={share.ratio.key}&part=in", held)


def _place(request: HttpRequest) -> int:
    given = request.POST if request.method == "POST" else request.GET
    return whole(given.get("at", "")) or 0


def _one(request: HttpRequest, held: int = 0, refusal: refusals.Refusal | None = None) -> HttpResponse:
    now, user = clocks.now(), request.user
    with access.remembered():
        waiting = list(queries.due(user, now).values_list("pk", flat=True))
        wanted = held or whole(request.GET.get("deal", "")) or 0
        at = waiting.index(wanted) if wanted in waiting else min(_place(request), len(waiting))
        pk = wanted if wanted in waiting or held else (waiting[at] if at < len(waiting) else 0)
        context = {"title": "Inspect", "at": at, "total": len(waiting), "refusal": refusal}
        context |= _deal(request, pk, refusal) if pk else {"deal": None}
    status = 422 if refusal is not None else 200
    return show(request, "inspections/one.html", context, status=status)


def _deal(request: HttpRequest, pk: int, refusal: refusals.Refusal | None) -> dict[str, Any]:
    user: Any = request.user
    deal = Opportunity.objects.visible_to(user).select_related("account", "owner").filter(pk=pk).first()
    if deal is None:
        raise Http404
    answered = queries.answers(deal, user, clocks.now())
    begun = begin(deal, answered)
    entered = inputs.posted(FIELDS, request.POST, user) if refusal is not None else {}
    fields = [one for one in FIELDS if one.name != "outcome"]
    made = [one for _, some in groups(fields, {**begun, **entered}, user, refusal) for one in some]
    return {
        "deal": deal,
        "answers": answered.answers,
        "fields": made,
        "outcomes": [(one, key, icon, one == begun["outcome"]) for one, key, icon in _OUTCOMES],
    }
