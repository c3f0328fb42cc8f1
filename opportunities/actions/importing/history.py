"""Import the stages of deals over time: each row becomes an interval, contiguous whatever the order of the file.

A deal that came without history has one interval that says where it stood. The first row of its history takes that
interval over; where the history ends in another stage than the deal, it stays as the last one. Source: INV-2.2.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from opportunities.actions.importing.writing import AS_EXPORTED
from opportunities.enums import CLOSED, ForecastCategory, Stage, Via
from opportunities.models import Opportunity, StageInterval
from revops.kernel import audit, clocks
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange.importers import Batch, ImportRow

FROM_HISTORY = "from_history"


def prepare(batch: Batch) -> None:
    """Refuse what is no history: without its deal, its stage or its time, or outside a migration."""
    now = clocks.now()
    for row in batch.alive:
        if not batch.migration:
            message = "Only a migration brings in stages of the past. A deal is moved by its own action."
            row.reject("OPP-070", message, field="stage", needed="a migration import")
        at = row.values.get("active_from")
        if at is not None and at > now:
            message = f"{at:%Y-%m-%d %H:%M} UTC has not come yet."
            row.reject("OPP-035", message, field="active_from", needed="an instant that has passed")
        if row.record_id is not None:
            # A row of history is what was: once in, it does not change.
            for name in ("opportunity", "stage", "active_from", "probability", "forecast_category"):
                row.values.pop(name, None)
    _check_moved(batch)


def _check_moved(batch: Batch) -> None:
    """Refuse history that lies behind a move made here: there it would rewrite what was recorded."""
    ids = {row.values["opportunity"] for row in batch.alive if isinstance(row.values.get("opportunity"), int)}
    own = StageInterval.objects.filter(opportunity__in=ids).exclude(via=Via.IMPORTED)
    rows = own.order_by("-active_from").values_list("opportunity_id", "active_from") if ids else ()
    first: dict[int, Any] = dict(rows)
    for row in batch.alive:
        began, at = first.get(row.values.get("opportunity") or 0), row.values.get("active_from")
        if began is not None and at is not None and at > began:
            message = (
                f"The deal is moved here since {began:%Y-%m-%d %H:%M} UTC; a later stage is recorded here."
            )
            needed = f"before {began:%Y-%m-%d %H:%M} UTC"
            row.reject("OPP-072", message, field="active_from", needed=needed)


def write(batch: Batch) -> None:
    """Put the new rows into the stages of their deals, inside the open change; four statements and the writes."""
    by_deal: dict[int, list[ImportRow]] = {}
    for row in batch.new:
        by_deal.setdefault(row.values["opportunity"], []).append(row)
    if not by_deal:
        return
    deals = {deal.pk: deal for deal in lock_many(Opportunity.objects.filter(pk__in=by_deal))}
    held: dict[int, list[StageInterval]] = {}
    for stay in lock_many(StageInterval.objects.filter(opportunity__in=by_deal)):
        held.setdefault(stay.opportunity_id, []).append(stay)
    stays = [one for pk, rows in by_deal.items() for one in _lay(deals[pk], held.get(pk, []), rows)]
    audit.write_many([one for one in stays if not one._state.adding])
    audit.write_many([one for one in stays if one._state.adding])
    audit.write_many(list(deals.values()))
    for row in batch.new:
        row.record_id = row.record.pk


def _lay(deal: Opportunity, held: Sequence[StageInterval], rows: Sequence[ImportRow]) -> list[StageInterval]:
    """Return all intervals of a deal with the rows among them, contiguous, and bring the deal's copies up to date."""
    ours = sorted((one for one in held if one.via != Via.IMPORTED), key=_place)
    past = [one for one in held if one.via == Via.IMPORTED and one.reason_code != AS_EXPORTED]
    exported = [one for one in held if one.via == Via.IMPORTED and one.reason_code == AS_EXPORTED]
    stands = exported[0].stage if exported else deal.stage
    fresh = [
        (row, _stay(deal, row)) for row in sorted(rows, key=lambda row: (row.values["active_from"], row.line))
    ]
    known = _last_stage([*past, *(stay for _, stay in fresh)])
    # Where deals were moved here, what another system says of the end of their history is over.
    ends_elsewhere = known != stands and bool(exported or not ours)
    if exported and not ends_elsewhere:
        _take_over(exported.pop(), fresh)
    for row, stay in fresh:
        row.record = stay
    past = sorted([*past, *(stay for _, stay in fresh)], key=_place)
    if ends_elsewhere:
        past.append(_as_exported(deal, exported, past, moved_here=bool(ours)))
    line = [*past, *ours]
    for earlier, later in pairwise(line):
        earlier.active_to = later.active_from
    line[-1].active_to = None
    _copy(deal, line)
    return line


def _place(stay: StageInterval) -> tuple[Any, int]:
    return stay.active_from, stay.pk or 2**62


def _last_stage(stays: Sequence[StageInterval]) -> str:
    return max(stays, key=_place).stage


def _stay(deal: Opportunity, row: ImportRow) -> StageInterval:
    """Return the interval that a row tells of; who came in there is not known here."""
    probability = row.values.get("probability")
    category = row.values.get("forecast_category")
    return StageInterval(
        opportunity=deal,
        stage=row.values["stage"],
        active_from=row.values["active_from"],
        entered_by=audit.current().by,
        via=Via.IMPORTED,
        reason_code=FROM_HISTORY,
        note=f"Forecast there: {ForecastCategory(category).label}" if category else "",
        probability=deal.probability if probability is None else probability,
    )


def _take_over(exported: StageInterval, fresh: list[tuple[ImportRow, StageInterval]]) -> None:
    """Let the interval that only said where the deal stood become the first row of its history."""
    row, stay = fresh[0]
    for name in ("stage", "active_from", "reason_code", "note", "probability"):
        setattr(exported, name, getattr(stay, name))
    fresh[0] = (row, exported)


def _as_exported(
    deal: Opportunity, exported: Sequence[StageInterval], past: Sequence[StageInterval], *, moved_here: bool
) -> StageInterval:
    """Return the last interval of a deal whose history ends in another stage: when it came there is not known."""
    since = past[-1].active_from
    if deal.closed_at is not None and not moved_here:
        since = max(since, deal.closed_at)
    if exported:
        exported[0].active_from = since
        return exported[0]
    return StageInterval(
        opportunity=deal,
        stage=deal.stage,
        active_from=since,
        entered_by=audit.current().by,
        via=Via.IMPORTED,
        reason_code=AS_EXPORTED,
        probability=deal.probability,
    )


def _copy(deal: Opportunity, line: Sequence[StageInterval]) -> None:
    """Bring what the deal says of its stages in line with the intervals."""
    last = line[-1]
    deal.opened_at = line[0].active_from
    deal.stage_since, deal.probability = last.active_from, last.probability
    if deal.stage in CLOSED:
        deal.closed_at = last.active_from
        deal.booked_at = last.active_from if deal.stage == Stage.CLOSED_WON else None
