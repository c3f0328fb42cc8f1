"""The special actions of a lead as the shells offer them: what they ask for, and the call they make."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.actions.assigning import back
from accounts.actions.forms import holder_of
from accounts.actions.leads import dispositions, editing, many
from accounts.enums import DISQUALIFYING, RECYCLING, Disposition
from accounts.models import Lead
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind, RecordAction

_NOTE = Field("note", "In your words", help="What the next person should know.")


def _accept(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    return dispositions.accept_lead(by=by, pk=pk, version=version, reason=reason)


def _start(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    return dispositions.start_working(by=by, pk=pk, version=version, reason=reason)


def _nurture(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    return dispositions.nurture_lead(by=by, pk=pk, version=version, reason=reason)


def _recycle(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    given = drafting.answers(RECYCLE, values)
    why, note = given["disposition"], given.get("note") or ""
    return dispositions.recycle_lead(by=by, pk=pk, disposition=why, note=note, version=version, reason=reason)


def _disqualify(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    given = drafting.answers(DISQUALIFY, values)
    why, note = given["disposition"], given.get("note") or ""
    return dispositions.disqualify_lead(
        by=by, pk=pk, disposition=why, note=note, version=version, reason=reason
    )


def _reassign(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    given = drafting.answers(REASSIGN, values)
    return editing.reassign_lead(by=by, pk=pk, **holder_of(given), reason=reason, version=version)


def _fits(move: dispositions.Move) -> Callable[[Lead], bool]:
    """Offer a move where the lead is in one of the states it starts from."""
    return lambda lead: lead.status in move.starts


def _why(reasons: tuple[Disposition, ...]) -> Field:
    choices = [(reason.value, str(reason.label)) for reason in reasons]
    return Field("disposition", "Because", FieldKind.CHOICE, choices=choices, required=True)


ACCEPT = RecordAction(
    "accept",
    "Accept",
    (),
    _accept,
    in_bulk=True,
    icon="circle-check",
    help="You take this lead on.",
    fits=_fits(dispositions.ACCEPT),
)
START = RecordAction(
    "start_working",
    "Start working",
    (),
    _start,
    in_bulk=True,
    icon="player-play",
    right="dispose",
    fits=_fits(dispositions.START),
)
NURTURE = RecordAction(
    "nurture",
    "Nurture",
    (),
    _nurture,
    in_bulk=True,
    icon="seedling",
    right="dispose",
    help="Marketing cares for the lead until it is ready.",
    fits=_fits(dispositions.NURTURE),
)
RECYCLE = RecordAction(
    "recycle",
    "Recycle",
    (_why(RECYCLING), _NOTE),
    _recycle,
    in_bulk=True,
    icon="recycle",
    right="dispose",
    help="The lead comes back on a later day.",
    fits=_fits(dispositions.RECYCLE),
)
DISQUALIFY = RecordAction(
    "disqualify",
    "Disqualify",
    (_why(DISQUALIFYING), _NOTE),
    _disqualify,
    in_bulk=True,
    icon="ban",
    right="dispose",
    help="The lead is given up. Its address is free for a new one.",
    fits=_fits(dispositions.DISQUALIFY),
)
REASSIGN: RecordAction = RecordAction(
    "reassign",
    "Reassign",
    (
        Field("owner", "To a person", FieldKind.PERSON, reference="identity.user"),
        Field("queue", "Or to a queue", FieldKind.REFERENCE, reference="people.queue"),
    ),
    _reassign,
    in_bulk=True,
    many=many.reassigning(lambda values: holder_of(drafting.answers(REASSIGN, values))),
    back=back,
    icon="user-check",
    help="Say why in at least 20 characters.",
)
ACTIONS = (ACCEPT, START, NURTURE, RECYCLE, DISQUALIFY, REASSIGN)
