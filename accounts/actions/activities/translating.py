"""What the activities of other systems say, in our words: kinds, outcomes, durations. Pure. Source: mappings.md."""

from datetime import datetime
from typing import Any

from accounts.actions.activities.rules import DIRECTIONS, OUTCOMES
from accounts.enums import ActivityKind, ActivityOutcome
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.folding import fold

Kind, Outcome = ActivityKind, ActivityOutcome
# Salesforce's subtypes and types of tasks and events, HubSpot's types of engagements.
KINDS = {
    "event": Kind.MEETING,
    "meeting": Kind.MEETING,
    "demo": Kind.MEETING,
    "call": Kind.CALL,
    "email": Kind.EMAIL,
    "e-mail": Kind.EMAIL,
    "list email": Kind.EMAIL,
    "listemail": Kind.EMAIL,
    "incoming_email": Kind.EMAIL,
    "forwarded_email": Kind.EMAIL,
    "linkedin": Kind.MESSAGE,
    "linkedin_message": Kind.MESSAGE,
    "sms": Kind.MESSAGE,
    "whats_app": Kind.MESSAGE,
    "message": Kind.MESSAGE,
    "communication": Kind.MESSAGE,
    "note": Kind.NOTE,
}
# Salesforce's call results and event states; HubSpot's outcomes, those of calls by their ids as well.
RESULTS = {
    "completed": Outcome.HELD,
    "held": Outcome.HELD,
    "scheduled": Outcome.PLANNED,
    "rescheduled": Outcome.CANCELLED,
    "canceled": Outcome.CANCELLED,
    "cancelled": Outcome.CANCELLED,
    "no show": Outcome.NO_SHOW,
    "no_show": Outcome.NO_SHOW,
    "connected": Outcome.CONNECTED,
    "answered": Outcome.CONNECTED,
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": Outcome.CONNECTED,
    "left voicemail": Outcome.LEFT_MESSAGE,
    "left live message": Outcome.LEFT_MESSAGE,
    "left message": Outcome.LEFT_MESSAGE,
    "b2cf5968-551e-4856-9783-52b3da59a7d0": Outcome.LEFT_MESSAGE,
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": Outcome.LEFT_MESSAGE,
    "no answer": Outcome.NO_ANSWER,
    "busy": Outcome.NO_ANSWER,
    "wrong number": Outcome.NO_ANSWER,
    "73a0d17f-1163-4015-bdd5-ec830791da20": Outcome.NO_ANSWER,
    "9d9162e7-6cf3-4944-bf63-4dff82258764": Outcome.NO_ANSWER,
    "17b47fee-58de-441e-a44c-c6300d46f273": Outcome.NO_ANSWER,
}
OPEN_TASK = {"not started", "in progress", "waiting on someone else", "waiting", "deferred", "open"}
SAID = ("sort", "subtype", "status", "disposition", "minutes", "milliseconds", "ends_at")


def translate(row: ImportRow, *, migration: bool, now: datetime) -> None:
    """Bring the values of a row into ours; what only the file says is taken away. Findings name what was assumed."""
    said = {name: row.values.pop(name, None) for name in SAID}
    values = row.values
    values["kind"] = values.get("kind") or _kind(said)
    values["occurred_at"] = values.get("occurred_at") or values.get("created_at")
    _duration(row, said)
    if fold(said["status"] or "") in OPEN_TASK:
        message = "This task is open: nothing has happened yet. Set it as a next step of the deal instead."
        row.reject(
            "ACT-020", message, field="status", found=said["status"], needed="a task that is completed"
        )
    if not values.get("outcome"):
        values["outcome"] = _outcome(values["kind"], said, values.get("occurred_at"), now)
    if migration:
        _relax(row, now)


def _kind(said: dict[str, Any]) -> str:
    """An event is a meeting, whatever its type; else the subtype says more than the type. A plain task is a note."""
    subtype, sort = (fold(said[name] or "") for name in ("subtype", "sort"))
    if subtype == "event" or (said["ends_at"] and not KINDS.get(subtype)):
        return Kind.MEETING
    return KINDS.get(subtype) or KINDS.get(sort) or Kind.NOTE


def _duration(row: ImportRow, said: dict[str, Any]) -> None:
    """Take the first duration that is said: seconds, minutes, milliseconds, or from start to end."""
    values, start, end = row.values, row.values.get("occurred_at"), said["ends_at"]
    if values.get("duration_s") is not None:
        return
    if said["minutes"] is not None:
        values["duration_s"] = said["minutes"] * 60
    elif said["milliseconds"] is not None:
        values["duration_s"] = said["milliseconds"] // 1_000
    elif start and end and end > start:
        values["duration_s"] = int((end - start).total_seconds())


def _outcome(kind: str, said: dict[str, Any], occurred_at: datetime | None, now: datetime) -> str:
    """Return the outcome that the file says, the only one there can be, or none."""
    if len(OUTCOMES[kind]) == 1:
        return OUTCOMES[kind][0]
    ahead = occurred_at is not None and occurred_at > now
    found = RESULTS.get(fold(said["disposition"] or ""), "")
    if kind == Kind.MEETING and ahead:
        return Outcome.CANCELLED if found == Outcome.CANCELLED else Outcome.PLANNED
    return found if found in OUTCOMES[kind] and found != Outcome.PLANNED else ""


def _relax(row: ImportRow, now: datetime) -> None:
    """Keep what a migration keeps: an unknown outcome, no subject, an impossible duration, a strange direction."""
    values, kind = row.values, row.values["kind"]
    label = str(ActivityKind(kind).label)
    if not values.get("subject"):
        values["subject"] = label
        row.tell("ACT-001", f"The activity has no subject; it is called “{label}”.", field="subject")
    happened = values.get("occurred_at") is not None and values["occurred_at"] <= now
    if happened and (values["outcome"] not in OUTCOMES[kind] or values["outcome"] == Outcome.PLANNED):
        values["outcome"] = ""
        message = f"How this {label.lower()} went is not said. It is kept without an outcome and counts for nothing."
        row.tell("ACT-002", message, field="outcome", needed="an outcome")
    if values.get("direction") and values["direction"] not in DIRECTIONS[kind]:
        values["direction"] = ""
    if (values.get("duration_s") or 0) > 24 * 60 * 60:
        row.tell(
            "ACT-011",
            "It would have lasted more than 24 hours; the duration is left out.",
            field="duration_s",
        )
        values["duration_s"] = None
