"""The steps from a checked file to records and back: import, report, its rows, its error file, revert."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from revops.kernel.audit import Blocked
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import DraftState
from revops.kernel.exchange.models import RowOutcome
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.web import formatting, import_rows, import_steps, preferences, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.views.forms import whole
from revops.web.views.imports import drafts

_SHOWN = 100


@page("GET", "POST")
def commit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the import will do, begin it, and go on with one that stopped."""
    draft, refusal = drafts.find(request, pk), None
    if request.method == "POST":
        refusal = drafts.tried(lambda: wizard.commit(by=drafts.who(request), pk=pk), "Nothing was imported")
        draft = drafts.find(request, pk)
        if refusal is None and not DraftState(draft.state).is_working:
            return drafts.go(request, import_steps.url(draft, import_steps.landing(draft)))
    if DraftState(draft.state).is_working:
        return drafts.render(request, draft, "commit", refusal=refusal)
    summary = wizard.summary(draft)
    if summary is None:
        return drafts.go(request, import_steps.url(draft, "check"))
    context: dict[str, Any] = {
        "summary": summary,
        "outcomes": import_steps.counted(summary),
        "coming": summary.created + summary.updated,
        "stopped": draft.state == DraftState.STOPPED,
        "denied": draft.state == DraftState.DENIED,
        "trouble": draft.trouble,
        "written": draft.done,
    }
    return drafts.render(request, draft, "commit", refusal=refusal, **context)


@page("GET")
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the import did; every count leads to its rows."""
    draft = drafts.find(request, pk)
    if draft.state in (DraftState.READING, DraftState.CHECKING, DraftState.COMMITTING):
        return drafts.go(request, import_steps.url(draft, import_steps.landing(draft)))
    report = wizard.report(draft, by=drafts.who(request))
    zone = preferences.of(request.user).zone
    seconds = (
        (report.finished_at - report.started_at).total_seconds()
        if report.started_at and report.finished_at
        else 0
    )
    context: dict[str, Any] = {
        "report": report,
        "outcomes": import_steps.counted(report),
        "finished": formatting.instant(report.finished_at, zone) if report.finished_at else "",
        "rate": f"{report.rows / seconds:,.0f}" if seconds >= 1 else "",
        "run": draft.run,
        "reverted": draft.state == DraftState.REVERTED,
    }
    return drafts.render(request, draft, "report", **context)


@page("GET")
def rows_page(request: HttpRequest, pk: int) -> HttpResponse:
    """List the rows of an import with what became of them, and the records they lead to."""
    draft = drafts.find(request, pk)
    if draft.run_id is None:
        raise Http404
    outcome, after = request.GET.get("outcome", ""), whole(request.GET.get("after", "")) or 0
    found, following = import_rows.lines(draft.run_id, request.user, outcome, after)
    base = f"{import_steps.url(draft, 'rows')}?outcome={outcome}" if outcome in RowOutcome.values else ""
    base = base or f"{import_steps.url(draft, 'rows')}?"
    context = {
        "draft": draft,
        "url": import_steps.url(draft),
        "rows": found,
        "next": f"{base}&after={following}" if following else "",
        "outcome": str(RowOutcome(outcome).label) if outcome in RowOutcome.values else "All",
    }
    return show(request, "imports/rows.html", context)


@page("GET")
def error_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the rows that were rejected, with why, as CSV: to be mended and imported again."""
    draft = drafts.find(request, pk)
    try:
        lines = wizard.error_file(draft, by=drafts.who(request))
    except Blocked as error:
        return drafts.render(
            request, draft, "report", refusal=refusals.of(error, "There is no error file"),
            report=wizard.report(draft, by=drafts.who(request)), outcomes=[],
        )  # fmt: skip
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{draft.pk}-rejected.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@page("GET", "POST")
def revert_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a revert would remove, restore and keep, and begin it."""
    draft, refusal = drafts.find(request, pk), None
    access.require(request.user, "revert", draft)
    if request.method == "POST":
        refusal = drafts.tried(lambda: wizard.revert(by=drafts.who(request), pk=pk), "Nothing was reverted")
        if refusal is None:
            return drafts.go(request, import_steps.url(draft, "report"))
        draft = drafts.find(request, pk)
    plan = None
    try:
        plan = wizard.revert_plan(draft, by=drafts.who(request))
    except Blocked as error:
        refusal = refusal or refusals.of(error, "This import cannot be reverted")
    context = {
        "draft": draft,
        "url": import_steps.url(draft),
        "plan": plan,
        "types": _by_type(plan.by_type) if plan else [],
        "findings": [_kept(one) for one in plan.findings[:_SHOWN]] if plan else [],
        "more": len(plan.findings[_SHOWN:]) + plan.left_out if plan else 0,
        "refusal": refusal,
    }
    return show(request, "imports/revert.html", context, status=422 if refusal else 200, fragment=False)


def _by_type(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, Mapping[str, int]]]:
    """Return the counts by what the records are called."""
    found = {}
    for label, counted in counts.items():
        known = next((kind for kind in registry.every() if kind.label == label), None)
        plural = known.plural if known else str(apps.get_model(label)._meta.verbose_name_plural).capitalize()
        found[plural] = {"removed": 0, "restored": 0, "kept": 0} | dict(counted)
    return sorted(found.items())


def _kept(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding of the plan with the address of the record that stays."""
    known = next((kind for kind in registry.every() if kind.label == finding["record_type"]), None)
    record = finding["record_id"]
    where = (known.number(record), known.url(record)) if known else (f"{finding['record_type']} {record}", "")
    return {"number": where[0], "url": where[1], "message": finding["message"], "remedy": finding["remedy"]}
