"""What the deals of the demo company do next: steps, meetings and signatures, some of them followed by the next one."""

from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import Any

from opportunities import actions as deals
from opportunities.actions.next_steps import jobs
from opportunities.enums import CLOSED, Stage, StepKind
from opportunities.models import Opportunity
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.demo.tasks import open_deals
from revops.kernel import clocks
from revops.kernel.packets.enums import Side

_LATE = (Stage.EVALUATION, Stage.PROPOSAL, Stage.CONTRACTING)
_BEFORE = timedelta(days=DAYS - 5)
# What comes next, its kind, whose move it is, days from the day on which it is said, what came of it once it was done.
STEPS: tuple[tuple[str, StepKind, Side, int, str], ...] = (
    ("Their counsel sends the comments on the contract", StepKind.STEP, Side.BUYER, 12, ""),
    (
        "Present the results of the trial to the board",
        StepKind.MEETING,
        Side.BUYER,
        9,
        "They saw what they asked for",
    ),
    ("The economic buyer signs the order form", StepKind.SIGNATURE, Side.BUYER, 13, ""),
    (
        "Send the price for the second year in writing",
        StepKind.STEP,
        Side.US,
        8,
        "Sent on the day it was promised",
    ),
)
_AFTER = "They tell us which of the two terms they take"


def write(diary: Diary) -> None:
    """Write down the next steps of the later deals; some are done already, and the next one is agreed on."""
    for _, numbers in sorted(open_deals().items()):
        late = [number for number in numbers if plan.deals()[number].stage in _LATE]
        for number, step in zip(late, cycle(STEPS), strict=False):
            text, kind, side, ahead, came = step
            diary.note(_BEFORE, partial(_set, diary, number, text, kind, side, ahead))
            if came:
                diary.note(
                    _BEFORE + timedelta(days=2),
                    partial(_set, diary, number, _AFTER, StepKind.STEP, Side.BUYER, 10, came),
                )
    diary.note(timedelta(days=DAYS, hours=-1), _remind)


def _set(
    diary: Diary, number: int, text: str, kind: StepKind, side: Side, ahead: int, done: str = ""
) -> None:
    deal, company = Opportunity.objects.get(pk=diary.deals[number].pk), plan.deals()[number].company
    if deal.stage in CLOSED:
        return
    values: dict[str, Any] = {
        "next_step": text,
        "next_step_on": clocks.now().date() + timedelta(days=ahead),
        "next_step_kind": kind,
        "next_step_side": side,
        "next_step_contact": diary.contacts[company][0].pk,
    }
    owner = diary.people[plan.companies()[company].owner]
    deals.set_next_step(by=owner, pk=deal.pk, values=values | ({"done": done} if done else {}))


def _remind() -> None:
    """Let those hear of overdue steps whom it concerns, as every morning."""
    jobs.overdue(clocks.now())
