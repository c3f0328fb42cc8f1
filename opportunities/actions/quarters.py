"""The fiscal quarter in which a deal is forecast: that of its close date. Source: addenda, slip and push."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from revops.kernel.clocks.enums import PeriodKind
from revops.kernel.clocks.models import FiscalPeriod
from revops.kernel.dates import add_months


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter from `start` to `end`, both included."""

    label: str
    start: date
    end: date


class Quarters:
    """The fiscal quarters, read once; where none is laid out for a day, the quarter of the calendar."""

    @cached_property
    def _laid_out(self) -> list[Quarter]:
        rows = FiscalPeriod.objects.filter(kind=PeriodKind.QUARTER).order_by("start")
        return [Quarter(*row) for row in rows.values_list("label", "start", "end")]

    def of(self, on: date) -> Quarter:
        """Return the quarter that holds a day."""
        place = bisect_right([one.start for one in self._laid_out], on) - 1
        if place >= 0 and on <= self._laid_out[place].end:
            return self._laid_out[place]
        number = (on.month - 1) // 3
        start = date(on.year, 3 * number + 1, 1)
        return Quarter(f"{on.year}-Q{number + 1}", start, add_months(start, 3) - timedelta(days=1))
