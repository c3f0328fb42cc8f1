"""What a draft would change, as its page shows it: counts from before to after, the first records, past decisions."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import StreamingHttpResponse

from revops.kernel.exchange.defusing import defused
from revops.kernel.policies.simulating import ChangedRecord, Count, Impact
from revops.kernel.records import telling

FIRST = 10


@dataclass(frozen=True)
class Changed:
    """One changed record in a line; `about` is None where it has no page."""

    row: ChangedRecord
    about: telling.Line | None


@dataclass(frozen=True)
class Shown:
    """An impact ready to be drawn."""

    impact: Impact
    first: Sequence[Changed]

    @property
    def moves(self) -> list[Count]:
        return [one for one in self.impact.counts if one.moves]

    @property
    def stays(self) -> int:
        return self.impact.total - self.impact.changed

    @property
    def more(self) -> int:
        return max(0, self.impact.changed - len(self.first))


def shown(impact: Impact, user: Any) -> Shown:
    """Return an impact with its first records as `user` sees them: a constant number of statements."""
    rows = impact.rows(limit=FIRST)
    known = telling.lines(user, [(one.record_type, one.record_id) for one in rows])
    return Shown(impact, [Changed(one, known.get((one.record_type, one.record_id))) for one in rows])


class _Line:
    """What the writer of tables writes to: it hands each line back."""

    def write(self, text: str) -> str:
        return text


def lines(impact: Impact) -> Iterator[str]:
    """Yield the file of every changed record, line by line; what a spreadsheet would run is defused."""
    writer: Any = csv.writer(_Line())
    for row in impact.csv():
        yield writer.writerow([defused(one) if isinstance(one, str) else one for one in row])


def file(impact: Impact, name: str) -> StreamingHttpResponse:
    """Return the file of every changed record."""
    response = StreamingHttpResponse(lines(impact), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-changes.csv"'
    return response
