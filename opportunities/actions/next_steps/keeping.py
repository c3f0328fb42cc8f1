"""Keeps the next steps of deals: after any change an open deal has exactly one, a closed one none. Source: INV-2.3.

Whoever writes deals calls `begin` or `place` first, so that the deal is written once, with its obligation. `keep` joins
every change and does the same for whatever came another way; it costs nothing where no deal moved on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opportunities.actions.next_steps import obligations
from opportunities.actions.next_steps.obligations import LABEL
from opportunities.enums import CLOSED
from opportunities.models import Opportunity
from opportunities.policies import next_steps as policy
from revops.kernel import audit
from revops.kernel.audit import Change, bulk
from revops.kernel.audit.writing import lock_many, require_lock
from revops.kernel.packets.enums import ObligationKind, ObligationState
from revops.kernel.packets.models import Obligation

OWNER = "opportunities.next_steps"
# A revert gives deals the obligations back that they had: it is no news about them.
REVERT = "import.revert"
_SAID = ("next_step", "next_step_on", "next_step_side")
_HELD = ("owner_id", "queue_id", "team_id")
_ENDS = ("stage", "tombstone_of_id")
_TASK = frozenset({"state", "text", "due_on", "counterparty_side", "kind", "subject_id"})


@dataclass(slots=True)
class Told:
    """What the open change was told of next steps: which deals are settled, as open or closed; what became of a step.

    `reworded` are deals whose step is the same in other words.
    """

    settled: dict[int, bool] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)
    reworded: set[int] = field(default_factory=set)


def told() -> Told:
    """Return what the open change was told of next steps."""
    held: Told = audit.current().notes.setdefault(OWNER, [Told()])[0]
    return held


def begin(deals: Sequence[Opportunity]) -> None:
    """Write the first next steps of new deals, before the deals: they get their keys here. Four statements at most."""
    opened = [deal for deal in deals if is_led(deal)]
    if not opened:
        return
    bulk.draw_keys(Opportunity, deals)
    tasks = [obligations.fresh(deal) for deal in opened]
    audit.write_many(tasks)
    for deal, task in zip(opened, tasks, strict=True):
        deal.next_step_task = task
    told().settled |= dict.fromkeys((deal.pk for deal in opened), True)


def place(deals: Sequence[Opportunity]) -> None:
    """Bring the obligations of locked deals to what the deals are about to say; the caller then writes the deals.

    A constant number of statements, none where no deal says anything new of its next step.
    """
    moved = [deal for deal in deals if _moved(deal, require_lock(deal))]
    if moved:
        settle(moved, {deal.pk: require_lock(deal) for deal in moved})


def is_led(deal: Opportunity) -> bool:
    """Say whether a deal has a next step: it is open, and was not merged away."""
    return deal.stage not in CLOSED and deal.tombstone_of_id is None


def _moved(deal: Opportunity, before: Mapping[str, Any]) -> bool:
    """Say whether a deal asks for another next step than the one it had before."""
    led = is_led(deal)
    was_led = before.get("stage", deal.stage) not in CLOSED and not before.get("tombstone_of_id")
    if led != was_led or not led:
        return led != was_led
    if deal.next_step_task_id is None or deal.pk in told().outcomes:
        return True
    return any(name in before and before[name] != getattr(deal, name) for name in (*_SAID, *_HELD))


def settle(deals: Sequence[Opportunity], before: Mapping[int, Mapping[str, Any]]) -> None:
    """Let each of these locked deals have the one obligation that it asks for; the caller writes the deals."""
    rows = Obligation.objects.filter(
        subject_type=LABEL,
        subject_id__in=[deal.pk for deal in deals],
        kind=ObligationKind.NEXT_STEP,
        state=ObligationState.OPEN,
    )
    held = {task.subject_id: task for task in lock_many(rows)}
    kept, fresh, said = [], [], told()
    for deal in deals:
        task = held.get(deal.pk)
        _forget_what_passed(deal, before.get(deal.pk, {}))
        if task is not None and _stays(task, deal, said):
            _carry(task, deal, before.get(deal.pk, {}))
            kept.append(task)
            continue
        if task is not None:
            obligations.end(task, deal, said.outcomes.get(deal.pk, ""))
            kept.append(task)
        if is_led(deal):
            fresh.append((deal, obligations.fresh(deal)))
    audit.write_many(kept)
    audit.write_many([task for _, task in fresh])
    for deal, task in fresh:
        deal.next_step_task = task
    said.settled |= {deal.pk: is_led(deal) for deal in deals}


def _stays(task: Obligation, deal: Opportunity, said: Told) -> bool:
    if not is_led(deal) or deal.pk in said.outcomes:
        return False
    return deal.pk in said.reworded or obligations.says(task, deal)


def _carry(task: Obligation, deal: Opportunity, before: Mapping[str, Any]) -> None:
    """Move an obligation that stays, and let it follow the owner of the deal unless somebody else was named."""
    obligations.move(task, deal)
    former = tuple(before.get(name, getattr(deal, name)) for name in _HELD[:2])
    if former != (deal.owner_id, deal.queue_id) and former == (task.owner_id, task.queue_id):
        obligations.follow(task, deal)
    deal.next_step_task = task


def _forget_what_passed(deal: Opportunity, before: Mapping[str, Any]) -> None:
    """Let a deal that is open again ask for its next step anew, unless the one that it had still lies ahead."""
    if not is_led(deal) or before.get("stage") not in CLOSED:
        return
    today = policy.day_of(audit.current().occurred_at)
    if deal.next_step_on is None or deal.next_step_on < today:
        deal.next_step, deal.next_step_on = "", None


def keep(change: Change) -> None:
    """Join the change: give every open deal in it its one next step, and take it from every closed one."""
    if change.action == REVERT:
        return
    held = _written(change)
    deals = [deal for deal, before in held.values() if _asks(deal, before)]
    deals += _found(_strays(change) - held.keys())
    deals += _found(deal.pk for deal in change.created.get(Opportunity, []) if not _is_placed(deal))
    if deals:
        settle(deals, {deal.pk: held[deal.pk][1] if deal.pk in held else {} for deal in deals})
        audit.write_many(deals)


def _asks(deal: Opportunity, before: Mapping[str, Any]) -> bool:
    """Say whether a written deal asks for another next step, which nobody has given it yet in this change."""
    settled = told().settled.get(deal.pk)
    return _moved(deal, before) if settled is None else settled != is_led(deal)


def _is_placed(deal: Opportunity) -> bool:
    return deal.pk in told().settled or not is_led(deal)


def _written(change: Change) -> dict[int, tuple[Opportunity, dict[str, Any]]]:
    """Return the deals that the change wrote, each with the values that it held before the change."""
    found: dict[int, tuple[Opportunity, dict[str, Any]]] = {}
    for deal, before in change.changed.get(Opportunity, []):
        earlier = found[deal.pk][1] if deal.pk in found else {}
        found[deal.pk] = (deal, {**before, **earlier})
    return found


def _strays(change: Change) -> set[int]:
    """Return the deals whose next step was written by somebody who does not keep them."""
    rows = [task for task, before in change.changed.get(Obligation, []) if _TASK & before.keys()]
    found = {
        task.subject_id
        for task in (*rows, *change.created.get(Obligation, []))
        if task.kind == ObligationKind.NEXT_STEP
        and task.subject_type == LABEL
        and task.subject_id is not None
    }
    return found - told().settled.keys() if found else found


def _found(pks: Iterable[int]) -> list[Opportunity]:
    """Return deals by their ids, locked anew."""
    wanted = sorted(set(pks))
    return lock_many(Opportunity.objects.filter(pk__in=wanted)) if wanted else []
