"""The mapping of an import as its page draws it: every column with its samples, and what it may become."""

from collections.abc import Sequence
from dataclasses import dataclass

from revops.kernel.exchange.drafts.shapes import (
    EXTERNAL_ID,
    SKIP,
    KnownMapping,
    MappedColumn,
    MappingSheet,
    Target,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One column of the file: what it becomes, and what it becomes besides."""

    column: MappedColumn
    first: str
    also: str
    help: str

    @property
    def is_mapped(self) -> bool:
        return bool(self.first)

    @property
    def may_fill_more(self) -> bool:
        return self.is_mapped and self.first not in _SPECIAL


class MappingTable:
    """The mapping step in the order of the page."""

    def __init__(self, sheet: MappingSheet) -> None:
        self.sheet = sheet
        self.by_name = {target.field: target for target in sheet.targets}

    @property
    def rows(self) -> list[Row]:
        return [self._row(column) for column in self.sheet.columns]

    def _row(self, column: MappedColumn) -> Row:
        first, also = ([*column.fields, "", ""])[:2]
        target = self.by_name.get(first)
        return Row(column, first, also, target.help if target else _SPECIAL.get(first, ""))

    @property
    def groups(self) -> list[tuple[str, list[Target]]]:
        """The fields by their place on the record page, as the select groups them."""
        found: dict[str, list[Target]] = {}
        for target in self.sheet.targets:
            found.setdefault(target.group, []).append(target)
        return list(found.items())

    @property
    def mapped(self) -> int:
        return sum(bool(column.fields) for column in self.sheet.columns)

    @property
    def missing(self) -> list[Target]:
        """The required fields that nothing fills."""
        filled = {name for column in self.sheet.columns for name in column.fields} | set(self.sheet.constants)
        return [target for target in self.sheet.targets if target.is_required and target.field not in filled]

    @property
    def constants(self) -> list[tuple[str, str]]:
        """The constants, and an empty line for one more."""
        return [*self.sheet.constants.items(), ("", "")]

    @property
    def ready(self) -> Sequence[KnownMapping]:
        return [one for one in self.sheet.known if not one.is_saved]

    @property
    def saved(self) -> Sequence[KnownMapping]:
        return [one for one in self.sheet.known if one.is_saved]

    @property
    def current(self) -> KnownMapping | None:
        return next((one for one in self.sheet.known if one.key == self.sheet.current), None)


_SPECIAL = {
    EXTERNAL_ID: "The other system's id: it tells a known record from a new one.",
    SKIP: "A row with “true” here was deleted over there; it is skipped and counted.",
}
