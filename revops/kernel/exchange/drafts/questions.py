"""What a file leaves open, as questions; and what was found, in words."""

from collections.abc import Iterator
from typing import Any

from revops.kernel.exchange.drafts import layout
from revops.kernel.exchange.drafts.models import FileFormat, ImportDraft
from revops.kernel.exchange.drafts.shapes import Choice, Question
from revops.kernel.exchange.sniffing import ENCODINGS
from revops.kernel.records import registry
from revops.kernel.records.registry import FieldKind

DATES = (
    Choice("dmy", "day, month, year (31/12/2026)"),
    Choice("mdy", "month, day, year (12/31/2026)"),
    Choice("ymd", "year, month, day (2026/12/31)"),
)
SIGNS = (Choice(".", "a point (1,234.50)"), Choice(",", "a comma (1.234,50)"))
DELIMITERS = (
    Choice("comma", "comma"),
    Choice("semicolon", "semicolon"),
    Choice("tab", "tab"),
    Choice("pipe", "pipe |"),
)
HIDDEN = (Choice("include", "import them as well"), Choice("leave_out", "leave them out"))
_DATED = frozenset({FieldKind.DATE, FieldKind.INSTANT})
_NUMBERED = frozenset({FieldKind.MONEY, FieldKind.INTEGER})
_MOST_LINES = 10


def of(draft: ImportDraft) -> list[Question]:
    """Return every question of a draft that was read, answered ones included."""
    if draft.seen.get("asks") == "sheet":
        return [_sheet(draft)]
    return [*_about_the_file(draft), *_about_columns(draft)]


def open_ones(draft: ImportDraft) -> list[Question]:
    """Return the questions that must be answered before the file can be checked."""
    return [question for question in of(draft) if question.is_open]


def _sheet(draft: ImportDraft) -> Question:
    sheets = draft.seen.get("sheets", [])
    choices = [
        Choice(one["name"], f"{one['name']} ({one['rows']:,} rows{', hidden' if one['hidden'] else ''})")
        for one in sheets
    ]
    return Question(
        "sheet",
        "Which sheet of the workbook is to be imported?",
        choices,
        answer=draft.options.get("sheet", ""),
    )


def _about_the_file(draft: ImportDraft) -> Iterator[Question]:
    seen, options, doubts = draft.seen, draft.options, draft.seen.get("doubts", ())
    if len(seen.get("sheets", ())) > 1:
        yield _sheet(draft)
    if "encoding" in doubts or options.get("encoding"):
        proposal = seen.get("encoding", "")
        likely = [proposal, "cp1252", "iso8859-15", "utf-8"]
        choices = [Choice(name, name) for name in dict.fromkeys([*likely, *sorted(ENCODINGS)]) if name]
        yield Question(
            "encoding",
            "The file is not UTF-8. In which encoding do names with accents read well?",
            choices,
            answer=options.get("encoding", ""),
            proposal=proposal,
        )
    if "delimiter" in doubts or options.get("delimiter"):
        yield Question(
            "delimiter",
            "Which character separates the columns?",
            DELIMITERS,
            answer=options.get("delimiter", ""),
            proposal=seen.get("delimiter_word", ""),
        )
    if "header" in doubts or options.get("header_line"):
        most = max(_MOST_LINES, seen.get("header_line", 1))
        yield Question(
            "header",
            f"Is line {seen.get('header_line', 1)} the one that names the columns?",
            [Choice(str(line), f"line {line}") for line in range(1, most + 1)],
            answer=str(options.get("header_line") or ""),
            proposal=str(seen.get("header_line", 1)),
        )
    if seen.get("hidden_rows") or seen.get("hidden_columns") or options.get("hidden"):
        yield Question(
            "hidden",
            f"{seen.get('hidden_rows', 0):,} rows and {seen.get('hidden_columns', 0):,} columns of the sheet are "
            "hidden. Are they to be imported?",
            HIDDEN,
            answer=options.get("hidden", ""),
        )


def _about_columns(draft: ImportDraft) -> Iterator[Question]:
    kinds = _kinds_by_place(draft)
    for seen in draft.seen.get("columns", ()):
        if seen["doubt"]:
            yield _column(draft, seen, kinds.get(seen["place"], frozenset()))


def _column(draft: ImportDraft, seen: dict[str, Any], kinds: frozenset[FieldKind]) -> Question:
    """Return the question of a column that reads both ways. A choice for the whole file answers it as well."""
    of_dates = seen["doubt"] == "date"
    key = f"{seen['doubt']}:{seen['place']}"
    wide = draft.options.get("date_format" if of_dates else "decimal") or ""
    asked = "In which order do day, month and year stand" if of_dates else "Which sign is the decimal sign"
    return Question(
        key,
        f"{asked} in “{seen['header']}”? Its values read both ways.",
        DATES[:2] if of_dates else SIGNS,
        column=seen["header"],
        answer=draft.answers.get(key) or wide,
        is_needed=bool(kinds & (_DATED if of_dates else _NUMBERED)),
        examples=seen["examples"],
    )


def _kinds_by_place(draft: ImportDraft) -> dict[int, frozenset[FieldKind]]:
    try:
        kind = registry.get(layout.importer_of(draft).record_type)
    except LookupError:
        return {}
    found: dict[int, frozenset[FieldKind]] = {}
    for entry in draft.columns:
        target = kind.by_name.get(entry["field"])
        if target is not None:
            found[entry["place"]] = found.get(entry["place"], frozenset()) | {target.kind}
    return found


def sentences(draft: ImportDraft) -> list[str]:
    """Say in words what reading the file found."""
    seen = draft.seen
    if "columns" not in seen:
        return ["The workbook has several sheets; one has to be chosen."] if seen.get("asks") else []
    told = [
        f"{seen['rows']:,} rows and {len(seen['columns']):,} columns below the header in line {seen['header_line']}."
    ]
    if draft.format == FileFormat.XLSX:
        told.append(f"An Excel workbook; the sheet “{seen.get('sheet', '')}” is read.")
    else:
        guessed = " (a proposal: the file does not say)" if seen.get("proposed") else ""
        told.append(
            f"Text in {seen['encoding']}{guessed}, its columns separated by a {seen['delimiter_word']}."
        )
    orders = {choice.value: choice.label for choice in DATES}
    for one in seen["columns"]:
        if one["date_order"] and one["kind"] == "date":
            told.append(
                f"Dates in “{one['header']}” stand as {orders[one['date_order']]}: some read no other way."
            )
        if one["decimal"] and one["kind"] == "number":
            sign = "point" if one["decimal"] == "." else "comma"
            told.append(
                f"The decimal sign in “{one['header']}” is the {sign}: some numbers read no other way."
            )
    return told
