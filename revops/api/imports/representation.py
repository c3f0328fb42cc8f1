"""An import as the API shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rest_framework.request import Request

from revops.api import representation
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.exchange.drafts.shapes import FindingGroup, Question

_NOTE = ("code", "weight", "column", "field", "message", "found", "needed", "remedy")
_COUNTS = ("rows", "created", "updated", "unchanged", "rejected", "skipped")


def address(request: Request, pk: int) -> str:
    """Return the full address of an import."""
    return request.build_absolute_uri(f"/api/v1/imports/{pk}/")


def short(draft: ImportDraft, request: Request) -> dict[str, Any]:
    """Return what a list shows of an import."""
    progress = wizard.progress(draft)
    return {
        "id": draft.pk,
        "url": address(request, draft.pk),
        "object": draft.object,
        "file_name": draft.file_name,
        "format": draft.format,
        "size": draft.size,
        "sha256": draft.sha256,
        "state": draft.state,
        "created_by": {"id": draft.created_by_id, "name": str(draft.created_by)},
        "created_at": representation.instant(draft.created_at),
        "revision": draft.revision,
        "progress": {
            "done": progress.done,
            "total": progress.total,
            "rows_a_second": round(progress.rate, 1),
            "seconds_left": progress.seconds_left,
            "is_working": progress.is_working,
        },
    }


def whole(draft: ImportDraft, request: Request) -> dict[str, Any]:
    """Return everything about one import."""
    by: Any = request.user
    look, sheet = wizard.look(draft), wizard.mapping(draft, by=by)
    fields = {one.place: list(one.fields) for one in sheet.columns}
    return {
        **short(draft, request),
        "detected": {
            "encoding": look.encoding,
            "delimiter": look.delimiter,
            "sheet": look.sheet,
            "header_line": look.header_line,
            "rows": look.rows,
            "sentences": list(look.sentences),
            "notes": notes(look.notes),
        },
        "questions": [_question(one) for one in look.questions],
        "mapping": sheet.current,
        "columns": [{**asdict(one), "fields": fields.get(one.place, [])} for one in look.columns],
        "constants": dict(sheet.constants),
        "unlisted": [
            {
                "field": one.field,
                "column": one.column,
                "text": one.text,
                "count": one.count,
                "choice": one.choice,
            }
            for one in wizard.unlisted(draft)
        ],
        "problems": notes(sheet.problems),
        "trouble": notes(draft.trouble),
        "check": _check(draft),
        "report": _report(draft, by),
    }


def notes(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return findings about the file as a whole."""
    return [{name: note.get(name, "") for name in _NOTE} for note in found]


def _question(question: Question) -> dict[str, Any]:
    return {**asdict(question), "is_open": question.is_open}


def _check(draft: ImportDraft) -> dict[str, Any] | None:
    summary = wizard.summary(draft)
    if summary is None:
        return None
    told = {name: getattr(summary, name) for name in (*_COUNTS, "found", "kept", "is_current", "is_partial")}
    return {**told, "groups": groups(summary.groups)}


def _report(draft: ImportDraft, by: Any) -> dict[str, Any] | None:
    if draft.run_id is None and draft.state != "done":
        return None
    report = wizard.report(draft, by=by)
    counts = {name: getattr(report, name) for name in _COUNTS}
    return {**counts, "parked": report.parked, "run": report.run_id, "groups": groups(report.groups)}


def groups(found: Sequence[FindingGroup]) -> list[dict[str, Any]]:
    """Return findings counted by code and column."""
    return [asdict(group) for group in found]
