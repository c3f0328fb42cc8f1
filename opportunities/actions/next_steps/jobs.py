"""What a clock does about next steps: it tells of overdue ones, and gives one to deals without. Source: d2, Alerts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from opportunities.actions.next_steps import keeping
from opportunities.actions.next_steps.obligations import LABEL
from opportunities.enums import OPEN
from opportunities.models import Opportunity
from opportunities.policies import next_steps as policy
from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.notifications import Note, tell
from revops.kernel.notifications.kinds import Kind, register
from revops.kernel.packets.enums import ObligationKind, ObligationState
from revops.kernel.packets.models import Obligation
from revops.kernel.people.access.organisation import current as organisation

KIND = "opportunity.next_step_overdue"
OWNER_TOLD, MANAGER_TOLD = 1, 2
BATCH, MOST = 500, 50_000

register(
    Kind(
        KIND,
        "Next steps that are overdue",
        "The next step of a deal of yours is overdue, or of one of your people's for some days.",
    )
)


@outbox.job("opportunities.next_steps", owner="SALES_OPS", local="05:40", limit=1_800)
def give() -> str:
    """Give every open deal without a next step one to be agreed on: what was there before they were kept."""
    given, last = 0, 0
    while given < MOST:
        lacking = _lacking().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
        pks = list(lacking)
        if not pks:
            break
        given, last = given + place(pks), pks[-1]
    return f"{given} deals were given a next step"


def _lacking() -> Any:
    open_deals = Opportunity.objects.filter(stage__in=OPEN, tombstone_of__isnull=True)
    return open_deals.exclude(next_step_task__state=ObligationState.OPEN)


def place(pks: Sequence[int]) -> int:
    """Give these deals their next steps, in one change and a constant number of statements; return how many."""
    with audit.change(by=User.objects.system(), action="opportunity.place_next_steps"):
        deals = [deal for deal in lock_many(Opportunity.objects.filter(pk__in=pks)) if keeping.is_led(deal)]
        keeping.settle(deals, {})
        audit.write_many(deals)
        return len(deals)


@outbox.job("opportunities.overdue_steps", owner="SALES_OPS", local="06:40", limit=1_800)
def remind() -> str:
    """Tell owners of next steps that are overdue, and their managers some days later; each once a step and day."""
    return f"{overdue(clocks.now())} overdue next steps were told of"


def overdue(now: datetime) -> int:
    """Tell whom it concerns of the next steps that are overdue at `now`; return how many were told of.

    A step that was overdue when it came here, as with an import, is known to be so: nobody is told.
    """
    today, told, last = policy.day_of(now), 0, 0
    while pks := list(_untold(today).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        told, last = told + _tell(pks, today, now), pks[-1]
    return told


def _untold(today: date) -> Any:
    return Obligation.objects.filter(
        subject_type=LABEL,
        kind=ObligationKind.NEXT_STEP,
        state=ObligationState.OPEN,
        due_on__lt=today,
        overdue_told__lt=MANAGER_TOLD,
    )


def _tell(pks: Sequence[int], today: date, now: datetime) -> int:
    """Tell of one batch in a change of its own: it says of each step how far it was told, and an event says so."""
    with audit.change(by=User.objects.system(), action="opportunity.tell_overdue_steps"):
        tasks = lock_many(_untold(today).filter(pk__in=pks))
        deals = Opportunity.objects.in_bulk([task.subject_id for task in tasks])
        news = [(task, deals[task.subject_id]) for task in tasks if task.subject_id in deals]
        rising = [(task, deal) for task, deal in news if _level(task, deal, today) > task.overdue_told]
        notes = [note for task, deal in rising for note in _notes(task, deal, today)]
        for task, deal in rising:
            task.overdue_told = _level(task, deal, today)
        audit.write_many([task for task, _ in rising])
        for task, deal in rising:
            outbox.emit(KIND, task, _payload(task, deal, today))
        tell(KIND, notes)
        return len(rising)


def _level(task: Obligation, deal: Opportunity, today: date) -> int:
    if task.due_on is None or task.due_on < policy.day_of(task.created_at):
        return 0
    late = (today - task.due_on).days
    return MANAGER_TOLD if late >= policy.of(deal.segment).manager_days else OWNER_TOLD


def _notes(task: Obligation, deal: Opportunity, today: date) -> list[Note]:
    """Return what the owner is told, and from some days on the manager: whoever is rising to hear of it."""
    late = (today - (task.due_on or today)).days
    title = f"Next step overdue by {late} day{'' if late == 1 else 's'}: {deal.name}"
    url, about = f"/opportunities/{deal.pk}/", (LABEL, deal.pk)
    manager = organisation().manager_of.get(task.owner_id or 0)
    who = {OWNER_TOLD: task.owner_id}
    if _level(task, deal, today) == MANAGER_TOLD:
        who[MANAGER_TOLD] = manager
    return [
        Note(person, title, f"{KIND}:{task.pk}:{task.due_on}:{level}", task.text, url, about)
        for level, person in who.items()
        if person is not None and level > task.overdue_told
    ]


def _payload(task: Obligation, deal: Opportunity, today: date) -> dict[str, object]:
    late = timedelta(0) if task.due_on is None else today - task.due_on
    return {
        "opportunity": deal.pk,
        "owner": task.owner_id,
        "due_on": str(task.due_on),
        "days": late.days,
        "text": task.text,
        "level": "manager" if task.overdue_told == MANAGER_TOLD else "owner",
    }
