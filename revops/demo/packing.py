"""What the demo company asked of its deal desk: a request in each state, and an obligation that needs evidence."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from opportunities.policies.deal_desk import DEAL_DESK
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.demo.tasks import open_deals
from revops.kernel import audit, clocks
from revops.kernel.packets import actions
from revops.kernel.packets.enums import PacketState
from revops.kernel.records.work import subjects

_BEFORE = timedelta(days=DAYS - 5)
_HOUR = timedelta(hours=1)
_WHY = "They sign for two years this quarter if we meet the price of the offer that they hold."
_GAP = {"field": "discount", "reason_code": "wrong_figure", "note": "Above 15 % we need the term in writing."}
# The deals by their owner, and how far each request came.
_ASKED = (
    ("alice", 0, PacketState.DRAFT),
    ("alice", 1, PacketState.SUBMITTED),
    ("alice", 2, PacketState.RETURNED),
    ("bob", 0, PacketState.ACCEPTED),
    ("charlie", 0, PacketState.SUPERSEDED),
    ("eva", 0, PacketState.WITHDRAWN),
)


def write(diary: Diary) -> None:
    """Write down the requests of the last days, and what an owner promised."""
    held = open_deals()
    for owner, place, state in _ASKED:
        if len(held.get(owner, ())) > place:
            diary.note(_BEFORE, partial(_ask, diary, held[owner][place], owner, state))
    diary.note(_BEFORE + _HOUR, partial(_promise, diary, held["alice"][0]))


def _ask(diary: Diary, number: int, owner: str, state: PacketState) -> None:
    by, dan, deal = diary.people[owner], diary.people["dan"], diary.deals[number]
    packet = actions.open_packet(
        by=by, template=DEAL_DESK, subject=subjects.of(deal), values=_values(diary, number)
    )
    if state == PacketState.DRAFT:
        return
    if state == PacketState.WITHDRAWN:
        actions.withdraw_packet(by=by, pk=packet.pk, reason="They take the standard terms after all.")
        return
    actions.submit_packet(by=by, pk=packet.pk)
    if state == PacketState.RETURNED:
        actions.return_packet(by=dan, pk=packet.pk, gaps=[_GAP])
    elif state in (PacketState.ACCEPTED, PacketState.SUPERSEDED):
        actions.accept_packet(by=dan, pk=packet.pk)
    if state == PacketState.SUPERSEDED:
        again = actions.open_packet(
            by=by, template=DEAL_DESK, subject=subjects.of(deal), values={"discount": "18"}
        )
        actions.submit_packet(by=by, pk=again.pk)
        actions.accept_packet(by=dan, pk=again.pk)


def _values(diary: Diary, number: int) -> Mapping[str, Any]:
    return {
        "asks_for": "discount",
        "why": _WHY,
        "discount": str(8 + number % 7),
        "term_months": 24,
        "payment_terms": "net_45",
        "competitor_pressure": "One other bidder is left, with a lower price and fewer functions.",
        "needed_by": (clocks.now().date() + timedelta(days=9)).isoformat(),
    }


def _promise(diary: Diary, number: int) -> None:
    deal = plan.deals()[number]
    owner = diary.people[plan.companies()[deal.company].owner]
    with audit.change(by=diary.people["mona"], action="demo.promise"):
        actions.add_obligation(
            kind="commitment",
            text="Deliver the data-residency statement that we promised",
            owner=owner,
            subject=subjects.of(diary.deals[number]),
            due_on=clocks.now().date() + timedelta(days=8),
        )
