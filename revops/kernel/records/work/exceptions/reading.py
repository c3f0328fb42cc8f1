"""Reads of exceptions for the pages, always from what the asking person may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from revops.kernel import clocks
from revops.kernel.gates import debts
from revops.kernel.gates.exceptions import registry as excusable
from revops.kernel.gates.exceptions.enums import GRANTED, OPEN, ExceptionState
from revops.kernel.gates.models import ExceptionReview, ExceptionUse, GateDebt, PolicyException
from revops.kernel.identity.models import User
from revops.kernel.packets.days import zone_of
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.work import words
from revops.kernel.records.work.reading import named

LABEL = "gates.policyexception"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Term:
    """Where the term of an exception stands: in words, how much of it is used, and the record that is excused."""

    words: str
    tone: str
    share: int | None
    active: bool
    kind: str
    number: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One exception, or one debt, about a record, as its page shows it."""

    title: str
    url: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Around:
    """The exceptions and gate debts about a record, and where one is asked for."""

    lines: list[Line]
    ask: str


def term(held: PolicyException, user: User) -> Term:
    """Return where an exception stands, in one query; the title of its record only where `user` sees it (A08)."""
    now = clocks.now().astimezone(zone_of(user))
    kind = next((one for one in registry.every() if one.label == held.subject_type), None)
    title = named(held.subject_type, [held.subject_id], user).get(held.subject_id, "") if kind else ""
    said, tone = standing(held, now)
    active = held.active_at(now)
    whole = (held.expires_at - held.term_from).total_seconds()
    share = round(100 * (now - held.term_from).total_seconds() / whole) if active else None
    return Term(
        words=said,
        tone=tone,
        share=share,
        active=active,
        kind=kind.singular if kind else "Record",
        number=held.subject,
        title=title,
        url=kind.url(held.subject_id) if kind and title else "",
    )


def standing(held: PolicyException, now: datetime) -> tuple[str, str]:
    """Return how an exception stands, in words and with a tone: by the clock, not by what a job has marked."""
    until = held.expires_at.astimezone(now.tzinfo)
    day = f"{until:%d %B %Y, %H:%M}"
    if held.state in GRANTED and held.expires_at <= now:
        return f"over since {day}", "grey"
    if held.state == ExceptionState.APPROVED and held.starts_at > now:
        return f"begins on {held.starts_at.astimezone(now.tzinfo):%d %B %Y, %H:%M}", "blue"
    if held.state == ExceptionState.APPROVED:
        days = (until.date() - now.date()).days
        left = words.counted(days, "day") if days else "less than a day"
        return f"in force until {day}: {left} left", "amber" if days <= 1 else "green"
    if held.state == ExceptionState.REQUESTED:
        return f"waits for a decision; asked for until {day}", "blue"
    return held.get_state_display().lower(), "grey"


def uses(held: PolicyException, user: User) -> list[Line]:
    """Return the decisions that an exception excused, the newest first; one query."""
    rows = ExceptionUse.objects.filter(exception=held).visible_to(user).select_related("decision")
    zone = zone_of(user)
    return [
        Line(
            f"{one.decision.ref}: {one.decision.outcome}",
            f"/rules/decisions/{one.decision_id}/",
            f"{one.used_at.astimezone(zone):%d %B %Y, %H:%M}",
            "",
        )
        for one in rows.order_by("-used_at", "-pk")[:SHOWN]
    ]


def reviews(held: PolicyException, user: User) -> list[ExceptionReview]:
    """Return the weekly looks at an exception, the newest first; one query."""
    rows = ExceptionReview.objects.filter(exception=held).visible_to(user).select_related("reviewed_by")
    return list(rows.order_by("-week", "-pk")[:SHOWN])


def around(record: Any, user: User) -> Around | None:
    """Return the open exceptions and debts about a record, in two queries; None where nothing of it may be excused."""
    label = record._meta.label_lower
    policies = [one for one in excusable.every() if label in one.record_types]
    rights = access.rights(user, LABEL)
    if not policies or not rights.sees_any:
        return None
    now = clocks.now().astimezone(zone_of(user))
    rows = PolicyException.objects.filter(subject_type=label, subject_id=record.pk, state__in=OPEN)
    lines = [_exception(one, now) for one in rows.visible_to(user).order_by("expires_at", "pk")[:SHOWN]]
    owed = debts.owing(label, [record.pk]).get(record.pk, [])
    ask = f"/exceptions/add/?policy_key={policies[0].policy_key}&subject={label}:{record.pk}"
    return Around([*(_debt(one, now) for one in owed), *lines], ask if rights.creatable else "")


def _exception(held: PolicyException, now: datetime) -> Line:
    said, tone = standing(held, now)
    return Line(held.name, held.get_absolute_url(), said, tone)


def _debt(debt: GateDebt, now: datetime) -> Line:
    due = debt.due_at.astimezone(now.tzinfo) if debt.due_at else None
    said = f"owed since its exception ended; {words.why(now, due.date() if due else None, due)}"
    return Line(debt.name, f"/exceptions/{debt.exception_id}/", said, "red")
