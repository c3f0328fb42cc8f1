"""The next step of a record: what it is, by when, and what its form begins with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from revops.kernel import clocks
from revops.kernel.people import access
from revops.kernel.records.registry import RecordType
from revops.web import formatting
from revops.web.properties import Property, Sheet

# A step without a day, or with one that is past, is offered for this many days ahead.
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step as a page shows it; `tone` and `words` say how near its day is.

    `about` is what else is known of it, such as whose move it is; `deed` the address of the form for all of it.
    """

    html: SafeString
    day: str
    words: str
    tone: str
    editable: bool
    url: str
    about: Sequence[Property] = ()
    deed: str = ""


def fields_of(record_type: RecordType) -> tuple[str, ...]:
    """Return the names of the fields that tell the next step: its words, then its day; nothing for most types."""
    return tuple(record_type.extra.get("next_step", ()))


def told_by(record_type: RecordType) -> tuple[str, ...]:
    """Return the names of all fields that the panel of the next step tells, so that no other place does."""
    return (*fields_of(record_type), *record_type.extra.get("next_step_about", ()))


def of(sheet: Sheet) -> NextStep | None:
    """Return the next step of a record, or nothing where its type has none or the reader may not know it."""
    names = fields_of(sheet.record_type)
    shown = sheet.named(names)
    if not names or len(shown) != len(names):
        return None
    step, _ = shown
    day = getattr(sheet.record, names[1])
    editable = {*names} <= sheet.editable
    if not step.html and not editable:
        return None
    words, tone = _nearness(day, today(sheet)) if day else ("No day yet" if step.html else "", "amber")
    about = sheet.named(sheet.record_type.extra.get("next_step_about", ())) if step.html else ()
    return NextStep(
        step.html,
        formatting.day(day) if day else "",
        words,
        tone,
        editable,
        f"{step.url}?as=next",
        [one for one in about if one.html],
        _deed(sheet),
    )


def _deed(sheet: Sheet) -> str:
    """Return the address of the deed that sets a next step, for somebody who may do it now."""
    name, record = sheet.record_type.extra.get("next_step_deed", ""), sheet.record
    action = next((one for one in sheet.record_type.actions if one.name == name), None)
    if action is None or not action.fits(record) or not access.allowed(sheet.user, action.asks, record):
        return ""
    return f"{sheet.record_type.url(record.pk)}do/{name}/"


def today(sheet: Sheet) -> date:
    """Return the day it is for the reader."""
    return clocks.now().astimezone(sheet.cells.zone).date()


def offered(sheet: Sheet, name: str) -> str:
    """Return the day that the form begins with: the stored one, or a week from today where none lies ahead."""
    day = getattr(sheet.record, name)
    now = today(sheet)
    return (day if day and day >= now else now + AHEAD).isoformat()


def _nearness(day: date, now: date) -> tuple[str, str]:
    days = (day - now).days
    if days < 0:
        return f"Overdue by {-days} day{'' if days == -1 else 's'}", "red"
    if days == 0:
        return "Today", "amber"
    return ("Tomorrow" if days == 1 else f"In {days} days"), "grey"
