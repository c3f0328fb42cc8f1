"""What stands in the way of a deal: what it lacks where it is, or would lack one stage on, and what supplies it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from opportunities.actions import moving
from opportunities.actions.gating import DEEDS
from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity
from revops.kernel.audit import Finding
from revops.kernel.people import access

_PREFIX = "opportunity."


@dataclass(frozen=True, slots=True)
class Need:
    """One thing a deal lacks; a field, a deed or a place on its page supplies it, none where the reader may not."""

    message: str
    field: str = ""
    deed: str = ""
    place: str = ""
    words: str = ""

    @property
    def short(self) -> str:
        """What is missing, without the condition under which it is asked for: that is told beside it."""
        return self.message.partition("; it is required")[0]


@dataclass(frozen=True, slots=True)
class Blocks:
    """What a deal lacks in its present stage, and what would keep it from the next one."""

    now: list[Need]
    next_stage: str
    next: list[Need]


def blocks(deal: Opportunity, user: Any) -> Blocks:
    """Return what the deal lacks now, however hard the policy insists, and what would refuse the next stage.

    At most two queries for the facts, besides what tells the reader's rights.
    """
    following = _following(deal.stage)
    now = moving.lacking(deal, deal.stage, mode=None)
    refused = moving.lacking(deal, following) if following else []
    supply = supplier(deal, user)
    held = {finding.message for finding in now}
    return Blocks(
        supply(now),
        str(Stage(following).label) if following else "",
        supply([finding for finding in refused if finding.message not in held]),
    )


def _following(stage: str) -> str:
    place = OPEN.index(Stage(stage)) + 1 if stage in OPEN else len(OPEN)
    return str(OPEN[place]) if place < len(OPEN) else ""


def supplier(deal: Opportunity, user: Any) -> Callable[[Sequence[Finding]], list[Need]]:
    """Return what turns findings into what their reader may do about each."""
    editable = access.editable(user, deal)

    def need(finding: Finding) -> Need:
        name = finding.field.removeprefix(_PREFIX)
        if name in editable:
            return Need(finding.message, field=name, words="Fill in")
        if name in DEEDS:
            right, words, address = DEEDS[name]
            if access.allowed(user, right, deal):
                return Need(finding.message, deed=address, words=words)
        if name == "meeting":
            return Need(finding.message, place="timeline", words="Log the meeting")
        return Need(finding.message)

    return lambda findings: [need(finding) for finding in findings]
