"""The special actions of an activity as the shells offer them: what they ask for, and the call they make."""

from collections.abc import Mapping
from typing import Any

from accounts.actions.activities.editing import closes_at, is_open, record_outcome, set_attendees
from accounts.enums import ActivityKind, ActivityOutcome
from accounts.models import Activity
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind, RecordAction

CONTACTS = Field(
    "contacts",
    "Attendees",
    FieldKind.REFERENCES,
    reference="accounts.contact",
    help="The people on the buyer's side who took part, or are asked to.",
)


def _record_outcome(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Activity:
    given = drafting.answers(OUTCOME, values)
    if not given.get("contacts"):
        given.pop("contacts", None)  # Left empty, the attendees stay who they are.
    return record_outcome(by=by, pk=pk, values=given, version=version, reason=reason)


def _set_attendees(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Activity:
    given = drafting.answers(ATTENDEES, values)
    return set_attendees(by=by, pk=pk, contacts=given.get("contacts") or (), version=version, reason=reason)


OUTCOME = RecordAction(
    "record_outcome",
    "Record the outcome",
    (
        Field(
            "outcome",
            "How it went",
            FieldKind.CHOICE,
            choices=[
                (one.value, str(one.label))
                for one in (ActivityOutcome.HELD, ActivityOutcome.NO_SHOW, ActivityOutcome.CANCELLED)
            ],
            required=True,
        ),
        Field(
            "duration_s", "Seconds it took", FieldKind.INTEGER, help="If you know; 1,800 are half an hour."
        ),
        CONTACTS,
    ),
    _record_outcome,
    icon="circle-check",
    help="Say how a planned meeting went. Leave the attendees empty to keep them as they are.",
    fits=lambda activity: activity.kind == ActivityKind.MEETING and closes_at(activity) is None,
)
ATTENDEES = RecordAction(
    "set_attendees",
    "Name the attendees",
    (CONTACTS,),
    _set_attendees,
    icon="users",
    help="Everybody on the buyer's side, all of them; who is left out is taken off.",
    fits=is_open,
)
ACTIONS = (OUTCOME, ATTENDEES)
