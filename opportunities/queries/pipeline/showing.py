"""A frozen pipeline as one reader sees it: the rows of deals that they see, and how many are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from opportunities.enums import ForecastCategory, Stage
from opportunities.models import Opportunity, PipelineReview, PipelineRun
from opportunities.queries.pipeline.building import COLUMNS, Row
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Obligation

_LABELS: Mapping[str, Mapping[str, str]] = {
    "stage": dict(Stage.choices),
    "category": dict(ForecastCategory.choices),
}
TONES = {"new": "blue", "changed": "amber", "gone": "grey", "same": ""}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a frozen row, and what it was a week before where it differs."""

    key: str
    value: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One deal of a frozen pipeline."""

    pk: int
    name: str
    change: str
    tone: str
    cells: tuple[Cell, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A frozen pipeline for one reader: `hidden` rows are of deals that they do not see now."""

    run: PipelineRun
    number: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    hidden: int
    previous: date | None


def number(run: int) -> str:
    """Return the number by which a frozen pipeline is called."""
    return f"PLR-{run:06d}"


def visible_rows(run: PipelineRun, user: Any) -> list[Row]:
    """Return the rows of the deals that `user` sees now, in their order; one query."""
    ids = [row["id"] for row in run.rows]
    seen = set(Opportunity.objects.filter(pk__in=ids).visible_to(user).values_list("pk", flat=True))
    return [row for row in run.rows if row["id"] in seen]


def table(review: PipelineReview, user: Any) -> Table | None:
    """Return the frozen rows of a review as its reader sees them; three queries, nothing before they are frozen."""
    if review.run_id is None:
        return None
    run = PipelineRun.objects.select_related("previous").defer("previous__rows").get(pk=review.run_id)
    rows = visible_rows(run, user)
    lines = tuple(_line(row) for row in rows)
    previous = run.previous.week if run.previous else None
    headings = tuple(label for key, label in COLUMNS if key in _IN_CELLS)
    return Table(run, number(run.pk), headings, lines, len(run.rows) - len(rows), previous)


_IN_CELLS = (
    "account",
    "owner",
    "stage",
    "category",
    "amount",
    "close_date",
    "next_step",
    "engaged_on",
    "risk",
)


def _line(row: Row) -> Line:
    cells = tuple(_cell(row, key) for key, _ in COLUMNS if key in _IN_CELLS)
    return Line(row["id"], row["name"], row["change"], TONES[row["change"]], cells, tuple(row["flags"]))


def _cell(row: Row, key: str) -> Cell:
    value, before = told(key, row[key]), row["before"].get(key)
    if key == "amount":
        value = f"{row['currency']} {value}" if value else ""
    if key == "next_step" and row["next_step_on"]:
        value = f"{row['next_step_on']}: {value}"
    if key == "next_step" and before is None:
        before = row["before"].get("next_step_on")
    return Cell(key, value, None if before is None else told(key, before) or "–")


def told(key: str, value: str) -> str:
    """Return a stored value in words."""
    return str(_LABELS.get(key, {}).get(value, value))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file of a frozen pipeline: its name and its rows, the headings first."""

    name: str
    rows: Sequence[Sequence[str]]


def sheet(run: PipelineRun, rows: Sequence[Row]) -> Sheet:
    """Return rows of a frozen pipeline as cells; every row names its run and the checksum of the whole."""
    before = [(key, label) for key, label in COLUMNS if key in _COMPARED]
    headings = (
        [label for _, label in COLUMNS] + [f"{label} before" for _, label in before] + ["Run", "Checksum"]
    )
    cells = [
        [
            *(_plain(row[key]) for key, _ in COLUMNS),
            *(_plain(row["before"].get(key, "")) for key, _ in before),
            number(run.pk),
            run.checksum,
        ]
        for row in rows
    ]
    return Sheet(f"pipeline-{run.week}-{number(run.pk)}.csv", [headings, *cells])


_COMPARED = ("owner", "stage", "category", "amount", "currency", "close_date", "next_step", "next_step_on")


def _plain(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that was agreed in a review: what, who, until when, whether it is done."""

    pk: int
    text: str
    owner: str
    due_on: date | None
    state: str


def actions(review: PipelineReview, user: Any) -> list[Action]:
    """Return what was agreed in a review, as far as the reader sees it; one query."""
    rows = Obligation.objects.filter(subject_type=review._meta.label_lower, subject_id=review.pk)
    found = rows.visible_to(user).select_related("owner").order_by("due_on", "pk")
    return [
        Action(one.pk, one.text, str(one.owner or "In a queue"), one.due_on, one.get_state_display())
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """Who was at a review, what was said, and when it was held."""

    people: tuple[str, ...]
    notes: str
    at: datetime | None


def held(review: PipelineReview, user: Any) -> Held:
    """Return who was at a review and what was said; one query."""
    names = dict(User.objects.filter(pk__in=review.attendees).values_list("pk", "name"))
    return Held(tuple(names[pk] for pk in review.attendees if pk in names), review.notes, review.held_at)
