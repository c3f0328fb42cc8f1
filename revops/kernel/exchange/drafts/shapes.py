"""What the wizard shows: plain values, read once, for pages and the API alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# What a column may become besides one of our fields.
EXTERNAL_ID = "external_id"
SKIP = "skip"


@dataclass(frozen=True, slots=True)
class ImportObject:
    """Something one may import. `files` are its usual names; `waits_for` are the objects to import before it.

    `is_parked`: no importer yet, its rows are kept as they came. `brought` counts the imports that are done.
    """

    name: str
    label: str
    order: int
    is_parked: bool
    waits_for: Sequence[str] = ()
    files: Sequence[str] = ()
    brought: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: what is stored and what is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something the file does not say itself. `key` names it (`date:4`, `decimal:7`, `encoding`, `sheet`, …).

    `is_needed`: the import cannot be checked before it is answered (a column that is not imported asks nothing).
    `examples` are cells of the file that read more than one way.
    """

    key: str
    text: str
    choices: Sequence[Choice]
    column: str = ""
    answer: str = ""
    proposal: str = ""
    is_needed: bool = True
    examples: Sequence[str] = ()

    @property
    def is_open(self) -> bool:
        return self.is_needed and not self.answer


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column as the file has it. `place` counts from 0; `kind` is text, date, number, choice or empty.

    `date_order` is dmy, mdy, ymd or iso, `decimal` the decimal sign; empty where the cells do not say.
    """

    place: int
    header: str
    kind: str
    filled: int
    samples: Sequence[str]
    date_order: str = ""
    decimal: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook. `rows` and `columns` is its used area."""

    name: str
    is_hidden: bool
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Look:
    """What reading the file found, to be shown before anything is decided.

    `sentences` says it in words. `preview` holds the first rows below the header, `lines` their lines. `notes` are
    findings about the file as a whole (`Located.as_json`).
    """

    file_name: str
    format: str
    size: int
    encoding: str
    encoding_is_proposed: bool
    delimiter: str
    sheet: str
    sheets: Sequence[Sheet]
    header_line: int
    rows: int
    columns: Sequence[SeenColumn]
    preview: Sequence[Sequence[str]]
    lines: Sequence[int]
    questions: Sequence[Question]
    notes: Sequence[Mapping[str, Any]]
    sentences: Sequence[str]

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.is_open]


@dataclass(frozen=True, slots=True)
class Target:
    """A field of ours that a column may fill. `group` is where the record page shows it."""

    field: str
    label: str
    group: str
    kind: str
    is_required: bool = False
    choices: Sequence[Choice] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column and what it becomes: fields of ours, `external_id`, `skip`, or nothing (it is not imported)."""

    place: int
    header: str
    samples: Sequence[str]
    filled: int
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class KnownMapping:
    """A mapping one may take: `key` is `salesforce`, `hubspot`, `columns`, or `saved:12`. `fits` counts columns."""

    key: str
    label: str
    fits: int
    is_saved: bool = False
    is_shared: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class MappingSheet:
    """The mapping step. `problems` are findings that keep the file from being checked (`Located.as_json`)."""

    current: str
    known: Sequence[KnownMapping]
    columns: Sequence[MappedColumn]
    targets: Sequence[Target]
    constants: Mapping[str, str]
    system: str
    migration: bool
    problems: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class UnlistedValue:
    """A word of the file that is none of our choices; `choice` is what it was said to mean ("" : not yet)."""

    field: str
    field_label: str
    column: str
    text: str
    count: int
    choice: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one code in one column, counted."""

    code: str
    weight: str
    column: str
    field: str
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """What a check would do. `is_current`: nothing was decided since. `is_partial`: repaired rows alone were looked
    at since the last whole check. `kept` of `found` findings are stored and can be listed.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    skipped: int
    groups: Sequence[FindingGroup]
    found: int
    kept: int
    is_current: bool
    is_partial: bool
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One stored finding. `cell` is the whole text of the cell as it is now, repairs included."""

    id: int
    line: int
    row: int
    place: int | None
    code: str
    weight: str
    column: str
    field: str
    message: str
    found: str
    needed: str
    remedy: str
    cell: str
    is_repaired: bool = False


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """A page of findings by line; `next` is the cursor of the page after it, "" on the last one."""

    rows: Sequence[FoundRow]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A cell that was written anew: `before` is what the file holds, `after` what is imported."""

    line: int
    place: int
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work in the background is. `rate` is rows a second, `seconds_left` an estimate (None: unknown)."""

    state: str
    state_label: str
    is_working: bool
    done: int
    total: int
    rate: float
    seconds_left: int | None

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: rows = created + updated + unchanged + rejected + skipped (or parked)."""

    run_id: int | None
    state: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    skipped: int
    parked: int
    started_at: datetime | None
    finished_at: datetime | None
    groups: Sequence[FindingGroup]
    has_error_file: bool
    may_revert: bool
    trouble: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
