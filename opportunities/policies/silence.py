"""Which steps are due about a silent deal: facts in, steps out. Pure. Source: ALG-2.2, INV-2.7."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from opportunities.enums import SweepStep
from opportunities.policies import days
from opportunities.policies.stale import Patience
from revops.kernel.clocks.business import CalendarExhausted
from revops.kernel.clocks.timelines import Hours

STEPS = tuple(SweepStep)


@dataclass(frozen=True, slots=True)
class Silence:
    """A deal on one day: for how long it has been silent, what was done in this episode, what speaks against more.

    `closes_from` is the first day on which its final notice allows the end; None without one, and where no calendar
    gets that far. `kept` are the reasons for which it is not closed.
    """

    since: date
    today: date
    done: Collection[str] = field(default_factory=tuple)
    meeting: bool = False
    kept: Collection[str] = field(default_factory=tuple)
    closes_from: date | None = None

    @property
    def idle(self) -> int:
        return (self.today - self.since).days


def due_steps(deal: Silence, patience: Patience) -> list[SweepStep]:
    """Return the steps that are due today, in order.

    Each is taken once in an episode, and none once a later one was taken; an accepted meeting ahead keeps the owner
    from being nudged. The end comes alone: a final notice of the same episode lies behind it, long enough ago, and
    nothing keeps the deal open.
    """
    reached = max((STEPS.index(SweepStep(step)) for step in deal.done), default=-1)
    due = [step for step in STEPS[reached + 1 :] if deal.idle >= patience.after(step)]
    if deal.meeting and SweepStep.NUDGE in due:
        due.remove(SweepStep.NUDGE)
    if SweepStep.CLOSE in due and not _may_end(deal):
        due.remove(SweepStep.CLOSE)
    return due


def _may_end(deal: Silence) -> bool:
    if deal.kept or deal.closes_from is None or SweepStep.NOTICE not in deal.done:
        return False
    return deal.today >= deal.closes_from


def closes_from(notice_at: datetime, hours: Hours, business_days: int) -> date | None:
    """Return the first day after so many whole business days since a notice; None where no calendar gets that far."""
    try:
        return days.today(hours.business_days(notice_at, business_days)) + timedelta(days=1)
    except CalendarExhausted:
        return None
