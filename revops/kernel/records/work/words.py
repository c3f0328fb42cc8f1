"""Why something waits, in words: pure, on the clock of the reader."""

from datetime import date, datetime, time, timedelta

from revops.kernel.records.work.ordering import Urgency

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
AHEAD = 7


def urgency(now: datetime, on: date | None, at: datetime | None = None) -> Urgency:
    """Return how pressing something is that falls due on a day, or at an instant; without either it waits."""
    if on is None:
        return Urgency.WAITING
    if (at is not None and at < now) or on < now.date():
        return Urgency.OVERDUE
    return Urgency.TODAY if on == now.date() else Urgency.UPCOMING


def why(now: datetime, on: date | None, at: datetime | None = None) -> str:
    """Return when something falls due, as one says it: "2 days overdue", "due today", "due on Friday"."""
    if on is None:
        return "no due date"
    days = (on - now.date()).days
    if days < 0:
        return f"{counted(-days, 'day')} overdue"
    if days == 0 and at is not None:
        return f"{'was due' if at < now else 'due'} at {at.astimezone(now.tzinfo):%H:%M}"
    if days == 0:
        return "due today"
    if days == 1:
        return "due tomorrow"
    return f"due on {WEEKDAYS[on.weekday()]}" if days < AHEAD else f"due in {counted(days, 'day')}"


def since(now: datetime, at: datetime | None) -> str:
    """Return how long something has been waiting: "since today", "for 3 days"."""
    if at is None:
        return ""
    days = (now.date() - at.astimezone(now.tzinfo).date()).days
    return "since today" if days <= 0 else f"for {counted(days, 'day')}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 day, 2 days."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def tomorrow(now: datetime) -> date:
    """Return the next day of the reader."""
    return now.date() + timedelta(days=1)


def next_week(now: datetime) -> date:
    """Return the next Monday of the reader."""
    return now.date() + timedelta(days=7 - now.weekday())


def soon(now: datetime) -> list[tuple[str, date]]:
    """Return the days to which one usually puts something off, with their names."""
    return [("Tomorrow", tomorrow(now)), ("Next week", next_week(now))]


def end_of(on: date | None, now: datetime) -> datetime | None:
    """Return the end of a day on the reader's clock: what is due on a day is due until then."""
    if on is None:
        return None
    return datetime.combine(on, time.max, now.tzinfo)
