"""Approvals: what waits for one's decision and what one has asked for; decide a step; let somebody decide instead."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from revops.kernel import approvals
from revops.kernel.approvals import queries
from revops.kernel.approvals.actions.delegating import end_delegation
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records.work.approvals import delegating, showing
from revops.web import inputs, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.views import listing
from revops.web.views.forms import whole

LABEL = "approvals.approvalrequest"
MOST = 50
DELEGATIONS = "/settings/delegations/"


@page("GET")
def front(request: HttpRequest) -> HttpResponseBase:
    """Show what waits for one's decision and what one has asked for; with any parameter, the list of all."""
    if request.GET:
        return listing.list_page(request, label=LABEL)
    user: Any = request.user
    if not access.rights(user, LABEL).sees_any:
        raise Http404
    steps = list(queries.inbox(user)[: MOST + 1])
    asked = ApprovalRequest.objects.visible_to(user).filter(submitter=user).order_by("-submitted_at", "-pk")
    context = {
        "steps": steps[:MOST],
        "more": len(steps) > MOST,
        "asked": [(one, showing.STATE_TONES[one.state]) for one in asked[:MOST]],
        "all_url": "/approvals/?sort=-submitted_at",
        "asked_url": f"/approvals/?submitter={user.pk}",
    }
    return show(request, "approvals/front.html", context)


def _seen(request: HttpRequest, pk: int) -> ApprovalRequest:
    if not access.rights(request.user, LABEL).sees_any:
        raise Http404
    rows = ApprovalRequest.objects.visible_to(request.user).select_related("submitter")
    found: ApprovalRequest | None = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Http404
    return found


@page("POST")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject one step; what is refused keeps the comment. Reading the page decides nothing."""
    found, user = _seen(request, pk), _user(request)
    step = whole(request.POST.get("step", ""))
    if step is None or not ApprovalStep.objects.filter(pk=step, request=found).exists():
        raise Http404
    comment = request.POST.get("comment", "")
    decision = request.POST.get("decision", "")
    try:
        ended = approvals.decide(by=user, step=step, decision=decision, comment=comment)
    except Blocked as error:
        refusal, status = refusals.of(error, "Nothing was decided", fields=["comment"]), 422
    except Conflict as error:
        refusal, status = refusals.of(error), 409
    else:
        said = "Rejected" if decision == "reject" else "Approved"
        messages.success(request, f"{said}. The request is {str(ended.get_state_display()).lower()}.")
        return HttpResponseRedirect(ended.get_absolute_url(), status=303)
    context = {
        "data": showing.request(_seen(request, pk), user),
        "refusal": refusal,
        "comment": comment,
        "refused_step": step,
        "title": found.title,
    }
    return show(request, "approvals/refused.html", context, status=status, fragment=False)


def _user(request: HttpRequest) -> Any:
    return request.user


@page("GET", "POST")
def delegations(request: HttpRequest) -> HttpResponse:
    """Show who decides in one's place, and in whose place one does; add one."""
    user = _user(request)
    if not access.rights(user, "approvals.delegation").sees_any:
        raise Http404
    refusal, entered, status = None, {}, 200
    if request.method == "POST":
        entered = inputs.posted(delegating.FIELDS, request.POST)
        try:
            made = delegating.delegate(by=user, values=entered)
        except Blocked as error:
            refusal = refusals.of(error, "Nothing was delegated", fields=entered)
            status = 422
        else:
            messages.success(request, f"{made.delegate} decides for you.")
            return HttpResponseRedirect(DELEGATIONS, status=303)
    findings = refusal.by_field if refusal else {}
    context = {
        "entries": delegating.entries(user),
        "can_add": bool(access.rights(user, "approvals.delegation").creatable),
        "fields": [
            inputs.make(field, entered.get(field.name, ""), user=user, findings=findings)
            for field in delegating.FIELDS
        ],
        "refusal": refusal,
    }
    return show(request, "settings/delegations.html", context, status=status, fragment=False)


@page("POST")
def delegation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation now."""
    try:
        end_delegation(by=_user(request), pk=pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Blocked as error:
        messages.error(request, error.findings[0].message)
    else:
        messages.success(request, "The delegation has ended. What was decided under it stands.")
    return HttpResponseRedirect(DELEGATIONS, status=303)
