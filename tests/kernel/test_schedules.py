from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel import schedules
from revops.kernel.dates import boundary
from revops.kernel.money import ratio
from revops.kernel.schedules import EntryKind, Proration, Purpose, ScheduleEntry, ScheduleSpec, Segment

START = date(2026, 1, 1)


def ramp(**changes):
    """The golden ramp of ALG-4.4: 36 months, the first one free."""
    spec = ScheduleSpec(
        subject="line:1",
        currency="USD",
        start=START,
        segments=(
            Segment(months=12, rate=Decimal(10_000), free_months=(1,)),
            Segment(months=12, rate=Decimal(12_000)),
            Segment(months=12, rate=Decimal(14_000)),
        ),
    )
    return schedules.build(replace(spec, **changes))


def suite():
    """The worked example of D4.9: 200 kW, 60 months, 3 free, 3 % escalator."""
    rates = schedules.escalate(Decimal(150), Decimal("0.03"), 5, "USD")
    segments = tuple(
        Segment(
            months=12,
            rate=rate,
            qty=Decimal(200),
            free_months=(1, 2, 3) if year == 0 else (),
            kind=EntryKind.ESCALATOR if year else EntryKind.RECURRING,
        )
        for year, rate in enumerate(rates)
    )
    return schedules.build(
        ScheduleSpec(subject="line:2", currency="USD", start=START, segments=segments, uom="kW")
    )


def cumulative(rows, *months):
    return [rows[month - 1].cumulative for month in months]


def test_alg44_ramp_with_a_free_month():
    schedule = ramp()
    assert len(schedule.entries) == 36
    assert schedules.tcv(schedule) == schedule.total == Decimal("422000.00")
    assert [schedules.acv(schedule, year) for year in (1, 2, 3, 4)] == [110_000, 144_000, 168_000, 0]
    assert schedule.entries[0].kind is EntryKind.FREE
    discount = 1 - ratio(schedule.total, Decimal(432_000))
    assert round(discount * 100, 2) == Decimal("2.31")


def test_alg44_arr_is_normalised_over_the_segment():
    schedule = ramp()
    days = [date(2026, 1, 15), date(2026, 12, 31), date(2027, 1, 1), date(2028, 12, 31)]
    assert [schedules.arr(schedule, day) for day in days] == [110_000, 110_000, 144_000, 168_000]
    assert schedules.mrr(schedule, date(2026, 1, 1)) == Decimal("9166.67")
    assert schedules.arr(schedule, date(2025, 12, 31)) == schedules.arr(schedule, date(2029, 1, 1)) == 0


def test_alg44_recognised_minus_billed():
    billed = ramp()
    recognised = schedules.straight_line(Decimal(422_000), START, date(2028, 12, 31), "USD")
    rows = schedules.reconcile(recognised, billed)
    assert {entry.amount for entry in recognised.entries} == {Decimal("11722.22"), Decimal("11722.23")}
    assert cumulative(rows, 1, 12, 24, 36) == [
        Decimal("11722.22"),
        Decimal("30666.67"),
        Decimal("27333.33"),
        Decimal("0.00"),
    ]
    assert max(row.cumulative for row in rows) == Decimal("30666.67")


def test_alg44_term_of_39_months_has_a_short_last_segment():
    segments = tuple(Segment(months=m, rate=Decimal(100)) for m in (12, 12, 12, 3))
    schedule = ramp(segments=segments, end=date(2029, 3, 31))
    assert schedules.acv(schedule, 4) == 300
    assert schedules.arr(schedule, date(2029, 2, 1)) == 1200


def test_worked_example_private_suite():
    rates = schedules.escalate(Decimal(150), Decimal("0.03"), 5, "USD")
    assert [str(rate) for rate in rates] == ["150", "154.50", "159.14", "163.91", "168.83"]
    schedule = suite()
    assert [schedules.acv(schedule, year) for year in range(1, 6)] == [
        270_000,
        370_800,
        381_936,
        393_384,
        405_192,
    ]
    assert schedules.tcv(schedule) == Decimal("1821312.00")
    assert schedules.arr(schedule, date(2026, 2, 1)) == 270_000
    assert schedules.arr(schedule, date(2030, 6, 1)) == 405_192


def test_worked_example_straight_line_receivable():
    billed = suite()
    recognised = schedules.straight_line(billed.total, START, billed.term.end, "USD")
    assert {entry.amount for entry in recognised.entries} == {Decimal("30355.20")}
    rows = schedules.reconcile(recognised, billed)
    assert cumulative(rows, 1, 3, 12, 24, 36, 48, 60) == [
        Decimal("30355.20"),
        Decimal("91065.60"),
        Decimal("94262.40"),
        Decimal("87724.80"),
        Decimal("70051.20"),
        Decimal("40929.60"),
        Decimal("0.00"),
    ]


def test_worked_example_installation_over_the_term():
    spread = schedules.straight_line(Decimal(60_000), START, date(2030, 12, 31), "USD")
    assert {entry.amount for entry in spread.entries} == {Decimal("1000.00")}


@pytest.mark.parametrize(
    ("start", "end", "precision", "multiplier"),
    [
        (date(2026, 1, 15), date(2027, 3, 31), Proration.MONTH_DAY, "1.213242"),
        (date(2026, 1, 15), date(2027, 3, 31), Proration.DAY, "1.208219"),
        (date(2026, 1, 15), date(2027, 3, 31), Proration.MONTH, "1.250000"),
        (date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=829), Proration.DAY, "2.273973"),
        (date(2026, 1, 1), date(2028, 11, 30), Proration.MONTH_DAY, "2.916667"),
        (date(2026, 1, 1), date(2026, 12, 31), Proration.MONTH_DAY, "1.000000"),
    ],
)
def test_alg42_proration(start, end, precision, multiplier):
    assert str(round(schedules.prorate(start, end, precision), 6)) == multiplier


def test_alg42_prorated_price():
    multiplier = schedules.prorate(date(2026, 1, 15), date(2027, 3, 31))
    assert round(multiplier * 12_000, 2) == Decimal("14558.90")


def test_alg47_amendment_coterminates():
    added = schedules.build(
        ScheduleSpec(
            subject="line:3",
            currency="USD",
            start=date(2026, 7, 10),
            end=date(2026, 12, 31),
            segments=(Segment(months=5, rate=Decimal(100), qty=Decimal(50)),),
        )
    )
    assert added.total == Decimal("28616.44")
    assert schedules.arr(added, date(2026, 12, 31)) == Decimal("60000.00")
    assert (added.entries[-1].start, added.entries[-1].end) == (date(2026, 12, 10), date(2026, 12, 31))


def test_build_refuses_segments_that_do_not_fill_the_term():
    with pytest.raises(ValueError, match="segments cover 36 months"):
        ramp(end=date(2029, 3, 31))


@pytest.mark.parametrize("every", [1, 3, 5, 12, 100])
def test_bill_conserves_the_committed_total(every):
    bills = schedules.bill(ramp(), every)
    assert bills.total == Decimal("422000.00")
    assert bills.purpose is Purpose.BILLING
    assert len(bills.entries) == -(-36 // every)


def test_bill_by_year_is_the_golden_billing():
    assert [entry.amount for entry in schedules.bill(ramp(), 12).entries] == [110_000, 144_000, 168_000]


def with_extras():
    base = suite()
    extras = (
        ScheduleEntry(seq=61, start=START, end=START, amount=Decimal(60_000), kind=EntryKind.ONE_TIME),
        ScheduleEntry(
            seq=62, start=START, end=date(2026, 1, 31), amount=Decimal("512.25"), kind=EntryKind.USAGE
        ),
        ScheduleEntry(seq=63, start=START, end=START, amount=Decimal(-100), kind=EntryKind.CREDIT),
    )
    return replace(base, entries=base.entries + extras)


def test_tcv_counts_one_time_and_credit_but_not_usage():
    schedule = with_extras()
    assert schedules.tcv(schedule) == Decimal("1881212.00")
    assert schedules.bill(schedule, 1).total == Decimal("1881212.00")
    assert schedule.total == Decimal("1881724.25")


def test_arr_and_acv_count_recurring_entries_only():
    schedule = with_extras()
    assert schedules.arr(schedule, START) == 270_000
    assert schedules.acv(schedule, 1) == 270_000


def test_schedule_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        ramp().entries[0].amount = Decimal(1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: (*e[:5], *e[6:]), "carries the number"),
        (lambda e: (*e[:5], *(replace(x, seq=x.seq - 1) for x in e[6:])), "starts on"),
        (lambda e: (replace(e[0], amount=Decimal(1)), *e[1:]), "is free but charges"),
        (lambda e: (*e[:35], replace(e[35], amount=Decimal("0.001"))), "finer than the minor unit"),
        (lambda e: (*e[:35], replace(e[35], end=date(2020, 1, 1))), "before its start"),
        (
            lambda e: (*e, replace(e[0], seq=37, kind=EntryKind.CREDIT, amount=Decimal(5))),
            "credit but charges",
        ),
        (
            lambda e: (*e, replace(e[0], seq=37, kind=EntryKind.ONE_TIME, start=date(2020, 1, 1))),
            "outside the term",
        ),
        (lambda e: (), "no entries"),
    ],
)
def test_schedule_refuses_broken_entries(change, message):
    schedule = ramp()
    with pytest.raises(ValueError, match=message):
        replace(schedule, entries=change(schedule.entries))


def test_amend_keeps_what_came_before():
    base = ramp()
    tail = [replace(entry, amount=entry.amount + 500) for entry in base.entries[12:]]
    amended = schedules.amend(base, date(2027, 1, 1), tail)
    assert amended.entries[:12] == base.entries[:12]
    assert amended.total == base.total + 24 * 500
    assert (amended.version, amended.effective_from) == (2, date(2027, 1, 1))
    assert base.version == 1


def test_amend_refuses_to_cut_or_to_reach_back():
    base = ramp()
    with pytest.raises(ValueError, match="cuts through entry 13"):
        schedules.amend(base, date(2027, 1, 15), [])
    with pytest.raises(ValueError, match="before 2027-01-01"):
        schedules.amend(base, date(2027, 1, 1), base.entries[11:])


@given(st.integers(0, 36), st.integers(0, 36), st.integers(0, 10_000))
def test_e5_amend_and_rebase_conserve_the_sum(first, second, uplift):
    """An amendment built on version 1 and applied again to version 2 loses and adds nothing."""
    base = ramp()
    one, two = sorted((first, second))
    step = schedules.amend(
        base,
        boundary(START, one),
        [replace(e, amount=e.amount + 7, kind=EntryKind.RECURRING) for e in base.entries[one:]],
    )
    tail = [replace(e, amount=e.amount + uplift, kind=EntryKind.RECURRING) for e in step.entries[two:]]
    rebased = schedules.amend(step, boundary(START, two), tail)
    assert rebased.total == base.total + 7 * (36 - one) + uplift * (36 - two)
    assert schedules.amend(base, boundary(START, one), base.entries[one:]).total == base.total


@given(
    st.integers(-(10**11), 10**11).map(lambda n: Decimal(n).scaleb(-2)),
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    st.integers(0, 2500),
)
def test_e5_straight_line_adds_up_to_the_total(total, start, length):
    end = start + timedelta(days=length)
    schedule = schedules.straight_line(total, start, end, "USD")
    assert schedule.total == total
    assert (schedule.term.start, schedule.term.end) == (start, end)
    balance = schedules.reconcile(schedule, schedules.bill(schedule, 12))
    assert balance[-1].cumulative == Decimal("0.00")


@given(
    st.lists(st.tuples(st.integers(1, 14), st.integers(0, 10**9)), min_size=1, max_size=6), st.integers(1, 31)
)
def test_e5_built_entries_cover_the_term_and_add_up(parts, day):
    segments = tuple(Segment(months=m, rate=Decimal(r).scaleb(-4)) for m, r in parts)
    schedule = ramp(start=date(2026, 1, day), segments=segments)
    assert sum(e.amount for e in schedule.entries) == schedule.total == schedules.bill(schedule, 3).total
    assert schedule.term.start == date(2026, 1, day)
    assert schedule.term.end == boundary(date(2026, 1, day), sum(m for m, _ in parts)) - timedelta(days=1)


def test_reconcile_covers_both_terms_and_one_currency():
    short = schedules.straight_line(Decimal(100), date(2026, 2, 1), date(2026, 2, 28), "USD")
    rows = schedules.reconcile(short, ramp())
    assert len(rows) == 36
    assert rows[-1].cumulative == Decimal(100) - Decimal(422_000)
    with pytest.raises(ValueError, match="cannot compare"):
        schedules.reconcile(short, replace(short, currency="EUR"))
