"""Bulk changes for tests: asked for, started and done at once, in this process."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.actions import create_lead
from accounts.models import Lead
from revops.kernel.exchange.bulk import asking, working
from revops.kernel.exchange.bulk.models import BulkRun

WHY = "The territory was drawn anew in March"


def leads(by: Any, count: int, **values: Any) -> list[Lead]:
    """Return so many leads that `by` made."""
    least = {"source_original": "web", "company": "Farmers Coop", "phone": "+1 850 644 4200"}
    return [
        create_lead(by=by, values={**least, "last_name": f"Boxer {number}", **values})
        for number in range(count)
    ]


def ask(
    by: Any,
    ids: Iterable[Any],
    values: Mapping[str, Any],
    *,
    deed: str = "edit",
    kind: str = "leads",
    reason: str = WHY,
) -> BulkRun:
    return asking.request_bulk(by=by, record_type=kind, deed=deed, values=values, reason=reason, ids=ids)


def finish(run: BulkRun) -> BulkRun:
    """Start a run and do it here, as a worker would."""
    started = working.start(by=run.asked_by, pk=run.pk)
    working.work(run.pk, str(started.token))
    run.refresh_from_db()
    return run


def do(by: Any, ids: Iterable[Any], values: Mapping[str, Any], **how: Any) -> BulkRun:
    return finish(ask(by, ids, values, **how))


def undo(by: Any, run: BulkRun) -> BulkRun:
    return finish(asking.request_undo(by=by, pk=run.pk, reason="It was the wrong list after all"))


def counts(run: BulkRun) -> tuple[int, int, int, int]:
    """Return how many records were changed, unchanged, refused and denied."""
    return run.changed, run.unchanged, run.refused, run.denied


def outcomes(run: BulkRun) -> dict[Any, tuple[str, list[str]]]:
    """Return what became of each record, with the codes of its findings."""
    rows = run.items.order_by("id")
    return {
        one.given or one.record_id: (str(one.outcome), [finding["code"] for finding in one.findings])
        for one in rows
    }
