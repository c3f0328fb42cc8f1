"""Moves that a file asks for: each passes the gates of its deal, or its row is refused with their words.

In a migration the other system leads: what it says of the stage of a deal that it brought in is history. A deal that
was opened or moved here is led here, whatever a file calls itself (INV-2.6).
"""

import copy
from collections.abc import Iterable

from opportunities.actions import gating, moving
from opportunities.enums import Stage, Via
from opportunities.models import Opportunity, StageInterval
from revops.kernel.audit import Finding
from revops.kernel.exchange.findings import Weight
from revops.kernel.exchange.importers import Batch, ImportRow
from revops.kernel.gates import attempts, machines
from revops.kernel.gates.passing import Refused
from revops.kernel.gates.weighing import weigh

# What a row may supply for the move that it asks for.
_SUPPLIED = ("amount", "start_date", "close_date", "next_step", "next_step_on", "competitor", "source")


def led_here(deals: Iterable[Opportunity], *, migration: bool) -> set[int]:
    """Return the ids of those deals whose stage this system leads: all of them but for what a migration brought in.

    One query in a migration that moves any.
    """
    ids = {deal.pk for deal in deals}
    if not ids or not migration:
        return ids
    own = StageInterval.objects.filter(opportunity__in=ids).exclude(via=Via.IMPORTED)
    return set(own.values_list("opportunity_id", flat=True))


def decide(batch: Batch) -> None:
    """Try each move of a known open deal into another open stage; keep what is refused as an attempt.

    A few statements a move, none for rows that move nothing. A dry run weighs and writes nothing.
    """
    moving_rows = [row for row in batch.changed if "stage" in row.changes]
    here = led_here((row.record for row in moving_rows), migration=batch.migration)
    for row in moving_rows:
        if row.record.pk in here:
            _try(batch, row, Stage(row.changes["stage"]))


def _try(batch: Batch, row: ImportRow, to: Stage) -> None:
    deal = _as_it_would_be(row)
    transition = gating.REGRESS if moving.is_back(deal, to) else gating.ADVANCE
    code = row.values.get("stage_reason") or ""
    _, reasoned = moving.because(transition, code, "", "stage_reason")
    told = [*reasoned, *moving.overdue(deal), *moving.lacking(deal, to)]
    if batch.dry_run:
        weighing = weigh(deal, machine=machines.get(gating.MACHINE), transition=transition, to=str(to))
        _refuse(row, [*told, *weighing.broken, *(one.finding for one in weighing.standing)])
        return
    try:
        gating.pass_through(deal, transition, to, findings=[*_against(row), *told])
    except Refused as refusal:
        attempts.keep_here(refusal)
        _refuse(row, [one for one in refusal.findings if one not in _against(row)])


def _as_it_would_be(row: ImportRow) -> Opportunity:
    """Return the deal with what the row supplies, to be weighed; the row's own record stays as it is."""
    deal: Opportunity = copy.copy(row.record)
    for name in _SUPPLIED:
        if row.changes.get(name) not in (None, ""):
            setattr(deal, name, row.changes[name])
    return deal


def _against(row: ImportRow) -> list[Finding]:
    return [
        Finding(one.code, one.message, field=one.field, found=one.found, needed=one.needed)
        for one in row.findings
        if one.weight == Weight.ERROR
    ]


def _refuse(row: ImportRow, findings: list[Finding]) -> None:
    for one in findings:
        row.reject(one.code, one.message, field=one.field, found=one.found, needed=one.needed)
