"""The steps between mapping and import: what a check found, and cells written anew in the page."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from revops.kernel.audit import Blocked
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import EDITABLE, DraftState, ImportDraft
from revops.web import import_steps, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.views.forms import whole
from revops.web.views.imports import drafts

PAGE = 50
_FILTERS = ("code", "column", "weight")


@page("GET", "POST")
def check_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a check, and show what the last one found: what would become of the rows, findings by code."""
    draft, refusal = drafts.find(request, pk), None
    if request.method == "POST":
        refusal = drafts.tried(
            lambda: wizard.check(by=drafts.who(request), pk=pk), "The file was not checked"
        )
        draft = drafts.find(request, pk)
    if DraftState(draft.state).is_working or draft.state == DraftState.REFUSED:
        return drafts.render(request, draft, "check", refusal=refusal)
    summary = wizard.summary(draft)
    context = {
        "summary": summary,
        "outcomes": import_steps.counted(summary) if summary else [],
        "groups": [(group, _address(draft, code=group.code, column=group.column)) for group in summary.groups]
        if summary
        else [],
        "editable": draft.state in EDITABLE,
    }
    return drafts.render(request, draft, "check", refusal=refusal, **context)


def _address(draft: ImportDraft, **wanted: str) -> str:
    query = urlencode({name: text for name, text in wanted.items() if text})
    return f"{import_steps.url(draft, 'repair')}?{query}" if query else import_steps.url(draft, "repair")


@page("GET", "POST")
def repair_page(request: HttpRequest, pk: int) -> HttpResponse:
    """List the findings of the last check with their cells, and check the repaired rows again."""
    draft, refusal = drafts.find(request, pk), None
    if request.method == "POST":
        refusal = drafts.tried(
            lambda: wizard.recheck(by=drafts.who(request), pk=pk), "The repaired rows were not checked"
        )
        draft = drafts.find(request, pk)
    if DraftState(draft.state).is_working:
        return drafts.render(request, draft, "repair", refusal=refusal)
    summary = wizard.summary(draft)
    if summary is None:
        return drafts.go(request, import_steps.url(draft, "check"))
    found, checked = _found(draft, request.GET), request.method == "POST" and refusal is None
    return drafts.render(request, draft, "repair", refusal=refusal, summary=summary, checked=checked, **found)


def _found(draft: ImportDraft, query: QueryDict) -> dict[str, Any]:
    """Return a page of findings by the filters of the address, and the cells that were written anew."""
    wanted = {name: query.get(name, "") for name in _FILTERS}
    found = wizard.findings(draft, **wanted, after=query.get("after", ""), limit=PAGE)
    summary, chosen = wizard.summary(draft), (wanted["code"], wanted["column"])
    groups: dict[tuple[str, str], int] = {}
    for group in summary.groups if summary else ():
        groups[group.code, group.column] = groups.get((group.code, group.column), 0) + group.count
    return {
        "found": found,
        "filters": wanted,
        "filtered": any(wanted.values()),
        "groups": [
            (code, column, count, _address(draft, code=code, column=column), chosen == (code, column))
            for (code, column), count in groups.items()
        ],
        "next": _address(draft, **wanted, after=found.next) if found.next else "",
        "first": _address(draft, **wanted) if query.get("after") else "",
        "repairs": wizard.repairs(draft),
        "editable": draft.state in EDITABLE,
    }


@page("POST")
def cell(request: HttpRequest, pk: int) -> HttpResponse:
    """Write one cell anew, or every cell of its column that says the same; or take a repair back."""
    draft, form = drafts.find(request, pk), request.POST
    line, place = whole(form.get("line", "")), whole(form.get("place", ""))
    if line is None or place is None:
        raise Http404
    text, before = form.get("text", "").replace("\r\n", "\n"), form.get("before", "")
    context: dict[str, Any] = {"url": import_steps.url(draft), "line": line, "place": place, "text": text}
    try:
        match form.get("do", ""):
            case "undo":
                wizard.undo_repair(by=drafts.who(request), pk=pk, line=line, place=place)
                context |= {"undone": True}
            case "everywhere":
                _, count = wizard.replace_everywhere(
                    by=drafts.who(request), pk=pk, place=place, found=before, text=text
                )
                context |= {"count": count, "before": text}
            case _:
                wizard.repair(by=drafts.who(request), pk=pk, line=line, place=place, text=text)
                context |= {"count": 1, "before": text}
    except Blocked as error:
        context |= {"before": before, "refusal": refusals.of(error, "The cell was not written")}
    return show(
        request, "imports/cell.html", context, status=422 if "refusal" in context else 200, fragment=True
    )
