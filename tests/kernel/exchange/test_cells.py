"""Numbers, dates and countries as other systems write them."""

import re
from datetime import UTC, date, datetime

import pytest

from revops.kernel.exchange.amounts import NotANumber, TwoReadings, read_number
from revops.kernel.exchange.countries import read_country
from revops.kernel.exchange.dates import AskForm, read_date, read_instant


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", "1234"),
        ("-5", "-5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("0.125", "0.125"),
        ("1234.5678", "1234.5678"),
        ("1 234 567,5", "1234567.5"),
        ("1\u202f234,5", "1234.5"),
        ("1'234.50", "1234.50"),
        ("-$5.00", "-5.00"),
        (".5", "0.5"),
    ],
)
def test_number_is_read(text: str, number: str) -> None:
    assert read_number(text)[0] == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12.345", "$1,234"])
def test_number_that_reads_both_ways_is_asked_for(text: str) -> None:
    with pytest.raises(TwoReadings):
        read_number(text)


def test_named_decimal_sign_decides() -> None:
    assert read_number("1.234", decimal=".")[0] == "1.234"
    assert read_number("1.234", decimal=",")[0] == "1234"
    assert read_number("1,234", decimal=",")[0] == "1.234"
    assert read_number("1,234", decimal=".")[0] == "1234"


def test_whole_number_reads_one_way() -> None:
    assert read_number("1,234", whole=True)[0] == "1234"
    assert read_number("1.234", whole=True)[0] == "1234"
    assert read_number("250.0", whole=True)[0] == "250"


@pytest.mark.parametrize(
    "text",
    ["NaN", "sNaN", "Infinity", "-inf", "1e5", "1E+30", "12 34", "1,23,456", "1,2.3,4", "--5", "(5)", "5%", "٣", "１２",
     "1_000", "abc", "-", ",", "12 apples", "0x1F"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        read_number(text)


def test_number_parsers_are_linear() -> None:
    for text in ("1," * 50_000, "1 " * 50_000, "9" * 100_000 + "x", "." * 100_000):
        with pytest.raises((NotANumber, TwoReadings)):
            read_number(text)


def test_currency_sign_tells_which_currencies_it_can_mean() -> None:
    assert read_number("€ 1.234,5") == ("1234.5", frozenset({"EUR"}))
    assert read_number("12.50 CHF") == ("12.50", frozenset({"CHF"}))
    assert "CAD" in read_number("$12.50")[1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NA", "NA"),
        ("Namibia", "NA"),
        ("us", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("UK", "GB"),
        ("Czech Republic", "CZ"),
        ("Ivory Coast", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("Macedonia", "MK"),
        ("Swaziland", "SZ"),
        ("Palestinian Territory", "PS"),
        ("Bosnia and Herzegovina", "BA"),
        ("Saint Pierre and Miquelon", "PM"),
        ("St. Lucia", "LC"),
        ("The Bahamas", "BS"),
        ("Korea, Republic of", "KR"),
        ("DEU", "DE"),
        ("Atlantis", None),
        ("Yugoslavia", None),
        ("EU", None),
        ("", None),
    ],
)
def test_country(text: str, code: str | None) -> None:
    assert read_country(text) == code


def test_date_is_read() -> None:
    assert read_date("2026-03-31") == date(2026, 3, 31)
    assert read_date("2026-03-31T09:00:00Z") == date(2026, 3, 31)
    assert read_date("31.12.2026", "dmy") == date(2026, 12, 31)
    assert read_date("12/31/2026", "mdy") == date(2026, 12, 31)
    assert read_date("2026/12/31", "ymd") == date(2026, 12, 31)


@pytest.mark.parametrize("text", ["02/03/2026", "31/12/2026", "02/23/26"])
def test_date_that_is_not_iso_is_asked_for(text: str) -> None:
    with pytest.raises(AskForm, match=re.escape("2026-12-31")):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("0000-01-01", ""),
        ("2026-02-30", ""),
        ("yesterday", ""),
        ("31/12/026", "dmy"),
        ("12/31/2026", "dmy"),
        ("2026", ""),
    ],
)
def test_what_is_no_date_is_refused(text: str, form: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_date(text, form)


@pytest.mark.parametrize(
    ("text", "day"),
    [("02/24/26", date(2026, 2, 24)), ("01/27/68", date(2068, 1, 27)), ("01/27/69", date(1969, 1, 27))],
)
def test_year_of_two_digits_is_of_the_hundred_years_to_2068(text: str, day: date) -> None:
    assert read_date(text, "mdy") == day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("02/24/26 02:18 AM", datetime(2026, 2, 24, 2, 18, tzinfo=UTC)),
        ("02/24/26 12:05 AM", datetime(2026, 2, 24, 0, 5, tzinfo=UTC)),
        ("02/24/26 12:05 pm", datetime(2026, 2, 24, 12, 5, tzinfo=UTC)),
        ("03/07/2026 23:59:08", datetime(2026, 3, 7, 23, 59, 8, tzinfo=UTC)),
        ("02/24/26", datetime(2026, 2, 24, 12, tzinfo=UTC)),
        ("2018-12-19 19:51:13", datetime(2018, 12, 19, 19, 51, 13, tzinfo=UTC)),
        ("2022-04-14 4:30:42.5", datetime(2022, 4, 14, 4, 30, 42, 500_000, tzinfo=UTC)),
        ("2026-02-24T02:18:00.000Z", datetime(2026, 2, 24, 2, 18, tzinfo=UTC)),
        ("2026-02-24T02:18:00+0200", datetime(2026, 2, 24, 0, 18, tzinfo=UTC)),
    ],
)
def test_instant_is_read_as_other_systems_write_it(text: str, instant: datetime) -> None:
    assert read_instant(text, "mdy") == instant


@pytest.mark.parametrize("text", ["13:00", "02/24/26 25:00", "02/24/26 13:00 PM", "02/24/126", "soon"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|hour|time|digits"):
        read_instant(text, "mdy")


def test_instant_that_reads_both_ways_is_asked_for() -> None:
    with pytest.raises(AskForm):
        read_instant("02/03/26 10:00 AM")
