"""The stale sweep: every morning, what is due about deals whose buyers are silent. Source: ALG-2.2, INV-2.7.

Late, doubled or killed in the middle it does the same: a step is taken once an episode by a row that the database
allows once, each batch is a change of its own, and what is due is asked again of the locked deal.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from opportunities.actions.categories import bring_down
from opportunities.actions.sweeping import looking, stalling, telling, timing_out
from opportunities.actions.sweeping.looking import Run
from opportunities.enums import CategoryWhy, ForecastCategory, SweepStep
from opportunities.models import IdleStep, Opportunity
from opportunities.policies.silence import Silence, due_steps
from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people.access import organisation

logger = logging.getLogger(__name__)
BATCH = 1_000
# The most that a deal whose buyer is silent is forecast as, once its manager has heard of it.
MOST = ForecastCategory.BEST_CASE
_EVENTS = {
    SweepStep.NUDGE: "opportunity.nudged",
    SweepStep.ESCALATE: "opportunity.escalated",
    SweepStep.NOTICE: "opportunity.close_noticed",
}


@dataclass(frozen=True, slots=True)
class Swept:
    """How often each step was taken by a run."""

    nudged: int = 0
    escalated: int = 0
    noticed: int = 0
    closed: int = 0

    def __str__(self) -> str:
        return f"{self.nudged:,} nudged, {self.escalated:,} escalated, {self.noticed:,} noticed, {self.closed:,} closed"


def sweep(now: datetime, *, among: Collection[int] | None = None) -> Swept:
    """Take every step that is due by `now`, in batches of 1,000, each a change of its own by the system.

    `among` names the only deals that are looked at.
    A constant number of statements a batch, besides the gate that each closed deal passes. A batch that fails is
    logged and tried again by the next run; the first failure is raised in the end.
    """
    run, taken, failures, last = looking.begin(now), Counter[str](), list[Exception](), 0
    rows = looking.candidates(run) if among is None else looking.candidates(run).filter(pk__in=among)
    while pks := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = pks[-1]
        try:
            taken += take(pks, run)
        except Exception as error:
            logger.exception("Silent deals from %s to %s could not be swept.", pks[0], last)
            failures.append(error)
    stalling.let_go(now)
    if failures:
        raise failures[0]
    return Swept(*(taken[step] for step in SweepStep))


@outbox.job("opportunities.sweep", owner="SALES_OPS", local="06:00", limit=3_600)
def sweep_silent() -> str:
    """Nudge, escalate, give notice of and close deals whose buyers are silent."""
    return str(sweep(clocks.now()))


def take(pks: Sequence[int], run: Run) -> Counter[str]:
    """Take what is due about these deals, asked again of the locked rows, in one change; return how often each step."""
    with audit.change(by=User.objects.system(), action="opportunity.sweep", reason="The buyer is silent"):
        deals = lock_many(looking.open_deals().filter(pk__in=pks))
        silences = looking.look(deals, run)
        due: dict[str, list[Opportunity]] = {step: [] for step in SweepStep}
        for deal in deals:
            for step in due_steps(silences[deal.pk], run.patience(deal)):
                due[step].append(deal)
        bring_down(due[SweepStep.ESCALATE], MOST, why=CategoryWhy.STALE, note=_note(run))
        due[SweepStep.CLOSE] = timing_out.close(due[SweepStep.CLOSE], run)
        rows = [_row(step, deal, silences[deal.pk], run) for step, held in due.items() for deal in held]
        audit.write_many(rows)
        stalling.ask(due[SweepStep.ESCALATE])
        _emit(rows)
        telling.tell_of(rows, silences, run)
        return Counter({step: len(held) for step, held in due.items()})


def _note(run: Run) -> str:
    return f"The buyer is silent; the manager was told ({run.policy.ref})."


def _row(step: str, deal: Opportunity, silence: Silence, run: Run) -> IdleStep:
    """Return the step as it is kept; a final notice says the first day on which it allows the end."""
    closes_on = None
    if step == SweepStep.NOTICE:
        ends = run.notice_ends(run.now)
        earliest = silence.since + timedelta(days=run.patience(deal).close)
        closes_on = None if ends is None else max(ends, earliest)
    return IdleStep(
        opportunity=deal,
        silent_since=silence.since,
        step=step,
        idle_days=silence.idle,
        taken_at=run.now,
        closes_on=closes_on,
        told_id=_hears(step, deal),
        rule=run.policy.ref[:80],
    )


def _hears(step: str, deal: Opportunity) -> int | None:
    """Return who is told first: of an escalation the manager, of everything else the owner."""
    manager = organisation.current().manager_of.get(deal.owner_id) if deal.owner_id is not None else None
    return manager if step == SweepStep.ESCALATE and manager is not None else deal.owner_id


def _emit(rows: Sequence[IdleStep]) -> None:
    """Tell of the steps in the open change; a deal that was closed tells of it itself."""
    for row in rows:
        if row.step in _EVENTS:
            told = {
                "opportunity": row.opportunity_id,
                "owner": row.opportunity.owner_id,
                "silent_since": row.silent_since.isoformat(),
                "idle_days": row.idle_days,
                "closes_on": row.closes_on.isoformat() if row.closes_on else None,
            }
            outbox.emit(_EVENTS[SweepStep(row.step)], row, told)
