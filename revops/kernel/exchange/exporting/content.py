"""What an export holds: which rows, which columns, for whom; and what about it needs somebody's approval.

Read twice: when somebody asks, and again when the file is written, with the rights held then.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.exporting.enums import ExportFormat, Layout
from revops.kernel.people import access
from revops.kernel.records import listing, registry, values
from revops.kernel.records.registry import Field, FieldKind, RecordType

# c-defaults.md, export.approval_rows.
APPROVAL_ROWS = 1_000
# A sheet of a workbook ends there.
MOST_XLSX_ROWS = 1_048_575
PERSON_MODEL = "identity.user"
# What an address says about the page one is on, and not about the list.
_OF_THE_PAGE = frozenset({"after", "before", "from", "limit", "count", "columns", "density", "tab", "format"})


@dataclass(frozen=True, slots=True)
class Content:
    """One export as it was asked for, checked. `parameters` are the list's filters, search and sort."""

    record_type: RecordType
    parameters: Mapping[str, str]
    columns: tuple[str, ...]
    format: str
    layout: str
    exact: bool
    query: listing.Query

    @property
    def fields(self) -> list[Field]:
        return [self.record_type.by_name[name] for name in self.columns]

    def hash_for(self, user: Any) -> str:
        """Return what an approval is bound to: filters, columns, form and who asked."""
        bound = [
            self.record_type.label,
            sorted(self.parameters.items()),
            list(self.columns),
            self.format,
            self.layout,
            self.exact,
            user.pk,
        ]
        return hashlib.sha256(json.dumps(bound, ensure_ascii=True).encode()).hexdigest()


def read(
    by: Any,
    label: str,
    parameters: Mapping[str, str],
    *,
    columns: Iterable[str] = (),
    format: str = ExportFormat.CSV,
    layout: str = Layout.READING,
    exact: bool = False,
) -> Content:
    """Return the checked content of an export that `by` wants of the record type `label` (or its slug).

    The columns are those given, else those of the address, else the list's own; an amount brings its currency.
    Raises Blocked with every finding, LookupError for a type of which `by` sees nothing.
    """
    record_type = find_type(by, label)
    parameters = listing.whole(record_type, by, parameters)
    kept = {name: text for name, text in parameters.items() if name not in _OF_THE_PAGE and text}
    findings: list[Finding] = []
    query = None
    try:
        query = listing.parse(record_type, by, kept)
    except Blocked as refused:
        findings += refused.findings
    wanted = list(columns) or [name for name in parameters.get("columns", "").split(",") if name]
    names = _columns(record_type, by, wanted, findings)
    findings += _one_of("format", format, ExportFormat.values) + _one_of("layout", layout, Layout.values)
    if findings or query is None:
        raise Blocked(findings)
    return Content(record_type, kept, tuple(names), str(format), str(layout), exact, query)


def find_type(by: Any, label: str) -> RecordType:
    """Return the record type by label or slug. Raises LookupError for one that is not there for `by`."""
    for record_type in registry.every():
        if label in (record_type.label, record_type.slug) and access.rights(by, record_type.label).sees_any:
            return record_type
    raise LookupError(f"{values.shown(label)!r} is no list that you can see.")


def exportable(record_type: RecordType, by: Any) -> list[Field]:
    """Return the stored fields that `by` may read, in page order."""
    stored = {column.name for column in record_type.model._meta.concrete_fields}
    readable = access.readable(by, record_type.label) & stored
    return [field for field in record_type.fields if field.name in readable]


def _columns(record_type: RecordType, by: Any, wanted: list[str], findings: list[Finding]) -> list[str]:
    possible = {field.name: field for field in exportable(record_type, by)}
    names = list(dict.fromkeys(wanted)) or [name for name in record_type.columns if name in possible]
    for name in names:
        if name not in possible:
            shown, needed = values.shown(name), "some of " + ", ".join(possible)
            message = f"columns: {shown!r} does not fit. Use {needed}."
            findings.append(Finding("EXP-001", message, field="columns", found=shown, needed=needed))
    complete: list[str] = []
    for name in names:
        complete.append(name)
        currency = possible[name].currency if name in possible else ""
        if currency in possible and currency not in names:
            complete.append(currency)
    return list(dict.fromkeys(complete))


def _one_of(name: str, found: str, possible: list[str]) -> list[Finding]:
    if found in possible:
        return []
    shown, needed = values.shown(found), " or ".join(possible)
    return [
        Finding(
            "EXP-001",
            f"{name}: {shown!r} does not fit. Use {needed}.",
            field=name,
            found=shown,
            needed=needed,
        )
    ]


def personal(content: Content) -> list[Field]:
    """Return the columns that hold personal data."""
    return [field for field in content.fields if is_personal(content.record_type, field)]


def is_personal(record_type: RecordType, field: Field) -> bool:
    """Say whether a column holds personal data: its model says so, or it names somebody's record.

    Colleagues (owners, who made it) are not meant: their names stand on every page.
    """
    if field.name in getattr(record_type.model, "PERSONAL", frozenset()):
        return True
    if field.kind is not FieldKind.REFERENCE or not field.reference or field.reference == PERSON_MODEL:
        return False
    return bool(getattr(apps.get_model(field.reference), "PERSONAL", frozenset()))


def reasons_for_approval(content: Content, rows: int) -> list[str]:
    """Return in words why this export needs an approval; nothing where it needs none (INV-9.3)."""
    reasons = []
    if rows > APPROVAL_ROWS:
        reasons.append(f"It has {rows:,} rows; more than {APPROVAL_ROWS:,} need an approval.")
    if named := personal(content):
        labels = ", ".join(field.label for field in named)
        reasons.append(f"It holds personal data: {labels}.")
    return reasons
