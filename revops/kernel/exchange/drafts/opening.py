"""Reads an uploaded file for the first time, or again after something was said about it; lays a mapping on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from revops.kernel.exchange.delimiters import named_delimiter
from revops.kernel.exchange.drafts import (
    archives,
    detection,
    layout,
    order,
    saved,
    uploads,
    workbooks,
    working,
)
from revops.kernel.exchange.drafts.models import DraftState, FileFormat, ImportDraft

TABLE = ".table"
# Files up to this size are read while the person waits; larger ones in the background.
AT_ONCE = {FileFormat.CSV: 512 * 1024, FileFormat.XLSX: 96 * 1024}


def is_small(draft: ImportDraft) -> bool:
    """Say whether reading the file takes less than a second or two."""
    return draft.size <= AT_ONCE[FileFormat(draft.format)]


def table_of(draft: ImportDraft) -> Path:
    """Return the text file that the engine reads: the upload itself, or what a workbook became."""
    suffix = TABLE if draft.format == FileFormat.XLSX else ""
    return uploads.path_of(draft.path + suffix)


def read(draft: ImportDraft) -> None:
    """Read the file and keep what it says. Raises FileRefused."""
    fields = examined(draft, lambda rows: working.beat(draft, rows))
    working.finish(draft, DraftState.OPEN, **fields)


def examined(draft: ImportDraft, tick: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Return the fields of a draft that reading its file changes: `seen`, and the mapping if it has none yet."""
    options = draft.options
    seen: dict[str, Any] = {}
    if draft.format == FileFormat.XLSX:
        seen = _sheet(draft)
        if "asks" in seen:
            return {"seen": seen, "total": 0}
    delimiter = named_delimiter(options["delimiter"]) if options.get("delimiter") else ""
    is_table = draft.format == FileFormat.XLSX
    found = detection.examine(
        table_of(draft),
        name=draft.file_name,
        encoding="utf-8" if is_table else str(options.get("encoding") or ""),
        delimiter="," if is_table else delimiter,
        header_line=int(options.get("header_line") or 0),
        by_row=is_table,
        tick=tick,
    )
    if options.get("header_line"):
        found["doubts"] = [doubt for doubt in found["doubts"] if doubt != "header"]
    found["notes"] = [*seen.pop("notes", []), *found["notes"]]
    changed = {"seen": {**seen, **found}, "total": found["rows"]}
    if list(draft.seen.get("header", ())) != found["header"]:
        changed |= _mapped(draft, found["header"])
    return changed


def _sheet(draft: ImportDraft) -> dict[str, Any]:
    """Judge a workbook and turn one of its sheets into a table; ask which, where it has several."""
    path, options = uploads.path_of(draft.path), draft.options
    archives.judge(path)
    found = workbooks.sheets(path)
    told = [
        {"name": one.name, "hidden": one.is_hidden, "rows": one.rows, "columns": one.columns} for one in found
    ]
    names = [one.name for one in found]
    sheet = str(options.get("sheet") or "")
    if sheet not in names:
        if len(found) > 1:
            return {"sheets": told, "asks": "sheet"}
        sheet = names[0]
    converted = workbooks.convert(
        path, sheet, table_of(draft), with_hidden=options.get("hidden", "include") == "include"
    )
    return {
        "sheets": told,
        "sheet": sheet,
        "hidden_rows": converted.hidden_rows,
        "hidden_columns": converted.hidden_columns,
        "notes": [note.as_json() for note in converted.notes],
    }


def _mapped(draft: ImportDraft, header: list[str]) -> dict[str, Any]:
    """Return the decisions of the mapping that was asked for, or that knows this header."""
    importer = order.importer_of(draft.object)
    if importer is None:
        return {}
    if draft.mapping.startswith(saved.PREFIX):
        return saved.laid(draft, header) or {}
    ready = [*importer.mappings, importer.mapping("columns")]
    mapping = next((one for one in ready if one.name == draft.mapping), None)
    mapping = mapping or layout.recognised(importer, header)
    if mapping is None:
        return {"columns": [], "mapping": "", "constants": {}, "repairs": {}, "answers": {}}
    return {
        "mapping": mapping.name,
        "columns": layout.lay(mapping, header),
        "constants": {},
        "repairs": {},
        "answers": {},
        "options": {**draft.options, "system": mapping.system},
    }
