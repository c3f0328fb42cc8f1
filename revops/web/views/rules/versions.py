"""One version of a rule: what it says and changes, and what may be done with it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import comparing, simulating
from revops.kernel.policies.actions import activate_version, retire_version
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.policies.simulating import Impact
from revops.web import inputs, preferences, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.rules import compared, decided, impacts, readers, standing
from revops.web.rules.standing import Standing
from revops.web.rules.told import Told
from revops.web.views.forms import whole

_FORCE, _DROP = "It was not put in force", "It was not ended"


def find(user: User, pk: int) -> tuple[Standing, Told]:
    """Return a version with its rule. Raises Http404 for one that is not there or whose rule is registered no more."""
    key = PolicyVersion.objects.visible_to(user).filter(pk=pk).values_list("policy__key", flat=True).first()
    try:
        one = standing.of(user, key or "")
    except LookupError:
        raise Http404 from None
    found = one.of(pk)
    if found is None:
        raise Http404
    return one, found


@page("GET")
def version_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version beside what is in force."""
    return _shown(request, pk)


def _shown(
    request: HttpRequest, pk: int, refusal: refusals.Refusal | None = None, status: int = 200
) -> HttpResponse:
    user = readers.reader(request.user)
    one, version = find(user, pk)
    beside = one.beside(version)
    set_up = readers.set_up_lasts()
    reason = request.POST.get("reason", "")[:500]
    said = refusal.by_field.get("reason", ()) if refusal else ()
    context = {
        "rule": one,
        "shown": version,
        "beside": beside,
        "words": compared.words(beside.lines, version.lines) if beside.pk != version.pk else [],
        "settings": compared.settings(beside, version) if beside.pk != version.pk else [],
        "differences": comparing.differences(beside.raw, version.raw, one.document)
        if beside.pk != version.pk
        else [],
        "counts": decided.lately(user, version=pk).get(one.document.key, {}).items(),
        "days": decided.LATELY.days,
        "drafts": readers.drafts(user),
        "puts_in_force": set_up and version.status == Status.DRAFT and readers.puts_in_force(user),
        "ends": _ends(user, version, set_up),
        "set_up": set_up,
        "reason": inputs.Input("reason", "Why", "textarea", reason, required=True, findings=said),
        "refusal": refusal,
        "zone": preferences.of(user).zone,
    }
    return show(request, "rules/version.html", context, status=status)


def _ends(user: Any, version: Told, set_up: bool) -> bool:
    """Say whether somebody may end a version here: drafts always, what is in force while set-up mode lasts."""
    if not access.rights(user, readers.VERSION).action("retire"):
        return False
    return version.status == Status.DRAFT or (version.status == Status.ACTIVE and set_up)


@page("POST")
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft in force now, while set-up mode lasts."""
    user = readers.reader(request.user)
    _, version = find(user, pk)
    try:
        activate_version(by=user, pk=pk, version=_held(request), reason=request.POST.get("reason", "")[:500])
    except (Blocked, Conflict) as error:
        return _shown(request, pk, refusals.of(error, _FORCE, fields=["reason"]), _status(error))
    messages.success(request, f"{version.document.title}: version {version.n} is in force.")
    return HttpResponseRedirect(version.url)


@page("POST")
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """End a version: a draft is dropped, one in force gives way to what is less specific."""
    user = readers.reader(request.user)
    _, version = find(user, pk)
    try:
        retire_version(by=user, pk=pk, version=_held(request), reason=request.POST.get("reason", "")[:500])
    except (Blocked, Conflict) as error:
        return _shown(request, pk, refusals.of(error, _DROP, fields=["reason"]), _status(error))
    messages.success(request, f"{version.document.title}: version {version.n} has ended.")
    return HttpResponseRedirect(version.url)


def _held(request: HttpRequest) -> int | None:
    return whole(request.POST.get("version", ""))


def _status(error: Blocked | Conflict) -> int:
    return 409 if isinstance(error, Conflict) else 422


def _run(user: User, pk: int) -> Impact | None:
    """Run a version over the records there are; None where today's schema refuses it."""
    readers.require_drafts(user)
    stored = PolicyVersion.objects.visible_to(user).select_related("policy").filter(pk=pk).first()
    if stored is None:
        raise Http404
    policy = stored.policy
    try:
        return simulating.simulate(
            policy.key,
            body=stored.body,
            mode=stored.mode,
            scope=policy.scope,
            priority=policy.priority,
            by=user,
        )
    except Blocked:
        return None


@page("GET")
def impact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a version would change if it were in force now."""
    user = readers.reader(request.user)
    found = _run(user, pk)
    shown = impacts.shown(found, user) if found is not None else None
    return show(request, "rules/draft/impact.html", {"shown": shown, "stored": pk}, fragment=True)


@page("GET")
def impact_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the records that a version would change as a file."""
    found = _run(readers.reader(request.user), pk)
    if found is None:
        raise Http404
    return impacts.file(found, f"version-{pk}")
