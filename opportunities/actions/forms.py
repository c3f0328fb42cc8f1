"""The special actions of a deal as the shells offer them: what they ask for, and the call they make."""

from collections.abc import Mapping
from typing import Any

from accounts.actions.assigning import back
from opportunities.actions import many
from opportunities.actions.categories.forms import SET_CATEGORY
from opportunities.actions.closing import close_lost, close_won, reopen
from opportunities.actions.contact_roles import add_contact_role
from opportunities.actions.editing import assign_opportunity, copy_again, edit_opportunity
from opportunities.actions.moving import move_stage
from opportunities.actions.next_steps.setting import SET_NEXT_STEP
from opportunities.actions.reasons import ReasonChoices
from opportunities.enums import CLOSED, OPEN, BuyingRole, ReasonKind, Stage
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction

Values = Mapping[str, Any]
_STAGES = [(stage.value, stage.label) for stage in OPEN]


def _is_open(deal: Any) -> bool:
    return deal.stage not in CLOSED


def _found(model: Any, pk: int | None, name: str) -> Any:
    if pk is None:
        return None
    found = model.objects.filter(pk=pk).first()
    if found is None:
        message = f"There is no {model._meta.verbose_name} with the id {pk}. Choose another one."
        raise audit.Blocked.because("OPP-003", message, field=name, found=str(pk), needed="an id that exists")
    return found


def acknowledged(given: Values) -> tuple[str, ...]:
    """Return the criteria of which somebody has seen the warning, as a form or a program names them."""
    return tuple(str(given.get("acknowledge") or "").replace(",", " ").split())


def _move(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    given = answers(MOVE, values)
    return move_stage(
        by=by,
        pk=pk,
        to=given["to"],
        reason_code=given.get("reason_code") or "",
        version=version,
        reason=reason,
        acknowledge=acknowledged(given),
    )


def _win(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    given = answers(WIN, values)
    return close_won(by=by, pk=pk, version=version, reason=reason, acknowledge=acknowledged(given))


def _lose(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    given = answers(LOSE, values)
    return close_lost(
        by=by,
        pk=pk,
        reason_code=given["reason_code"],
        competitor=given.get("competitor") or "",
        last_buyer_contact_on=given.get("last_buyer_contact_on"),
        version=version,
        reason=reason,
        acknowledge=acknowledged(given),
    )


def _reopen(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Opportunity:
    given = answers(REOPEN, values)
    return reopen(by=by, pk=pk, reason_code=given["reason_code"], version=version, reason=reason)


def _push(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    given = answers(PUSH, values)
    changes = {name: value for name, value in given.items() if value not in (None, "")}
    return edit_opportunity(by=by, pk=pk, changes=changes, version=version, reason=reason)


def _assign(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Opportunity:
    given = answers(ASSIGN, values)
    return assign_opportunity(
        by=by,
        pk=pk,
        **_holder(given),
        role=given.get("role") or OwnerRole.PRIMARY,
        reason=reason,
        version=version,
    )


def _holder(given: Values) -> dict[str, Any]:
    return {
        "owner": _found(User, given.get("owner"), "owner"),
        "queue": _found(Queue, given.get("queue"), "queue"),
    }


def _add_contact(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Opportunity:
    given = {name: value for name, value in answers(ADD_CONTACT, values).items() if value not in (None, "")}
    return add_contact_role(by=by, values={"opportunity": pk, **given}, reason=reason).opportunity


def _copy(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    answers(COPY, values)
    return copy_again(by=by, pk=pk, version=version, reason=reason)


def _reason(*kinds: ReasonKind, label: str, required: bool = True) -> Field:
    return Field(
        "reason_code", label, FieldKind.CHOICE, choices=ReasonChoices(*kinds), required=required, kept=True
    )


ACKNOWLEDGE = Field(
    "acknowledge",
    "Warnings that were seen",
    help="The criteria that only warn and are passed knowingly, by their keys.",
    silent=True,
)
ADVANCES = _reason(ReasonKind.ADVANCE, label="Why it advances")
REGRESSES = _reason(ReasonKind.REGRESS, label="Why it moves back")
MOVE = RecordAction(
    "move_stage",
    "Move to a stage",
    (
        Field("to", "To the stage", FieldKind.CHOICE, choices=_STAGES, required=True),
        # The action asks for it, together with everything else that speaks against the move.
        _reason(ReasonKind.ADVANCE, ReasonKind.REGRESS, label="Why", required=False),
        ACKNOWLEDGE,
    ),
    _move,
    in_bulk=True,
    icon="arrow-right",
    right="transition",
    fits=_is_open,
)
WIN = RecordAction(
    "close_won",
    "Close as won",
    (ACKNOWLEDGE,),
    _win,
    icon="trophy",
    help="The deal is booked now, and forecast as closed.",
    right="transition",
    fits=_is_open,
)
LOSE = RecordAction(
    "close_lost",
    "Close as lost",
    (
        _reason(ReasonKind.LOSS, label="Why it was lost"),
        Field("competitor", "Competitor", help="Who won, else “none” or “no decision”."),
        Field(
            "last_buyer_contact_on",
            "Last contact with the buyer",
            FieldKind.DATE,
            help="Needed only where no activity tells it.",
        ),
        ACKNOWLEDGE,
    ),
    _lose,
    in_bulk=True,
    icon="circle-x",
    right="transition",
    fits=_is_open,
)
REOPEN = RecordAction(
    "reopen",
    "Reopen",
    (_reason(ReasonKind.REOPEN, label="Why it is open again"),),
    _reopen,
    icon="rotate",
    help="The deal goes back to the last open stage it stood in. What is closed stays in its history.",
    right="transition",
    fits=lambda deal: deal.stage == Stage.CLOSED_LOST,
)
REOPEN_WON = RecordAction(
    "reopen_won",
    "Reopen a won deal",
    REOPEN.fields,
    _reopen,
    icon="rotate",
    help="Finance reopens a won deal when its contract is void.",
    right="reopen_won",
    fits=lambda deal: deal.stage == Stage.CLOSED_WON,
)
PUSH = RecordAction(
    "push",
    "Move the close date",
    (
        Field("close_date", "New close date", FieldKind.DATE, required=True),
        Field(
            "slip_reason",
            "Why it is later",
            FieldKind.CHOICE,
            choices=ReasonChoices(ReasonKind.SLIP, ReasonKind.PUSH),
            help="Needed for a later date only.",
            kept=True,
        ),
    ),
    _push,
    in_bulk=True,
    icon="calendar",
    right="transition",
    fits=_is_open,
)
ASSIGN: RecordAction = RecordAction(
    "assign",
    "Assign",
    (
        Field("owner", "To a person", FieldKind.PERSON, reference="identity.user"),
        Field("queue", "Or to a queue", FieldKind.REFERENCE, reference="people.queue"),
        Field(
            "role",
            "In the role",
            FieldKind.CHOICE,
            choices=OwnerRole.choices,
            help="Owner, if nothing is chosen.",
        ),
    ),
    _assign,
    in_bulk=True,
    many=many.assigning(lambda values: _holder(answers(ASSIGN, values))),
    back=back,
    icon="user-check",
    help="Say why in at least 20 characters; the reason stays with the owner's interval.",
    right="reassign",
)
ADD_CONTACT = RecordAction(
    "add_contact",
    "Add a contact",
    (
        Field("contact", "Contact", FieldKind.REFERENCE, reference="accounts.contact", required=True),
        Field("role", "Role", FieldKind.CHOICE, choices=BuyingRole.choices, required=True),
        Field("influence", "Influence", FieldKind.INTEGER, help="From 1 (little) to 3 (decides)."),
        Field("is_primary", "Primary contact", FieldKind.BOOLEAN),
    ),
    _add_contact,
    icon="user-plus",
    right="contact_roles",
)
COPY = RecordAction(
    "copy_again",
    "Copy from the account again",
    (),
    _copy,
    in_bulk=True,
    icon="refresh",
    help="Segment, territory and region are taken from the account as it is now, and the name follows.",
    right="transition",
    fits=_is_open,
)
ACTIONS = (MOVE, WIN, LOSE, REOPEN, REOPEN_WON, SET_NEXT_STEP, PUSH, SET_CATEGORY, ADD_CONTACT, ASSIGN, COPY)
