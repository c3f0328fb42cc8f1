"""The special actions of the council as the shells offer them."""

from collections.abc import Mapping
from typing import Any

from governance.actions.council.deciding import add_follow_up, decide, defer, withdraw_item
from governance.actions.council.voting import vote
from governance.enums import UNDECIDED, DecisionState
from governance.models import DecisionItem
from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction

Values = Mapping[str, Any]


def _vote(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> DecisionItem:
    given = answers(VOTE, values)
    dissent = given.get("dissent") or ""
    return vote(by=by, pk=pk, choice=given["choice"], dissent=dissent, version=version, reason=reason)


def _decide(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> DecisionItem:
    outcome = answers(DECIDE, values)["outcome"]
    return decide(by=by, pk=pk, outcome=outcome, version=version, reason=reason)


def _defer(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> DecisionItem:
    meets_on = answers(DEFER, values)["meets_on"]
    return defer(by=by, pk=pk, meets_on=meets_on, version=version, reason=reason)


def _withdraw(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> DecisionItem:
    answers(WITHDRAW, values)
    return withdraw_item(by=by, pk=pk, version=version, reason=reason)


def _follow_up(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> DecisionItem:
    given = answers(FOLLOW_UP, values)
    owner = User.objects.filter(pk=given["owner"]).first()
    if owner is None:
        message = f"There is nobody with the id {given['owner']}. Choose somebody else."
        raise Blocked([Finding("CNL-012", message, field="owner", needed="an active person")])
    return add_follow_up(
        by=by, pk=pk, text=given["text"], owner=owner, due_on=given["due_on"], version=version, reason=reason
    )


def _is_open(item: Any) -> bool:
    return item.state in UNDECIDED


VOTE = RecordAction(
    "vote",
    "Vote",
    (
        Field("choice", "For the option", required=True, help="As it stands on the topic."),
        Field("dissent", "What you disagree with", help="Kept with the decision."),
    ),
    _vote,
    icon="checkbox",
    help="One vote a seat; until the decision you may change yours.",
    fits=_is_open,
    primary=True,
)
DECIDE = RecordAction(
    "decide",
    "Record the decision",
    (Field("outcome", "Outcome", required=True, help="The option with the most votes."),),
    _decide,
    icon="gavel",
    help="Needs a quorum with Finance, and evidence. Without a quorum the clock goes on.",
    fits=_is_open,
)
DEFER = RecordAction(
    "defer",
    "Put off",
    (Field("meets_on", "To the meeting on", FieldKind.DATE, required=True),),
    _defer,
    icon="calendar-due",
    help="Say why. The clock goes on.",
    fits=_is_open,
)
FOLLOW_UP = RecordAction(
    "add_follow_up",
    "Add what follows",
    (
        Field("text", "What is to be done", required=True),
        Field("owner", "By", FieldKind.PERSON, reference="identity.user", required=True),
        Field("due_on", "Until", FieldKind.DATE, required=True),
    ),
    _follow_up,
    icon="list-check",
    fits=lambda item: item.state == DecisionState.DECIDED,
    primary=True,
)
WITHDRAW = RecordAction("withdraw", "Withdraw", (), _withdraw, icon="ban", help="Say why.", fits=_is_open)
ACTIONS = (VOTE, DECIDE, DEFER, FOLLOW_UP, WITHDRAW)
