"""Reading ahead changes when a chunk is read, never what is read, in which order, or at which time it is."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from revops.kernel import clocks
from revops.kernel.exchange.ahead import Chunk, read_ahead
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Record
from revops.kernel.exchange.settling import Memory

THEN = datetime(2025, 3, 1, tzinfo=UTC)


class Words:
    """Stands for a plan: reads the first cell, passes over rows that say “gone”."""

    def skips(self, record: Record) -> bool:
        return record.cells[0] == "gone"

    def read(self, record: Record) -> ImportRow:
        if record.cells[0] == "broken":
            raise ValueError("no word")
        values = {"word": record.cells[0], "at": clocks.now()}
        return ImportRow(record.line, record.number, str(record.line), values, {})


PLAN = cast(Plan, Words())


def record(line: int, word: str) -> Record:
    return Record(line=line, number=line - 1, cells=[word])


def chunks(*words: list[str], closed: list[bool]) -> Generator[Chunk, None, None]:
    try:
        line = 1
        for level, chunk in enumerate(words):
            yield level, [record(line := line + 1, word) for word in chunk]
    finally:
        closed.append(True)


def test_chunks_come_in_order_with_what_was_read_at_the_clock_of_the_caller() -> None:
    closed: list[bool] = []
    with clocks.at(THEN):
        found = list(read_ahead(chunks(["a", "gone"], ["b"], closed=closed), PLAN))
    assert [(level, [one.cells[0] for one in records]) for level, records, _ in found] == [
        (0, ["a", "gone"]),
        (1, ["b"]),
    ]
    read = [{line: row.values["word"] for line, row in rows.items()} for _, _, rows in found]
    assert read == [{2: "a"}, {4: "b"}]
    assert {row.values["at"] for _, _, rows in found for row in rows.values()} == {THEN}
    assert closed == [True]


def test_what_cannot_be_read_is_raised_where_the_chunk_is_due() -> None:
    closed: list[bool] = []
    found: list[Any] = []
    with pytest.raises(ValueError, match="no word"):
        found.extend(level for level, _, _ in read_ahead(chunks(["a"], ["broken"], closed=closed), PLAN))
    assert closed == [True]


def test_caller_that_stops_lets_go_of_the_file() -> None:
    closed: list[bool] = []
    ahead = read_ahead(chunks(["a"], ["b"], ["c"], closed=closed), PLAN)
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_row_that_was_read_ahead_is_used_once() -> None:
    [(_, records, rows)] = list(read_ahead(chunks(["a"], closed=[]), PLAN))
    memory = Memory(ahead=dict(rows))
    first, again = memory.read(records[0], PLAN), memory.read(records[0], PLAN)
    assert first is rows[2]
    assert (again is first, again.values["word"]) == (False, "a")
