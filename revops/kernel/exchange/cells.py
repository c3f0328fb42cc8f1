"""From the text of a cell to the value of a field. What does not fit, or reads two ways, becomes a finding.

The spelling of other systems is undone here (country names, thousands, labels of choices); what a field may hold is
then asked of `records.values`, as for forms and the API.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.exchange import amounts, dates
from revops.kernel.exchange.countries import read_country
from revops.kernel.exchange.findings import shown
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.mapping import Column
from revops.kernel.exchange.options import Options
from revops.kernel.records import registry, values
from revops.kernel.records.registry import FieldKind

_CACHED = 4_000
# How a table that was a workbook marks a formula without a value, and an error such as #REF!; no text holds these.
NO_VALUE, ERROR_VALUE = "\ufdd0", "\ufdd1"
_EMPTY_TEXT = frozenset(
    {FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.URL, FieldKind.CHOICE, FieldKind.COUNTRY}
)


class Unfit(ValueError):
    """The cell does not fit its field: why, what is needed, what to do."""

    def __init__(self, code: str, message: str, needed: str, remedy: str = "Correct the cell.") -> None:
        self.code, self.message, self.needed, self.remedy = code, message, needed, remedy
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Signed:
    """An amount with a currency sign or code: good only if the row's currency is one of those it can mean."""

    value: Any
    currencies: frozenset[str]


@dataclass(slots=True)
class CellReader:
    """Reads one column into one field. What was read once is remembered, so that a column of few values is cheap."""

    kind: registry.RecordType
    target: registry.Field
    column: Column
    header: str
    place: int | None
    options: Options
    migration: bool
    translate: dict[str, str] = field(default_factory=dict)
    undo: Callable[[str], Any] = str
    known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.translate = {key.casefold(): value for key, value in self.column.values.items()}
        self.undo = {
            FieldKind.MONEY: self._money,
            FieldKind.INTEGER: self._integer,
            FieldKind.DATE: self._date,
            FieldKind.INSTANT: self._instant,
            FieldKind.COUNTRY: self._country,
            FieldKind.CHOICE: self._choice,
        }.get(self.target.kind, str)

    def cell(self, cells: list[str]) -> str:
        """Return the text of this column in a row; a column without a place has the same text in every row."""
        if self.place is None:
            return self.column.constant
        return cells[self.place] if self.place < len(cells) else ""

    @property
    def empty(self) -> Any:
        """What an empty cell means: no text, or no value."""
        return "" if self.target.kind in _EMPTY_TEXT else None

    def read(self, cell: str, row: ImportRow) -> Any:
        """Return the value of `cell`; a finding on `row` and no value where it does not fit."""
        text = cell.strip()
        if not text:
            return self.empty
        try:
            value = self.known[text]
        except KeyError:
            value = self._read(text)
            if len(self.known) >= _CACHED:
                self.known.clear()
            self.known[text] = value
        return self._relaxed_or_refused(value, text, row) if isinstance(value, Unfit) else value

    def _relaxed_or_refused(self, unfit: Unfit, text: str, row: ImportRow) -> Any:
        """Refuse the row; in a migration keep it with the column's fallback, or without an unknown country."""
        name, fallback = self.target.name, self.column.fallback
        if self.migration and fallback:
            row.tell(
                unfit.code,
                f"{unfit.message} Taken as {fallback}.",
                field=name,
                found=text,
                needed=unfit.needed,
            )
            if self.column.raw and not row.values.get(self.column.raw):
                row.values[self.column.raw] = text
            return fallback
        if self.migration and self.target.kind == FieldKind.COUNTRY:
            row.tell(unfit.code, f"{unfit.message} Left empty.", field=name, found=text, needed=unfit.needed)
        else:
            row.reject(
                unfit.code, unfit.message, field=name, found=text, needed=unfit.needed, remedy=unfit.remedy
            )
        return self.empty

    def _read(self, text: str) -> Any:
        text = self.translate.get(text.casefold(), text)
        try:
            _require_value(text)
            neutral = self.undo(text)
        except Unfit as unfit:
            return unfit
        if isinstance(neutral, Signed):
            value = self._clean(neutral.value)
            return value if isinstance(value, Unfit) else Signed(value, neutral.currencies)
        return self._clean(neutral)

    def _clean(self, neutral: Any) -> Any:
        try:
            return values.read_one(self.kind, self.target.name, neutral)
        except values.Unfit as needed:
            finding = values.misfit(self.target, neutral, needed)
            return Unfit(finding.code, finding.message, finding.needed)

    # -- the spelling of other systems ---------------------------------------------------------------------

    def _money(self, text: str) -> "Signed | str":
        number, currencies = self._number(text, whole=False)
        return Signed(number, currencies) if currencies else number

    def _integer(self, text: str) -> str:
        number, currencies = self._number(text, whole=True)
        if currencies:
            raise Unfit("IMP-120", f"{shown(text)!r} is an amount of money.", "a whole number")
        return number

    def _number(self, text: str, *, whole: bool) -> tuple[str, frozenset[str]]:
        try:
            return amounts.read_number(text, decimal=self.column.decimal or self.options.decimal, whole=whole)
        except amounts.NotANumber as needed:
            raise Unfit("IMP-120", f"{shown(text)!r} is not a number. Give {needed}.", str(needed)) from None
        except amounts.TwoReadings:
            raise Unfit(
                "IMP-120",
                f"{shown(text)!r} reads both ways: as thousands and as a decimal.",
                "a decimal sign that is named",
                "Say whether the decimal sign is “.” or “,”.",
            ) from None

    def _date(self, text: str) -> Any:
        return self._time(dates.read_date, text, "a date such as 2026-12-31")

    def _instant(self, text: str) -> Any:
        return self._time(dates.read_instant, text, "an instant such as 2026-12-31T09:00:00Z")

    def _time(self, read: Callable[[str, str], Any], text: str, needed: str) -> Any:
        try:
            return read(text, self.column.date_format or self.options.date_format)
        except dates.AskForm:
            raise Unfit(
                "IMP-121",
                f"{shown(text)!r} can be read in more than one way.",
                "a date format that is named: dmy, mdy or ymd",
                "Say in which order day, month and year stand.",
            ) from None
        except ValueError as error:
            raise Unfit("IMP-121", f"{shown(text)!r} is not a date ({error}).", needed) from None

    def _country(self, text: str) -> str:
        code = read_country(text)
        if code is None:
            raise Unfit(
                "IMP-122",
                f"{shown(text)!r} is not a country.",
                "an English country name, or a code such as US, DE or NA (Namibia)",
            )
        return code

    def _choice(self, text: str) -> str:
        folded = text.casefold()
        for code, label in self.target.choices:
            if folded in (code.casefold(), str(label).casefold()):
                return code
        raise Unfit(
            "IMP-123",
            f"{shown(text)!r} is not in the list of {self.target.label.lower()}.",
            "one of " + ", ".join(code for code, _ in self.target.choices),
            "Correct the cell, or add the value to the mapping.",
        )


def _require_value(text: str) -> None:
    """Refuse the marks of a workbook's cells that have no value."""
    if text.startswith(NO_VALUE):
        raise Unfit(
            "IMP-032",
            "The cell is a formula without a value: the file was never computed.",
            "a value",
            "Write the cell anew, or save the file in a spreadsheet program and upload it again.",
        )
    if text.startswith(ERROR_VALUE):
        raise Unfit(
            "IMP-036", f"The cell holds the error {shown(text[1:])}.", "a value", "Write the cell anew."
        )
