"""The obligation that is the next step of a deal: what it says, how it ends, whose it is."""

from datetime import timedelta

from opportunities.enums import Stage
from opportunities.models import Opportunity
from opportunities.policies import next_steps as policy
from revops.kernel import audit
from revops.kernel.packets.enums import ObligationKind, ObligationState
from revops.kernel.packets.models import Obligation
from revops.kernel.packets.rules import LONGEST
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.records import registry

LABEL = "opportunities.opportunity"
# What stands in for a next step until one is said.
OPENING, PLACEHOLDER = "opening", "Agree with the buyer on what happens next"
_INSTANT = timedelta(microseconds=1)


def fresh(deal: Opportunity) -> Obligation:
    """Return a new obligation that says what the deal says, held by whoever holds the deal; the caller writes it."""
    task = Obligation(
        kind=ObligationKind.NEXT_STEP,
        creator=audit.current().by,
        subject_type=LABEL,
        subject_id=deal.pk,
        subject=registry.get(LABEL).number(deal.pk),
    )
    move(task, deal)
    ownership.assign(
        task,
        to=ownership.holder_of(deal),
        reason=AssignReason.INHERITED,
        explicit=False,
        told=False,
    )
    return task


def says(task: Obligation, deal: Opportunity) -> bool:
    """Say whether an obligation is in words what the deal says comes next."""
    if not deal.next_step:
        return task.source_ref == OPENING
    return task.source_ref != OPENING and task.text == deal.next_step


def move(task: Obligation, deal: Opportunity) -> None:
    """Bring an obligation to what the deal says. A placeholder falls due in a few days unless a day was given."""
    due_on, said = deal.next_step_on, bool(deal.next_step)
    if not said and due_on is None:
        wait = timedelta(days=policy.of(deal.segment).placeholder_days)
        due_on = task.due_on or policy.day_of(audit.current().occurred_at) + wait
    if due_on != task.due_on:
        task.due_at, task.overdue_told = None, 0
    task.due_on = due_on
    task.text, task.source_ref = (deal.next_step, "") if said else (PLACEHOLDER, OPENING)
    task.counterparty_side = deal.next_step_side


def follow(task: Obligation, deal: Opportunity) -> None:
    """Give an obligation to whoever holds the deal now. It held on until now, however short ago that was settled."""
    since = max(audit.current().occurred_at, task.updated_at + _INSTANT)
    ownership.assign(
        task,
        to=ownership.holder_of(deal),
        reason=AssignReason.INHERITED,
        explicit=False,
        effective_at=since,
        told=False,
    )


def end(task: Obligation, deal: Opportunity, outcome: str) -> None:
    """End an obligation: done where somebody says what came of it, the deal is won, or a first step was agreed on.

    Else it is given up, and says for what.
    """
    change, label = audit.current(), Stage(deal.stage).label
    if outcome:
        done, told = True, outcome
    elif deal.tombstone_of_id is not None:
        done, told = False, "The deal was merged into another one."
    elif deal.stage == Stage.CLOSED_WON:
        done, told = True, "The deal was won."
    elif deal.stage == Stage.CLOSED_LOST:
        done, told = False, _lost(deal, label)
    elif deal.next_step:
        done, told = task.source_ref == OPENING, f"Next: {deal.next_step}"
    else:
        done, told = False, "Taken back; nothing was put in its place."
    task.outcome = told[:LONGEST]
    task.state = ObligationState.DONE if done else ObligationState.CANCELLED
    if done:
        task.done_at, task.done_by = change.occurred_at, change.by


def _lost(deal: Opportunity, label: str) -> str:
    why = f": {deal.loss_reason.label}" if deal.loss_reason is not None else ""
    return f"{label}{why}."
