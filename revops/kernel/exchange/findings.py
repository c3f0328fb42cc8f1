"""What is wrong with a file, and where: a finding with its row and column (docs/guide/import.md lists the codes)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from revops.kernel.audit import Blocked, Finding, Remedy

SHOWN = 80


class Weight(StrEnum):
    """What a finding does: refuse the row (or the file), warn about it, or only tell."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Located:
    """One finding about a file: what is wrong, where, what was found, what is needed and what to do.

    `line` is the line of the file on which the row begins (1 is the first line), `row` the number of the row
    (1 is the first below the header); both are 0 for the file as a whole. `column` is the header in the file,
    `field` ours.
    """

    code: str
    message: str
    weight: Weight = Weight.ERROR
    line: int = 0
    row: int = 0
    column: str = ""
    field: str = ""
    found: str = ""
    needed: str = ""
    remedy: str = ""

    @property
    def where(self) -> str:
        """The place in words: `line 12 (row 11), column "Name"`."""
        places = (
            [f"line {self.line} (row {self.row})" if self.row else f"line {self.line}"] if self.line else []
        )
        return ", ".join(places + ([f"column “{self.column}”"] if self.column else []))

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints and what a run keeps of this finding."""
        return {
            "code": self.code,
            "weight": str(self.weight),
            "line": self.line,
            "row": self.row,
            "column": self.column,
            "field": self.field,
            "message": self.message,
            "found": self.found,
            "needed": self.needed,
            "remedy": self.remedy,
        }

    def as_finding(self) -> Finding:
        """Return it as the finding of a refusal, its place inside the message."""
        return Finding(
            self.code,
            f"{self.where}: {self.message}" if self.where else self.message,
            field=self.field or self.column,
            found=self.found,
            needed=self.needed,
            remedies=(Remedy(self.remedy),) if self.remedy else (),
        )


class FileRefused(Blocked):
    """The file as a whole was refused; nothing of it is in. `located` holds every reason with its place."""

    def __init__(self, located: Sequence[Located]) -> None:
        self.located = tuple(located)
        super().__init__([finding.as_finding() for finding in located])


def shown(value: object) -> str:
    """Return `value` short enough for a finding, with a mark for every character that cannot be seen."""
    text = str(value)
    cut = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return cut if cut.isprintable() else "".join(char if char.isprintable() else "�" for char in cut)
