"""What every page of the wizard shares: the import it is about, the header of steps, refusals, progress."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect

from revops.kernel.audit import Blocked
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import DraftState, ImportDraft
from revops.kernel.people import access
from revops.web import import_steps, refusals
from revops.web.import_steps import TONES
from revops.web.rendering import is_fragment, show

LABEL = "exchange.importdraft"


def require(request: HttpRequest, *, create: bool = False) -> Any:
    """Return the person. Raises Http404 for who sees no imports, Forbidden for who may not begin one."""
    held = access.rights(request.user, LABEL)
    if not held.sees_any:
        raise Http404
    if create and not held.creatable:
        raise access.Forbidden("Your role may not import.")
    return request.user


def who(request: HttpRequest) -> Any:
    """Return the person who asks; the address is open to nobody else."""
    return request.user


def find(request: HttpRequest, pk: int) -> ImportDraft:
    """Return one import as this person may see it. Raises Http404."""
    user = require(request)
    if not 0 < pk < 2**63:
        raise Http404
    try:
        return wizard.get(by=user, pk=pk)
    except ImportDraft.DoesNotExist:
        raise Http404 from None


def render(
    request: HttpRequest,
    draft: ImportDraft,
    step: str,
    *,
    refusal: refusals.Refusal | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a step: its header and, unless work goes on in the background, its content."""
    tone, icon = TONES[DraftState(draft.state)]
    held = access.allowed(request.user, "commit", draft)
    shown = {
        "draft": draft,
        "object": label_of(request.user, draft),
        "step": step,
        "step_label": import_steps.LABELS[step],
        "steps": import_steps.steps(draft, step),
        "url": import_steps.url(draft),
        "tone": tone,
        "icon_of_state": icon,
        "size": import_steps.size(draft.size),
        "progress": wizard.progress(draft),
        "may_write": held,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return show(request, f"imports/{step}.html", shown | context, status=status)


def label_of(user: Any, draft: ImportDraft) -> str:
    """Return what is imported, in words."""
    labels = {one.name: one.label for one in wizard.objects(by=user)}
    return labels.get(draft.object, draft.object.replace("_", " ").capitalize())


def tried(call: Callable[[], Any], title: str) -> refusals.Refusal | None:
    """Do one thing to an import; return what was said against it."""
    try:
        call()
    except Blocked as error:
        return refusals.of(error, title)
    return None


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on: a whole page by its address, a fragment by telling htmx."""
    if is_fragment(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url, status=303)
