"""Stage intervals: from when until when a deal stood in a stage, without a gap from its opening. Source: INV-2.2."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from opportunities.enums import CLOSED, Stage, Via
from opportunities.models import Opportunity, Reason, StageInterval
from opportunities.policies import Stages
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.audit.writing import lock_many


def begin(deals: Sequence[Opportunity], via: Via, *, reason_code: str = "") -> list[StageInterval]:
    """Write the first interval of new deals: it begins when the deal was opened."""
    rows = [
        StageInterval(
            opportunity=deal,
            stage=deal.stage,
            active_from=deal.opened_at,
            entered_by=audit.current().by,
            via=via,
            reason_code=reason_code,
            probability=deal.probability,
        )
        for deal in deals
    ]
    audit.write_many(rows)
    return rows


def held(deal: Opportunity) -> StageInterval:
    """Return the open interval of a locked deal, locked as well."""
    row: StageInterval
    (row,) = lock_many(StageInterval.objects.filter(opportunity=deal, active_to__isnull=True))
    return row


def timing(present: StageInterval) -> list[Finding]:
    """Return what speaks against leaving the present stage at the instant of the open change."""
    change = audit.current()
    at = change.occurred_at
    if at < present.active_from:
        message = (
            f"The deal stands in {Stage(present.stage).label} since {_shown(present.active_from)}; it cannot leave "
            f"it at {_shown(at)}. Choose a later instant."
        )
        return [Finding("OPP-034", message, field="at", found=at.isoformat(), needed="a later instant")]
    return not_ahead()


def not_ahead() -> list[Finding]:
    """Return a finding where the open change would have happened in the future."""
    change = audit.current()
    if change.occurred_at <= change.recorded_at:
        return []
    message = f"{_shown(change.occurred_at)} has not come yet. Choose now or an instant that has passed."
    found = change.occurred_at.isoformat()
    return [Finding("OPP-035", message, field="at", found=found, needed="an instant that has passed")]


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Turn:
    """A locked deal about to leave its present interval for the stage `to`; `code` is a reason that no list holds."""

    deal: Opportunity
    present: StageInterval
    to: Stage
    stages: Stages
    via: Via
    reason: Reason | None = None
    note: str = ""
    code: str = ""


def turn(turns: Sequence[Turn]) -> None:
    """End the present intervals, begin the next at the same instant, and bring the deals' copies up to date.

    The probability stays with the interval, so that a later policy never rewrites it. The caller writes the deals.
    """
    change = audit.current()
    at = change.occurred_at
    for one in turns:
        one.present.active_to = at
    audit.write_many([one.present for one in turns])
    audit.write_many(
        [
            StageInterval(
                opportunity=one.deal,
                stage=one.to,
                active_from=at,
                entered_by=change.by,
                via=one.via,
                reason_code=one.reason.code if one.reason is not None else one.code,
                note=one.note,
                probability=one.stages.of(one.to).share,
            )
            for one in turns
        ]
    )
    for one in turns:
        deal, to = one.deal, one.to
        deal.stage, deal.stage_since, deal.probability = to, at, one.stages.of(to).share
        deal.forecast_category = one.stages.clamp(to, deal.forecast_category)
        deal.closed_at = at if to in CLOSED else None
        deal.booked_at = at if to == Stage.CLOSED_WON else None
