from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.clocks import fiscal
from revops.kernel.clocks.enums import PeriodKind
from revops.kernel.clocks.models import FiscalPeriod

YEAR, QUARTER, MONTH = PeriodKind.YEAR, PeriodKind.QUARTER, PeriodKind.MONTH


def of(specs, kind):
    return [spec for spec in specs if spec.kind == kind]


def test_month_year_lays_out_a_shifted_year():
    specs = fiscal.month_year(2027, date(2026, 2, 1))
    assert [len(of(specs, kind)) for kind in (YEAR, QUARTER, MONTH)] == [1, 4, 12]
    assert (specs[0].label, specs[0].start, specs[0].end) == ("FY2027", date(2026, 2, 1), date(2027, 1, 31))
    assert [(q.label, q.start) for q in of(specs, QUARTER)] == [
        ("FY2027-Q1", date(2026, 2, 1)),
        ("FY2027-Q2", date(2026, 5, 1)),
        ("FY2027-Q3", date(2026, 8, 1)),
        ("FY2027-Q4", date(2026, 11, 1)),
    ]
    last = of(specs, MONTH)[-1]
    assert (last.label, last.start, last.end, last.parent) == (
        "FY2027-M12",
        date(2027, 1, 1),
        date(2027, 1, 31),
        "FY2027-Q4",
    )


@pytest.mark.parametrize(("weeks", "last_month"), [(52, 5), (53, 6)])
def test_week_year_lays_out_4_4_5(weeks, last_month):
    specs = fiscal.week_year(2026, date(2026, 2, 1), weeks=weeks)
    lengths = [((m.end - m.start).days + 1) // 7 for m in of(specs, MONTH)]
    assert lengths == [4, 4, 5] * 3 + [4, 4, last_month]
    assert specs[0].end == date(2026, 2, 1) + timedelta(weeks=weeks) - timedelta(days=1)
    fiscal.validate(specs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": (4, 4, 4)}, "13 weeks"),
        ({"pattern": (13, 0, 0)}, "13 weeks"),
        ({"weeks": 51}, "52 or 53"),
    ],
)
def test_week_year_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        fiscal.week_year(2026, date(2026, 2, 1), **options)


@given(
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.sampled_from([None, (4, 4, 5), (4, 5, 4), (5, 4, 4)]),
    st.lists(st.sampled_from([52, 53]), min_size=1, max_size=5),
)
def test_generated_years_follow_each_other_without_gap_or_overlap(start, pattern, years):
    specs = []
    for number, weeks in enumerate(years):
        if pattern:
            year = fiscal.week_year(3000 + number, start, pattern=pattern, weeks=weeks)
        else:
            year = fiscal.month_year(3000 + number, start.replace(day=min(start.day, 28)))
        specs += year
        start = year[0].end + timedelta(days=1)
    fiscal.validate(specs)
    for kind in PeriodKind:
        days = sum((spec.end - spec.start).days + 1 for spec in of(specs, kind))
        assert days == (specs[-1].end - specs[0].start).days + 1


@pytest.mark.parametrize(
    ("label", "change", "message"),
    [
        ("FY2026-M05", {"end": date(2026, 5, 30)}, "2026-05-31 to 2026-05-31 belong to no month"),
        ("FY2026-M05", {"end": date(2026, 6, 1)}, "FY2026-M06 starts on 2026-06-01, inside FY2026-M05"),
        ("FY2026-M05", {"end": date(2026, 4, 1)}, "before its start"),
        ("FY2026-M12", {"end": date(2026, 12, 30)}, "parts of FY2026-Q4"),
        ("FY2026-M12", {"parent": "FY2099"}, "parts of FY2026-Q4"),
        ("FY2026", {"label": "FY26"}, "does not exist"),
        ("FY2026-M05", {"label": "FY2026-M06"}, "same label"),
    ],
)
def test_validate_names_what_is_wrong(label, change, message):
    specs = [
        replace(s, **change) if s.label == label else s for s in fiscal.month_year(2026, date(2026, 1, 1))
    ]
    with pytest.raises(fiscal.InvalidFiscalCalendar, match=message):
        fiscal.validate(specs)


@pytest.fixture
def two_years(db):
    fiscal.define(fiscal.month_year(2027, date(2026, 2, 1)))
    return fiscal.define(fiscal.week_year(2028, date(2027, 2, 1)))


def test_period_of_finds_each_layer(two_years):
    assert fiscal.period_of(date(2026, 4, 30), QUARTER).label == "FY2027-Q1"
    assert fiscal.period_of(date(2026, 5, 1), "quarter").label == "FY2027-Q2"
    assert fiscal.period_of(date(2027, 1, 31), YEAR).label == "FY2027"
    month = fiscal.period_of(date(2027, 2, 1), MONTH)
    assert (month.label, month.parent.label, month.parent.parent.label) == (
        "FY2028-M01",
        "FY2028-Q1",
        "FY2028",
    )


def test_period_of_beyond_the_calendar_is_refused(two_years):
    with pytest.raises(fiscal.NoFiscalPeriod, match="define that fiscal year first"):
        fiscal.period_of(date(2026, 1, 31), MONTH)
    with pytest.raises(ValueError, match="week"):
        fiscal.period_of(date(2026, 3, 1), "week")


@pytest.mark.parametrize(
    ("day", "token"),
    [
        (date(2026, 2, 1), "Q1"),
        (date(2026, 4, 30), "Q1"),
        (date(2026, 8, 15), "Q3"),
        (date(2027, 1, 31), "Q4"),
    ],
)
def test_gt31_quarter_token_comes_from_the_rows(two_years, day, token):
    assert fiscal.quarter_token(day) == token


def test_define_refuses_a_year_that_leaves_a_gap_and_stores_nothing(two_years):
    before = FiscalPeriod.objects.count()
    with pytest.raises(fiscal.InvalidFiscalCalendar, match="belong to no year"):
        fiscal.define(fiscal.month_year(2030, date(2029, 2, 1)))
    with pytest.raises(fiscal.InvalidFiscalCalendar, match="inside FY2028"):
        fiscal.define(fiscal.month_year(2029, date(2028, 1, 1)))
    assert FiscalPeriod.objects.count() == before


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "week"},
        {"label": "FY2027"},
        {"label": ""},
        {"start": date(2040, 1, 2), "end": date(2040, 1, 1)},
        {"start": date(2026, 2, 1)},
        {"end": date(2027, 1, 31)},
        {"parent": "FY2027"},
    ],
)
def test_database_refuses_an_impossible_period(two_years, values):
    fields = {"kind": "year", "label": "new", "start": date(2040, 1, 1), "end": date(2040, 12, 31)} | values
    if "parent" in values:
        fields["parent"] = FiscalPeriod.objects.get(label=values["parent"])
    if fields["start"] == date(2026, 2, 1) or fields["end"] == date(2027, 1, 31):
        fields |= {"start": fields["start"] if "start" in values else date(2026, 3, 1)}
    with pytest.raises(IntegrityError), transaction.atomic():
        FiscalPeriod.objects.create(**fields)


def test_part_of_a_year_protects_it_from_deletion(two_years):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        FiscalPeriod.objects.get(label="FY2027").delete()


def test_quarters_of_many_days_are_found_in_one_query(two_years, django_assert_num_queries):
    days = [date(2026, 2, 1), date(2027, 1, 31), date(2027, 2, 1), date(2027, 8, 15), date(1999, 1, 1)]
    with django_assert_num_queries(1):
        tokens = fiscal.quarter_tokens(days)
    assert tokens == {day: fiscal.quarter_token(day) for day in days if day in tokens}
    assert date(1999, 1, 1) not in tokens
