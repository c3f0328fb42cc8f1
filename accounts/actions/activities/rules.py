"""What an activity may say: which outcome and direction fit its kind, and what may lie ahead. Pure, all findings."""

from datetime import datetime

from accounts.enums import ActivityKind, ActivityOutcome, Direction
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

Outcome, Kind = ActivityOutcome, ActivityKind
OUTCOMES: dict[str, tuple[str, ...]] = {
    Kind.CALL: (Outcome.CONNECTED, Outcome.LEFT_MESSAGE, Outcome.NO_ANSWER),
    Kind.MEETING: (Outcome.PLANNED, Outcome.HELD, Outcome.NO_SHOW, Outcome.CANCELLED),
    **dict.fromkeys((Kind.EMAIL, Kind.MESSAGE, Kind.PORTAL, Kind.SIGNATURE, Kind.NOTE), (Outcome.DONE,)),
}
DIRECTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((Kind.CALL, Kind.EMAIL, Kind.MESSAGE), (Direction.OUTBOUND, Direction.INBOUND)),
    **dict.fromkeys((Kind.PORTAL, Kind.SIGNATURE), (Direction.INBOUND,)),
    **dict.fromkeys((Kind.MEETING, Kind.NOTE), (Direction.NONE,)),
}
# What may still be said of a meeting that has not begun.
AHEAD = (Outcome.PLANNED, Outcome.CANCELLED)
NEEDED = ("kind", "subject", "occurred_at")
LONGEST_S = 24 * 60 * 60


def fill_in(draft: Draft, now: datetime, *, say: bool = True) -> None:
    """Put what is not said and goes without saying: now, the usual direction, the only outcome there can be.

    With `say` False the time is left open: what another system does not know, is not now.
    """
    given, kind = draft.given, draft.given.get("kind", "")
    if say and not given.get("occurred_at"):
        given["occurred_at"] = now.replace(microsecond=0)
    if not given.get("direction"):
        given["direction"] = DIRECTIONS.get(kind, (Direction.NONE,))[0]
    if not given.get("outcome"):
        possible = OUTCOMES.get(kind, ())
        ahead = kind == Kind.MEETING and given.get("occurred_at", now) > now
        given["outcome"] = Outcome.PLANNED if ahead else possible[0] if len(possible) == 1 else ""


def check(draft: Draft, now: datetime) -> None:
    """Add every reason against what the draft says about itself."""
    drafting.need(draft, NEEDED, code="ACT-001")
    kind = draft.value("kind")
    if kind:
        _check_outcome(draft, kind, now)
        _check_direction(draft, kind)
    duration = draft.value("duration_s")
    if duration is not None and duration > LONGEST_S:
        message = (
            f"An activity lasts at most 24 hours ({LONGEST_S} seconds); this one has {duration}. Correct it."
        )
        draft.refuse("ACT-011", message, "duration_s", found=duration, needed=f"at most {LONGEST_S} seconds")


def _check_outcome(draft: Draft, kind: str, now: datetime) -> None:
    if any(finding.field in ("outcome", "occurred_at") for finding in draft.findings):
        return  # Its time is not known or does not fit: nothing can be said about how it went.
    outcome, ahead = draft.value("outcome"), draft.value("occurred_at") > now
    label = str(ActivityKind(kind).label).lower()
    if ahead and kind != Kind.MEETING:
        message = (
            f"A {label} cannot lie ahead: {draft.value('occurred_at'):%Y-%m-%d %H:%M %Z} has not come yet. "
        )
        message += "Log it once it has happened, or schedule a meeting."
        draft.refuse(
            "ACT-003", message, "occurred_at", found=draft.value("occurred_at"), needed="a time in the past"
        )
    elif not outcome or (outcome == Outcome.PLANNED and not ahead):
        words = _words([one for one in OUTCOMES[kind] if one != Outcome.PLANNED])
        message = f"This {label} is over: say how it went. Choose one of: {words}."
        draft.refuse("ACT-002", message, "outcome", found=outcome, needed=f"one of: {words}")
    elif outcome not in OUTCOMES[kind]:
        words = _words(OUTCOMES[kind])
        message = f"“{Outcome(outcome).label}” is no outcome of a {label}. Choose one of: {words}."
        draft.refuse("ACT-004", message, "outcome", found=outcome, needed=f"one of: {words}")
    elif ahead and outcome not in AHEAD:
        message = f"This meeting has not begun; it cannot be “{Outcome(outcome).label}” yet. "
        message += f"Until then choose one of: {_words(AHEAD)}."
        draft.refuse("ACT-005", message, "outcome", found=outcome, needed=f"one of: {_words(AHEAD)}")


def _check_direction(draft: Draft, kind: str) -> None:
    direction = draft.value("direction")
    if direction in DIRECTIONS[kind] or any(finding.field == "direction" for finding in draft.findings):
        return
    label, words = (
        str(ActivityKind(kind).label).lower(),
        ", ".join(Direction(d).label for d in DIRECTIONS[kind]),
    )
    shown = Direction(direction).label if direction else "Nothing"
    message = f"“{shown}” is no direction of a {label}. Choose one of: {words}."
    draft.refuse("ACT-016", message, "direction", found=direction, needed=f"one of: {words}")


def _words(outcomes: "tuple[str, ...] | list[str]") -> str:
    return ", ".join(str(Outcome(one).label) for one in outcomes)
