"""What people of the demo company have to do: tasks about their deals, next steps that are near, meetings to close."""

from datetime import date, timedelta
from functools import partial
from itertools import cycle

from accounts.actions import schedule_meeting
from opportunities import actions as deals
from opportunities.enums import OPEN, Stage
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import clocks
from revops.kernel.packets.actions import complete_task
from revops.kernel.records.registry import get
from revops.kernel.records.work.tasks.forms import create_task

_DEAL = "opportunities.opportunity"
# What is to be done, days from today, priority; who gets it is the owner of the deal.
TASKS = (
    ("Send the reference of a customer in the same industry", -3, "high"),
    ("Ask procurement for the vendor form", -1, "normal"),
    ("Send the security questionnaire back", 0, "high"),
    ("Confirm the agenda of the next meeting", 0, "normal"),
    ("Prepare the numbers for the business case", 1, "normal"),
    ("Agree on the rollout plan with the champion", 4, "low"),
)
# The next steps of the first deals of everybody, days from today; one has none.
STEPS: tuple[tuple[str, int | None], ...] = (
    ("Show the integration to their architects", -2),
    ("Call the economic buyer about the budget", 0),
    ("Send the revised offer", 1),
    ("Walk through the contract with their counsel", 3),
    ("", None),
)
OTHERS = (
    ("mona", "Look at the deals that have been idle for a month", 0, "normal"),
    ("mona", "Prepare the pipeline review", 2, "high"),
    ("rita", "Check the territories of the accounts imported last week", -1, "normal"),
    ("rita", "Write down what the new stage criteria mean", 5, "low"),
    ("carla", "Plan the quarterly review with the customer", 1, "normal"),
    ("fin", "Complete the billing data of new customers", 0, "normal"),
)
_EARLY = (Stage.QUALIFICATION, Stage.DISCOVERY)
_BEFORE = timedelta(days=DAYS - 6)


def write(diary: Diary) -> None:
    """Write down the tasks, next steps and meetings of the last days."""
    today = clocks.now().date()
    for owner, numbers in sorted(open_deals().items()):
        for number, (text, days, priority) in zip(cycle(numbers), TASKS, strict=False):
            diary.note(_BEFORE, partial(_task, diary, number, owner, text, today + timedelta(days), priority))
        for number, (text, ahead) in zip(_early(numbers), STEPS, strict=False):
            on = None if ahead is None else today + timedelta(ahead)
            diary.note(_BEFORE, partial(_step, diary, number, owner, text, on))
        diary.note(_BEFORE, partial(_meeting, diary, numbers[0], owner))
    for owner, text, days, priority in OTHERS:
        values = {"text": text, "due_on": (today + timedelta(days)).isoformat(), "priority": priority}
        diary.note(_BEFORE, partial(create_task, by=diary.people[owner], values=values))
    asked = {"text": "Tell me where the forecast of the quarter stands", "owner": diary.people["alice"].pk}
    asked["due_on"] = (today + timedelta(1)).isoformat()
    diary.note(_BEFORE, partial(create_task, by=diary.people["mona"], values=asked))
    diary.note(_BEFORE, partial(_done, diary, min(open_deals()["alice"])))


def _early(numbers: list[int]) -> list[int]:
    """Return those deals that nobody forecasts: an overdue next step would stand against it."""
    return [number for number in numbers if plan.deals()[number].stage in _EARLY]


def open_deals() -> dict[str, list[int]]:
    """Return the numbers of the deals that are open by then and stay so, by the key of their owner."""
    found: dict[str, list[int]] = {}
    for number, deal in enumerate(plan.deals()):
        settled = max([deal.opens, *(step.at for step in deal.steps)]) < _BEFORE - timedelta(days=1)
        if deal.stage in OPEN and settled:
            found.setdefault(plan.companies()[deal.company].owner, []).append(number)
    return found


def _task(diary: Diary, number: int, owner: str, text: str, due_on: date, priority: str) -> None:
    subject = get(_DEAL).number(diary.deals[number].pk)
    values = {"text": text, "due_on": due_on.isoformat(), "priority": priority, "subject": subject}
    create_task(by=diary.people[owner], values=values)


def _step(diary: Diary, number: int, owner: str, text: str, on: date | None) -> None:
    changes = {"next_step": text, "next_step_on": on.isoformat() if on else ""}
    deals.edit_opportunity(by=diary.people[owner], pk=diary.deals[number].pk, changes=changes)


def _meeting(diary: Diary, number: int, owner: str) -> None:
    values = {
        "subject": "Check-in with the champion",
        "account": diary.deals[number].account_id,
        "occurred_at": (clocks.now() + timedelta(days=4)).isoformat(),
    }
    schedule_meeting(by=diary.people[owner], values=values)


def _done(diary: Diary, number: int) -> None:
    alice = diary.people["alice"]
    subject = get(_DEAL).number(diary.deals[number].pk)
    made = create_task(by=alice, values={"text": "Send the minutes of the kick-off", "subject": subject})
    complete_task(by=alice, pk=made.pk, outcome="Sent to everybody who was there.")
