from datetime import UTC, date, datetime

import pytest

from revops.kernel.policies.durations import parse_duration

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("P1D", datetime(2026, 4, 1, 12, tzinfo=UTC)),
        ("-P1M", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("P1Y1M", datetime(2027, 4, 30, 12, tzinfo=UTC)),
        ("P2W", datetime(2026, 4, 14, 12, tzinfo=UTC)),
        ("PT36H", datetime(2026, 4, 2, 0, tzinfo=UTC)),
        ("-PT1M", datetime(2026, 3, 31, 11, 59, tzinfo=UTC)),
        ("P1DT1S", datetime(2026, 4, 1, 12, 0, 1, tzinfo=UTC)),
    ],
)
def test_duration_moves_an_instant(text: str, later: datetime) -> None:
    duration = parse_duration(text)
    assert duration is not None
    assert duration.from_instant(AT) == later


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1", "1D", "P1H", "PT1D", "p1d", "P-1D", "+P1D", "P1.5D", "P101Y", "P1D ", "P٣D"),
        "P" + "1" * 50 + "D",
    ],
)
def test_anything_else_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_date_moves_by_whole_days_and_months() -> None:
    duration = parse_duration("P1M1D")
    assert duration is not None
    assert duration.from_date(date(2026, 1, 31)) == date(2026, 3, 1)
    assert duration.from_date(date(2026, 3, 31), back=True) == date(2026, 2, 27)
    half = parse_duration("PT12H")
    assert half is not None
    assert (duration.whole_days, half.whole_days) == (True, False)
