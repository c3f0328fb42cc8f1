"""Bulk changes in words: for their list, their preview and their report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.exchange.bulk import deeds, reporting, working
from revops.kernel.exchange.bulk.models import BulkRun, BulkState, Outcome
from revops.kernel.exchange.bulk.previewing import Example, Preview
from revops.kernel.exchange.bulk.reporting import Told
from revops.web import conflicts, formatting

_TONES = {
    BulkState.OPEN: ("amber", "hourglass"),
    BulkState.RUNNING: ("blue", "loader-2"),
    BulkState.DONE: ("green", "check"),
    BulkState.STOPPED: ("amber", "player-pause"),
    BulkState.DENIED: ("red", "lock"),
}
# What each count is called, before and after the work, and how it is marked.
_WORDS = (
    (Outcome.CHANGED, "will change", "changed", "green", "check"),
    (Outcome.UNCHANGED, "stay as they are", "unchanged", "grey", "equal"),
    (Outcome.REFUSED, "will be refused", "refused", "amber", "hand-stop"),
    (Outcome.DENIED, "are not yours to change", "denied", "red", "lock"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One bulk change as a line of their list."""

    run: BulkRun
    title: str
    state: str
    tone: str
    icon: str
    percent: int
    ago: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of a preview or a report."""

    key: str
    count: str
    words: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Change:
    """One record of a preview: its name, its page, and its fields before and after."""

    name: str
    url: str
    lines: Sequence[tuple[str, str, str]]


def entry(run: BulkRun) -> Entry:
    """Return a bulk change as a line of their list."""
    tone, icon = _TONES[BulkState(run.state)]
    percent = 100 * run.done // run.total if run.total else 100
    ago = formatting.relative(run.started_at or run.created_at)
    return Entry(run, title(run), str(BulkState(run.state).label), tone, icon, percent, ago)


def title(run: BulkRun) -> str:
    """Return what is done to how many records."""
    return working.title_of(run).rpartition(",")[0]


def confirms(run: BulkRun) -> str:
    """Return what the button says that starts a run."""
    deed = deeds.find(run.record_type, run.deed)
    what = f"{formatting.number(run.total)} {(deed.kind.singular if run.total == 1 else deed.kind.plural).lower()}"
    if run.undoes_id is not None:
        return f"Take {what} back"
    return f"Change {what}" if deed.action is None else f"{deed.label}: {what}"


def expected(seen: Preview) -> list[Figure]:
    """Return the counts of a preview that are not nothing."""
    return [
        Figure(str(key), formatting.number(seen.counts[key]), words, tone, icon)
        for key, words, _, tone, icon in _WORDS
        if seen.counts[key]
    ]


def reported(run: BulkRun) -> list[Figure]:
    """Return the counts of a report that are not nothing."""
    return [
        Figure(str(key), formatting.number(getattr(run, str(key))), words, tone, icon)
        for key, _, words, tone, icon in _WORDS
        if getattr(run, str(key))
    ]


def asked(run: BulkRun, user: Any) -> list[tuple[str, str]]:
    """Return what was asked for, field by field, as far as it stands in the form of the deed."""
    deed = deeds.find(run.record_type, run.deed)
    fields = {one.name: one for one in (deed.action.fields if deed.action is not None else deed.kind.fields)}
    return [
        (fields[name].label, conflicts.as_text(fields[name], str(value), user) or "empty")
        for name, value in run.values.items()
        if name in fields and (value not in (None, "") or deed.action is None)
    ]


def changes(run: BulkRun, seen: Preview, user: Any) -> list[Change]:
    """Return the examples of a preview in words."""
    kind = deeds.find(run.record_type, run.deed).kind
    return [Change(str(one.record), kind.url(one.record.pk), _lines(one, user)) for one in seen.examples]


def _lines(example: Example, user: Any) -> list[tuple[str, str, str]]:
    def text(line: Any, value: Any) -> str:
        return conflicts.as_text(line.field, formatting.as_input(value), user) or "empty"

    return [(line.field.label, text(line, line.before), text(line, line.after)) for line in example.lines]


def refused(run: BulkRun, user: Any, after: int) -> list[Told]:
    """Return the next records that were refused or denied, one more than a page to say whether others follow."""
    wanted = (Outcome.REFUSED, Outcome.DENIED)
    return reporting.told(run, user, wanted, after=after, limit=reporting.PAGE + 1)
