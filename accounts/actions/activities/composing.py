"""The short forms above a timeline: log a call, a meeting, an e-mail, a note about the record one looks at."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions.activities.creating import log_activity
from accounts.actions.activities.forms import CONTACTS
from accounts.actions.activities.rules import DIRECTIONS, OUTCOMES
from accounts.enums import ActivityKind, ActivityOutcome, Direction
from accounts.models import Activity
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.registry import Composer, Field, FieldKind

_SUBJECT = Field("subject", "Subject", required=True)
_BODY = Field("body", "What was said", FieldKind.LONG_TEXT, mentions=True)
_WHEN = Field("occurred_at", "When", FieldKind.INSTANT)
_MINUTES = Field("minutes", "Minutes", FieldKind.INTEGER)


def _outcome(kind: str, **said: Any) -> Field:
    choices = [(code, str(ActivityOutcome(code).label)) for code in OUTCOMES[kind]]
    return Field("outcome", "How it went", FieldKind.CHOICE, choices=choices, **said)


def _direction(kind: str) -> Field:
    choices = [(code, str(Direction(code).label)) for code in DIRECTIONS[kind]]
    return Field("direction", "From whom", FieldKind.CHOICE, choices=choices, required=True)


# From the keyboard: l logs a call, m a meeting, w what was written, n a note.
_KEYS = {ActivityKind.CALL: "l", ActivityKind.MEETING: "m", ActivityKind.EMAIL: "w", ActivityKind.NOTE: "n"}
_FORMS: dict[str, tuple[str, str, tuple[Field, ...], dict[str, str]]] = {
    ActivityKind.CALL: (
        "Log a call",
        "phone",
        (
            _SUBJECT,
            _outcome(ActivityKind.CALL, required=True),
            _direction(ActivityKind.CALL),
            _MINUTES,
            _WHEN,
            CONTACTS,
            _BODY,
        ),
        {"subject": "Call", "direction": Direction.OUTBOUND, "occurred_at": "now"},
    ),
    ActivityKind.MEETING: (
        "Meeting",
        "calendar-event",
        (
            _SUBJECT,
            Field(
                "occurred_at",
                "When",
                FieldKind.INSTANT,
                required=True,
                help="A time ahead plans the meeting.",
            ),
            _outcome(ActivityKind.MEETING, help="Empty for a meeting that lies ahead."),
            _MINUTES,
            CONTACTS,
            _BODY,
        ),
        {"occurred_at": "now"},
    ),
    ActivityKind.EMAIL: (
        "E-mail",
        "mail",
        (_SUBJECT, _direction(ActivityKind.EMAIL), _WHEN, CONTACTS, _BODY),
        {"direction": Direction.OUTBOUND, "occurred_at": "now"},
    ),
    ActivityKind.NOTE: ("Note", "note", (_SUBJECT, _BODY), {}),
}


def composers(about: str) -> tuple[Composer, ...]:
    """Return the forms for a record type; `about` is what an activity calls it: account, lead or contact."""
    return tuple(composer(kind, about, log_about(about)) for kind in _FORMS)


def composer(kind: str, about: str, run: Any) -> Composer:
    """Return one form; `run(by=, about=, values=)` takes the values of an activity. Upper apps pass their own."""
    label, icon, fields, begins = _FORMS[kind]
    if about == "contact":
        fields = tuple(one for one in fields if one is not CONTACTS)
    return Composer(
        name=str(kind),
        label=label,
        icon=icon,
        fields=fields,
        creates="accounts.activity",
        run=lambda by, about, values: run(by=by, about=about, values=read(label, fields, kind, values)),
        submit="Save",
        begins=begins,
        key=_KEYS.get(ActivityKind(kind), ""),
    )


def read(label: str, fields: Sequence[Field], kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Read what was entered as the values of an activity. Raises Blocked with every finding."""
    entered = drafting.entered(label, fields, values)
    given = {name: value for name, value in entered.items() if value not in ("", None)}
    minutes = given.pop("minutes", None)
    if minutes is not None:
        if minutes > 24 * 60:
            message = (
                f"An activity lasts at most 1,440 minutes (24 hours); this one has {minutes:,}. Correct it."
            )
            raise Blocked.because(
                "ACT-011", message, field="minutes", found=str(minutes), needed="at most 1,440"
            )
        given["duration_s"] = minutes * 60
    return {**given, "kind": str(kind)}


def log_about(about: str) -> Any:
    """Return the call that logs an activity about an account, a lead or a contact."""

    def run(*, by: User, about: Any, values: Mapping[str, Any]) -> Activity:
        linked: dict[str, Any] = {name: [about.pk] if name == "contacts" else about.pk}
        return log_activity(by=by, values={**values, **linked})

    name = "contacts" if about == "contact" else about
    return run
