"""The steps of an import as its pages show them: where one is, where one may go, what is behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.exchange.drafts.models import EDITABLE, DraftState, ImportDraft
from revops.web import formatting

LABELS = {
    "upload": "Upload",
    "read": "Read",
    "map": "Map",
    "values": "Values",
    "check": "Check",
    "repair": "Repair",
    "commit": "Commit",
    "report": "Report",
}
_DECIDING = ("read", "map", "values", "check")
_AFTER = frozenset({DraftState.DONE, DraftState.REVERTING, DraftState.REVERTED})
TONES: Mapping[str, tuple[str, str]] = {
    DraftState.READING: ("blue", "loader-2"),
    DraftState.OPEN: ("grey", "pencil"),
    DraftState.CHECKING: ("blue", "loader-2"),
    DraftState.CHECKED: ("violet", "list-check"),
    DraftState.COMMITTING: ("blue", "loader-2"),
    DraftState.DONE: ("green", "check"),
    DraftState.STOPPED: ("amber", "player-pause"),
    DraftState.DENIED: ("red", "lock"),
    DraftState.REFUSED: ("red", "hand-stop"),
    DraftState.REVERTING: ("blue", "loader-2"),
    DraftState.REVERTED: ("grey", "arrow-back-up"),
}
_UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "kB"))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the header: `url` is empty where one cannot go (yet)."""

    key: str
    label: str
    url: str
    is_here: bool
    is_done: bool


def url(draft: ImportDraft, key: str = "") -> str:
    """Return the address of a step, or of the import itself."""
    return f"/imports/{draft.pk}/{key}/" if key else f"/imports/{draft.pk}/"


def open_steps(draft: ImportDraft) -> Sequence[str]:
    """Return the steps that may be opened now, in order."""
    state = DraftState(draft.state)
    if state in _AFTER:
        return ("report",)
    if state in (DraftState.READING, DraftState.REFUSED):
        return ("read",)
    found = [*_DECIDING] if state in EDITABLE or state == DraftState.CHECKING else []
    if draft.checked_revision:
        found += ["repair", "commit"]
    elif state == DraftState.COMMITTING:
        found += ["commit"]
    return found + (["report"] if draft.run_id is not None else [])


def landing(draft: ImportDraft) -> str:
    """Return the step on which an import waits for somebody."""
    match draft.state:
        case DraftState.DONE | DraftState.REVERTING | DraftState.REVERTED:
            return "report"
        case DraftState.COMMITTING:
            return "commit"
        case DraftState.STOPPED if draft.run_id is not None:
            return "commit"
        case DraftState.CHECKING | DraftState.CHECKED:
            return "check"
    return "check" if draft.checked_revision else "read"


def steps(draft: ImportDraft, here: str) -> list[Step]:
    """Return the header of the page `here`."""
    possible, keys = open_steps(draft), list(LABELS)
    reached = max((keys.index(key) for key in possible), default=0)
    if draft.state in EDITABLE or draft.state in (DraftState.READING, DraftState.CHECKING):
        reached = keys.index(here)
    return [
        Step(key, label, url(draft, key) if key in possible else "", key == here, place < reached)
        for place, (key, label) in enumerate(LABELS.items())
    ]


def size(count: int) -> str:
    """Return a number of bytes as a person reads it."""
    for least, unit in _UNITS:
        if count >= least:
            return f"{count / least:,.1f} {unit}"
    return f"{count} bytes"


@dataclass(frozen=True, slots=True)
class Entry:
    """One import in the list: its state in words and how far it is."""

    draft: ImportDraft
    what: str
    state: str
    tone: str
    icon: str
    rows: str
    percent: int
    ago: str
    url: str


def entry(draft: ImportDraft, labels: Mapping[str, str]) -> Entry:
    """Return an import as a line of the list."""
    state = DraftState(draft.state)
    tone, icon = TONES[state]
    percent = min(99, draft.done * 100 // draft.total) if state.is_working and draft.total else 0
    what = labels.get(draft.object, draft.object.replace("_", " ").capitalize())
    rows = formatting.number(draft.total) if draft.total else ""
    ago = formatting.relative(draft.updated_at)
    return Entry(draft, what, str(state.label), tone, icon, rows, percent, ago, url(draft))


def words(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun: "1 row", "1,200 rows"."""
    return f"{formatting.number(count)} {singular if count == 1 else plural or singular + 's'}"


def counted(report: Any) -> list[tuple[str, str, int]]:
    """Return the outcomes of a check or an import: key, word, how many; those with none left out."""
    names = {
        "created": "new",
        "updated": "changed",
        "unchanged": "unchanged",
        "rejected": "rejected",
        "skipped": "skipped",
        "parked": "parked",
    }
    found = [(key, word, getattr(report, key, 0)) for key, word in names.items()]
    return [one for one in found if one[2]]
