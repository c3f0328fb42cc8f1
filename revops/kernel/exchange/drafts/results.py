"""What a check or an import found, counted by code and column, and the findings themselves as far as they fit."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.exchange.drafts.models import DraftFinding, ImportDraft
from revops.kernel.exchange.drafts.shapes import FindingGroup
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.models import RowOutcome
from revops.kernel.exchange.reading import Record
from revops.kernel.exchange.settling import Settled

MAX_KEPT = 20_000
_BATCH = 1_000
_LONGEST_CELL = 4_000
Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Groups:
    """Counts findings by code, weight, column and field; keeps the first message of each."""

    counts: "Counter[Key]" = field(default_factory=Counter)
    messages: dict[Key, str] = field(default_factory=dict)

    def add(self, finding: Mapping[str, Any], times: int = 1) -> None:
        key = (finding["code"], finding["weight"], finding["column"], finding["field"])
        self.counts[key] += times
        self.messages.setdefault(key, finding["message"])

    def as_json(self) -> list[list[Any]]:
        return [[*key, self.messages[key], count] for key, count in self.counts.most_common() if count > 0]

    @classmethod
    def of_json(cls, held: Iterable[Sequence[Any]]) -> "Groups":
        made = cls()
        for code, weight, column, name, message, count in held:
            made.counts[code, weight, column, name] = count
            made.messages[code, weight, column, name] = message
        return made


def shown(held: Iterable[Sequence[Any]]) -> list[FindingGroup]:
    """Return groups as they are shown: errors first, the most frequent first."""
    rank = {"error": 0, "warning": 1, "notice": 2}
    groups = [
        FindingGroup(code, weight, column, name, message, count)
        for code, weight, column, name, message, count in held
    ]
    return sorted(groups, key=lambda group: (rank.get(group.weight, 3), -group.count, group.code))


@dataclass(slots=True)
class Sink:
    """Takes in what a dry run decides, a chunk at a time, and keeps the findings of one draft."""

    draft: ImportDraft
    groups: Groups = field(default_factory=Groups)
    kept: int = 0
    found: int = 0
    _waiting: list[DraftFinding] = field(default_factory=list)
    _places: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.draft.columns:
            self._places.setdefault(entry["field"], []).append(entry["place"])

    def take(self, records: Sequence[Record], settled: Settled) -> None:
        """Keep the findings of one chunk."""
        cells = {record.line: record.cells for record in records}
        for row in settled.batch.rows:
            self.take_row(row, cells[row.line])

    def take_row(self, row: ImportRow, cells: Sequence[str]) -> None:
        """Keep the findings of one row."""
        for finding in row.findings:
            told = finding.as_json()
            self.groups.add(told)
            self.found += 1
            if self.kept < MAX_KEPT:
                self.kept += 1
                self._waiting.append(self._made(told, cells))
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the findings that wait."""
        DraftFinding.objects.bulk_create(self._waiting)
        self._waiting.clear()

    def _made(self, told: Mapping[str, Any], cells: Sequence[str]) -> DraftFinding:
        place = self._place(told, cells)
        return DraftFinding(
            draft=self.draft,
            line=told["line"],
            row=told["row"],
            place=place,
            code=told["code"],
            weight=told["weight"],
            column=told["column"][:200],
            field=told["field"],
            message=told["message"],
            found=told["found"][:200],
            needed=told["needed"],
            remedy=told["remedy"],
            cell="" if place is None or place >= len(cells) else cells[place][:_LONGEST_CELL],
        )

    def _place(self, told: Mapping[str, Any], cells: Sequence[str]) -> int | None:
        """Return the column a finding is about: of several that fill one field the first that is filled."""
        places = self._places.get(told["field"] or "", [])
        filled = [place for place in places if place < len(cells) and cells[place].strip()]
        if filled or places:
            return (filled or places)[0]
        header = self.draft.seen.get("header", [])
        return header.index(told["column"]) if told["column"] in header else None


def counted(counts: Mapping[RowOutcome, int]) -> dict[str, int]:
    """Return the outcomes of rows by their names."""
    return {str(outcome): counts.get(outcome, 0) for outcome in RowOutcome}
