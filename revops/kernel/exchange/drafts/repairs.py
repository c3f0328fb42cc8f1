"""Cells written anew: kept apart from the file, seen by everything that reads it, part of the import's fingerprint."""

from collections.abc import Iterable
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange import reading
from revops.kernel.exchange.drafts import deciding, layout, opening
from revops.kernel.exchange.drafts.detection import visible
from revops.kernel.exchange.drafts.models import DraftFinding, ImportDraft
from revops.kernel.exchange.drafts.shapes import Repair
from revops.kernel.exchange.faults import MAX_CELL
from revops.kernel.exchange.findings import FileRefused, shown
from revops.kernel.exchange.overlay import UNTOUCHED, Overlay
from revops.kernel.exchange.reading import Record, Source
from revops.kernel.identity.models import User

MOST = 20_000
_FRESH = 5_000


def source_of(draft: ImportDraft, overlay: Overlay) -> Source:
    """Return the draft's file, ready to be read with these repairs."""
    return reading.look(
        opening.table_of(draft),
        name=draft.file_name,
        encoding=draft.seen["encoding"],
        delimiter=draft.seen["delimiter"],
        header_line=draft.seen["header_line"],
        by_row=layout.is_by_row(draft),
        overlay=overlay,
    )


def lines(draft: ImportDraft, wanted: Iterable[int], *, as_came: bool = False) -> dict[int, Record]:
    """Return rows of the file by line, with their repairs unless `as_came`; reads no further than the last."""
    left, found = set(wanted), dict[int, Record]()
    if not left:
        return found
    try:
        for record in reading.records(source_of(draft, UNTOUCHED if as_came else layout.overlay_of(draft))):
            if record.line in left:
                found[record.line] = record
                left.discard(record.line)
                if not left:
                    break
    except FileRefused:
        return found
    return found


def put(*, by: User, pk: int, line: int, place: int, text: str) -> ImportDraft:
    """Write one cell anew. Raises Blocked for a row or a column that the file has not."""
    with deciding.decision(by, pk) as draft:
        before = _before(draft, line, place)
        _require_text(text)
        cells = _cells(draft)
        cells.setdefault(str(line), {})[str(place)] = [before, text]
        _keep(draft, cells=cells)
        _freshen(draft, [{"line": line}])
        return draft


def put_row(*, by: User, pk: int, line: int, cells: list[str]) -> ImportDraft:
    """Write a whole row anew: one that has too few or too many cells. Its single repairs go."""
    with deciding.decision(by, pk) as draft:
        width = len(draft.seen["header"])
        if len(cells) != width:
            raise Blocked([_misfit("cells", f"{len(cells)} cells", f"{width} cells, as the header has")])
        for text in cells:
            _require_text(text)
        if line not in lines(draft, [line]):
            raise Blocked([_misfit("line", line, "the line of a row")])
        single = _cells(draft)
        single.pop(str(line), None)
        _keep(draft, cells=single, rows={**draft.repairs.get("rows", {}), str(line): cells})
        _freshen(draft, [{"line": line}])
        return draft


def replace_everywhere(*, by: User, pk: int, place: int, found: str, text: str) -> tuple[ImportDraft, int]:
    """Write every cell of a column that holds `found` anew; return how many there are now that did."""
    with deciding.decision(by, pk) as draft:
        _require_place(draft, place)
        _require_text(text)
        count = _count(draft, place, found)
        if not count:
            return draft, 0
        cells = _cells(draft)
        for places in cells.values():
            if places.get(str(place), ["", None])[1] == found:
                places[str(place)] = [places[str(place)][0], text]
        everywhere = {**draft.repairs.get("everywhere", {})}
        texts = {**everywhere.get(str(place), {})}
        texts = {old: text if new == found else new for old, new in texts.items()}
        texts.setdefault(found, text)
        everywhere[str(place)] = {old: new for old, new in texts.items() if old != new}
        _keep(draft, cells=cells, everywhere=everywhere)
        _freshen(draft, [{"place": place, "text": text}])
        return draft, count


def undo(*, by: User, pk: int, line: int, place: int) -> ImportDraft:
    """Take the repair of one cell back."""
    with deciding.decision(by, pk) as draft:
        cells = _cells(draft)
        places = cells.get(str(line), {})
        if places.pop(str(place), None) is None:
            raise Blocked([_misfit("line", line, "a cell that was written anew")])
        if not places:
            del cells[str(line)]
        _keep(draft, cells=cells)
        _freshen(draft, [{"line": line}])
        return draft


def undo_everywhere(*, by: User, pk: int, place: int, found: str) -> ImportDraft:
    """Take a replacement in a whole column back."""
    with deciding.decision(by, pk) as draft:
        everywhere = {**draft.repairs.get("everywhere", {})}
        texts = {**everywhere.get(str(place), {})}
        text = texts.pop(found, None)
        if text is None:
            raise Blocked([_misfit("found", found, "a text that was replaced")])
        everywhere[str(place)] = texts
        _keep(draft, everywhere={one: held for one, held in everywhere.items() if held})
        _freshen(draft, [{"place": place, "text": found}])
        return draft


def listed(draft: ImportDraft) -> list[Repair]:
    """Return the repairs: those of whole columns first (line 0), then single cells by line."""
    header = draft.seen.get("header", [])

    def name(place: int) -> str:
        return header[place] if place < len(header) else f"column {place + 1}"

    wide = [
        Repair(0, int(place), name(int(place)), visible(before), after)
        for place, texts in sorted(draft.repairs.get("everywhere", {}).items(), key=lambda one: int(one[0]))
        for before, after in texts.items()
    ]
    single = [
        Repair(int(line), int(place), name(int(place)), visible(before), after)
        for line, places in sorted(draft.repairs.get("cells", {}).items(), key=lambda one: int(one[0]))
        for place, (before, after) in sorted(places.items(), key=lambda one: int(one[0]))
    ]
    return wide + single


def _cells(draft: ImportDraft) -> dict[str, dict[str, list[str]]]:
    return {line: dict(places) for line, places in draft.repairs.get("cells", {}).items()}


def _keep(draft: ImportDraft, **parts: Any) -> None:
    """Write parts of the repairs; refuse more than can be kept with the draft."""
    draft.repairs = {**draft.repairs, **parts}
    held = sum(len(places) for places in draft.repairs.get("cells", {}).values())
    held += sum(len(texts) for texts in draft.repairs.get("everywhere", {}).values())
    if held + len(draft.repairs.get("rows", {})) > MOST:
        raise Blocked.because(
            "IMP-027",
            f"More than {MOST:,} cells were written anew. Correct the file itself and upload it again.",
            found=f"{held:,} cells",
            needed=f"at most {MOST:,}",
        )


def _freshen(draft: ImportDraft, entries: list[dict[str, Any]]) -> None:
    """Remember what has to be checked again; beyond measure, the whole file is."""
    fresh = [*draft.repairs.get("fresh", []), *entries]
    draft.repairs = {**draft.repairs, "fresh": fresh[-_FRESH:]}


def _before(draft: ImportDraft, line: int, place: int) -> str:
    """Return what the file holds in a cell, from the last check's findings or from the file itself."""
    _require_place(draft, place)
    held = _cells(draft).get(str(line), {}).get(str(place))
    if held is not None:
        return held[0]
    told = (
        DraftFinding.objects.filter(draft=draft, line=line, place=place)
        .values_list("cell", flat=True)
        .first()
    )
    if told is not None and str(place) not in draft.repairs.get("everywhere", {}):
        return told
    record = lines(draft, [line], as_came=True).get(line)
    if record is None:
        raise Blocked([_misfit("line", line, "the line of a row")])
    return record.cells[place] if place < len(record.cells) else ""


def _require_place(draft: ImportDraft, place: int) -> None:
    width = len(draft.seen.get("header", ()))
    if not 0 <= place < width:
        raise Blocked([_misfit("place", place, f"a column from 0 to {width - 1}")])


def _require_text(text: str) -> None:
    if len(text) > MAX_CELL or "\0" in text:
        raise Blocked(
            [_misfit("text", shown(text), f"a text of at most {MAX_CELL:,} characters, without NUL")]
        )


def _count(draft: ImportDraft, place: int, found: str) -> int:
    source = source_of(draft, layout.overlay_of(draft))
    return sum(
        place < len(record.cells) and record.cells[place] == found for record in reading.records(source)
    )


def _misfit(name: str, given: object, needed: str) -> Finding:
    message = f"{name}: {shown(given)!r} does not fit. Give {needed}."
    return Finding("IMP-025", message, field=name, found=shown(given), needed=needed)
