"""Cells written anew over a file that stays as it is: what is imported is the file with these in place of its own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Overlay:
    """Repairs of one file, from the widest to the narrowest; the narrower one wins.

    `everywhere`: place -> text of the file -> what stands for it in the whole column. `rows`: line -> all cells of a
    row that was written anew. `cells`: line -> place -> text. Lines are those of `Record.line`.
    """

    everywhere: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    rows: Mapping[int, list[str]] = field(default_factory=dict)
    cells: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    @property
    def touches(self) -> bool:
        """Say whether anything was repaired."""
        return bool(self.everywhere or self.rows or self.cells)

    @property
    def digest(self) -> str:
        """The fingerprint of all repairs."""
        spelled = json.dumps([self.everywhere, self.rows, self.cells], sort_keys=True)
        return hashlib.sha256(spelled.encode()).hexdigest()

    def applied(self, line: int, cells: list[str]) -> list[str]:
        """Return the cells of a row as they are imported. A cell beyond the end of a short row lengthens it."""
        made = list(self.rows.get(line, cells))
        if line not in self.rows:
            for place, texts in self.everywhere.items():
                if place < len(made):
                    made[place] = texts.get(made[place], made[place])
        for place, text in sorted(self.cells.get(line, {}).items()):
            made += [""] * (place + 1 - len(made))
            made[place] = text
        return made


UNTOUCHED = Overlay()
