"""Where imports begin: the list of all, and the page that takes a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.drafts import wizard
from revops.kernel.people import access
from revops.web import import_steps, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.views.forms import whole
from revops.web.views.imports import drafts

PAGE = 50


@page("GET")
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the imports one may see, the newest first, with state and progress."""
    user = drafts.require(request)
    rows = wizard.drafts(by=user).select_related("created_by")
    if before := whole(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    labels = {one.name: one.label for one in wizard.objects(by=user)}
    entries = [import_steps.entry(one, labels) for one in found[:PAGE]]
    context = {
        "entries": entries,
        "working": any(one.percent or one.draft.token for one in entries if one.tone == "blue"),
        "older": f"/imports/?before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "may_create": bool(access.rights(user, drafts.LABEL).creatable),
    }
    return show(request, "imports/list.html", context)


@page("GET", "POST")
def new_page(request: HttpRequest) -> HttpResponse:
    """Take a file and what its rows are; a file that cannot be read is refused in words."""
    user = drafts.require(request, create=True)
    chosen = request.POST.get("object", request.GET.get("object", ""))
    refusal = None
    if request.method == "POST":
        file: Any = request.FILES.get("file")
        try:
            if file is None:
                raise Blocked.because(
                    "WEB-010",
                    "Choose a file to import.",
                    field="file",
                    needed="a CSV file or an Excel workbook",
                )
            draft = wizard.upload(by=user, object=chosen, file=file, name=file.name or "")
            return drafts.go(request, import_steps.url(draft, "read"))
        except Blocked as error:
            refusal = refusals.of(error, "The file was not taken", fields=["file", "object"])
        except LookupError as error:
            refusal = refusals.Refusal("The file was not taken", (Finding("WEB-011", str(error)),))
    objects = wizard.objects(by=user)
    context = {"objects": objects, "chosen": chosen, "refusal": refusal}
    return show(request, "imports/new.html", context, status=422 if refusal else 200, fragment=False)


@page("GET")
def start_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the step on which an import waits."""
    draft = drafts.find(request, pk)
    return drafts.go(request, import_steps.url(draft, import_steps.landing(draft)))


@page("POST")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an import that was never committed, and its file."""
    draft = drafts.find(request, pk)
    refusal = drafts.tried(
        lambda: wizard.discard(by=drafts.who(request), pk=draft.pk), "The import was not discarded"
    )
    if refusal is None:
        return drafts.go(request, "/imports/")
    context = {"objects": wizard.objects(by=drafts.who(request)), "chosen": draft.object, "refusal": refusal}
    return show(request, "imports/new.html", context, status=422, fragment=False)


@page("GET")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how far the work in the background is; lead on to its result when it is over."""
    draft = drafts.find(request, pk)
    found = wizard.progress(draft)
    if not found.is_working:
        return drafts.go(request, import_steps.url(draft, import_steps.landing(draft)))
    context = {"draft": draft, "progress": found, "url": import_steps.url(draft)}
    return show(request, "imports/progress.html", context, fragment=True)
