from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from django.db.models import F, Max, Min, Sum, Value
from django.db.models.functions import Coalesce
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel import money
from revops.kernel.money import MoneyField, exact_amount

ROWS = 20_000


@pytest.fixture
def deal_model(transactional_db):
    """A table that exists for one test only, on whichever engine the settings select."""
    with isolate_apps("revops.kernel.clocks"):

        class Deal(models.Model):
            amount = MoneyField()
            tax = MoneyField(null=True)
            seats = models.IntegerField(default=1)

            class Meta:
                app_label = "clocks"

        with connection.schema_editor() as editor:
            editor.create_model(Deal)
        try:
            yield Deal
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(Deal)


amounts = st.decimals(min_value=-(10**14) + 1, max_value=10**14 - 1, places=4)


@given(amounts)
def test_amount_survives_storage_exactly(amount):
    assert money.from_units(money.to_units(amount)) == amount


@given(amounts)
def test_amount_survives_storage_whatever_the_ambient_context(amount):
    with localcontext(prec=3):
        assert money.from_units(money.to_units(exact_amount(amount))).compare(amount) == 0


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0.00"),
        (123_400, "12.34"),
        (123_456, "12.3456"),
        (12_340_000, "1234.00"),
        (-1, "-0.0001"),
        (-100, "-0.01"),
    ],
)
def test_amount_reads_back_with_two_decimals_where_two_are_enough(units, text):
    assert str(money.from_units(units)) == text


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (Decimal("NaN"), "not_finite", ["NaN", "finite"]),
        (Decimal("sNaN"), "not_finite", ["sNaN"]),
        (Decimal("-Infinity"), "not_finite", ["-Infinity"]),
        ("inf", "not_finite", ["inf"]),
        ("twelve", "invalid", ["twelve", "1250.50"]),
        ("", "invalid", ["1250.50"]),
        (Decimal("0.00001"), "too_precise", ["0.00001", "4 decimals", "round"]),
        (Decimal("12345678901234.12345"), "too_precise", ["12345678901234.12345"]),
        ("1." + "0" * 90 + "1", "too_precise", ["decimals"]),
        (Decimal(10) ** 14, "too_big", ["100000000000000", "99,999,999,999,999.9999", "split"]),
        (-(10**14), "too_big", ["-100000000000000"]),
        ("1e999999", "too_big", ["1e999999"]),
        (12.5, "inexact", ["12.5", "Decimal"]),
        (True, "inexact", ["True"]),
    ],
)
def test_amount_that_cannot_be_held_is_refused_by_name(value, code, words):
    with pytest.raises(ValidationError) as refusal:
        exact_amount(value)
    assert refusal.value.code == code
    for word in words:
        assert word in refusal.value.messages[0]


@pytest.mark.parametrize(("value", "amount"), [(5, "5.00"), ("1250.5", "1250.50"), ("1e3", "1000.00")])
def test_amount_accepts_whole_numbers_and_text(value, amount):
    assert str(exact_amount(value)) == amount


def test_amount_with_trailing_zeros_is_not_too_precise():
    assert exact_amount("1.25000000000000000000000000000000000000") == Decimal("1.25")


def test_field_accepts_its_limit_and_refuses_the_next_amount(deal_model):
    deal = deal_model.objects.create(amount=money.LIMIT, tax=-money.LIMIT)
    deal.refresh_from_db()
    assert (deal.amount, deal.tax) == (money.LIMIT, -money.LIMIT)
    with pytest.raises(ValidationError):
        deal_model.objects.create(amount=money.LIMIT + Decimal("0.0001"))


def test_field_refuses_a_float_on_save(deal_model):
    with pytest.raises(ValidationError):
        deal_model.objects.create(amount=0.1)
    assert deal_model.objects.count() == 0


def test_field_keeps_null(deal_model):
    deal_model.objects.create(amount=Decimal(1), tax=None)
    assert deal_model.objects.get(tax__isnull=True).tax is None
    assert deal_model.objects.aggregate(s=Sum("tax"))["s"] is None


def test_field_filters_and_orders_by_amount(deal_model):
    deal_model.objects.bulk_create(deal_model(amount=Decimal(a)) for a in ("9.99", "10", "-3.5", "100.0001"))
    listed = deal_model.objects.order_by("amount").values_list("amount", flat=True)
    assert list(listed) == [Decimal("-3.5"), Decimal("9.99"), Decimal(10), Decimal("100.0001")]
    assert deal_model.objects.filter(amount__gte=Decimal("9.99"), amount__lt="100.0001").count() == 2
    assert deal_model.objects.filter(amount__in=[10, Decimal("-3.50")]).count() == 2
    assert deal_model.objects.filter(amount__range=(Decimal("9.99"), Decimal("10.00"))).count() == 2
    assert deal_model.objects.get(amount=Decimal("100.0001")).amount == Decimal("100.0001")


def test_field_sum_is_exact_over_many_rows(deal_model):
    random = Random(7)
    values = [Decimal(random.randrange(-(10**12), 10**13)).scaleb(-4) for _ in range(ROWS)]
    deal_model.objects.bulk_create((deal_model(amount=value) for value in values), batch_size=5_000)
    found = deal_model.objects.aggregate(sum=Sum("amount"), low=Min("amount"), high=Max("amount"))
    assert found == {"sum": sum(values), "low": min(values), "high": max(values)}
    assert isinstance(found["sum"], Decimal)


def test_field_sum_is_exact_beyond_what_a_float_can_count(deal_model):
    deal_model.objects.bulk_create([deal_model(amount=Decimal("9000000000000.0001")) for _ in range(50)])
    assert deal_model.objects.aggregate(s=Sum("amount"))["s"] == Decimal("450000000000000.0050")


def test_field_groups_and_filters_on_a_sum(deal_model):
    deal_model.objects.bulk_create(
        deal_model(amount=Decimal(a), seats=s) for a, s in [("0.10", 1), ("0.20", 1), ("5", 2)]
    )
    groups = (
        deal_model.objects.values("seats").annotate(total=Sum("amount")).filter(total__lt=Decimal("0.31"))
    )
    assert list(groups) == [{"seats": 1, "total": Decimal("0.30")}]


def test_field_arithmetic_in_sql_reads_back_as_money(deal_model):
    deal_model.objects.create(amount=Decimal("10.25"), tax=Decimal("0.75"), seats=3)
    zero = Value(Decimal(0), output_field=MoneyField())
    row = deal_model.objects.annotate(
        gross=F("amount") + F("tax"), net=F("amount") - F("tax"), all_seats=F("amount") * F("seats")
    ).get()
    assert (row.gross, row.net, row.all_seats) == (Decimal(11), Decimal("9.50"), Decimal("30.75"))
    assert deal_model.objects.filter(seats=9).aggregate(s=Coalesce(Sum("amount"), zero))["s"] == 0


def test_field_refuses_to_mix_money_and_plain_numbers_in_sql(deal_model):
    with pytest.raises(FieldError):
        deal_model.objects.annotate(wrong=F("amount") + Decimal(5)).get()
    with pytest.raises(FieldError):
        deal_model.objects.annotate(wrong=F("amount") + F("seats")).get()


def test_field_form_takes_decimals_and_refuses_five_places(deal_model):
    field = deal_model._meta.get_field("amount").formfield()
    assert field.clean("1234.5") == Decimal("1234.5")
    with pytest.raises(ValidationError):
        field.clean("0.00001")


def test_field_deconstructs_to_itself():
    _name, path, args, kwargs = MoneyField("Amount", null=True).deconstruct()
    assert (path, args, kwargs) == (
        "revops.kernel.money.MoneyField",
        [],
        {"verbose_name": "Amount", "null": True},
    )


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "USD", "2.35"),
        ("2.344999", "USD", "2.34"),
        ("-2.345", "EUR", "-2.35"),
        ("1234.5", "JPY", "1235"),
        ("1.23450", "KWD", "1.235"),
        ("159.135", "USD", "159.14"),
    ],
)
def test_round_to_minor_rounds_half_up(amount, currency, rounded):
    assert str(money.round_to_minor(Decimal(amount), currency)) == rounded


@pytest.mark.parametrize("code", ["usd", "US", "EURO", "XXX", "", "ZZZ"])
def test_currency_that_does_not_exist_is_refused(code):
    with pytest.raises(ValidationError) as refusal:
        money.validate_currency(code)
    assert "ISO 4217" in refusal.value.messages[0]


def test_currency_codes_include_current_and_historic_ones():
    assert {"USD", "EUR", "JPY", "DEM"} <= money.currency_codes()


def test_split_cumulative_spreads_a_ramp_over_36_months():
    parts = money.split_cumulative(Decimal("422000"), 36, "USD")
    assert set(parts) == {Decimal("11722.22"), Decimal("11722.23")}
    assert sum(parts) == Decimal("422000.00")
    assert parts[0] == Decimal("11722.22")


def test_split_largest_remainder_gives_ties_to_the_earliest():
    assert money.split_largest_remainder(Decimal("0.05"), [1, 1, 1], "USD") == [
        Decimal("0.02"),
        Decimal("0.02"),
        Decimal("0.01"),
    ]
    assert money.split_largest_remainder(Decimal(-100), [1, 1, 1], "JPY") == [-34, -33, -33]


def test_split_refuses_what_it_cannot_share():
    with pytest.raises(ValueError, match="finer than the minor unit"):
        money.split_cumulative(Decimal("0.005"), 2, "USD")
    with pytest.raises(ValueError, match="at least one weight"):
        money.split_largest_remainder(Decimal(1), [0, 0], "USD")
    with pytest.raises(ValueError, match="must not be negative"):
        money.split_largest_remainder(Decimal(1), [2, -1], "USD")
    with pytest.raises(ValueError, match="at least one part"):
        money.split_cumulative(Decimal(1), 0, "USD")


cents = st.integers(-(10**12), 10**12).map(lambda n: Decimal(n).scaleb(-2))
weights = st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any)


@given(cents, weights)
def test_splits_conserve_the_total_and_stay_within_a_cent(total, parts):
    whole = sum(parts)
    for shares in (
        money.split_largest_remainder(total, parts, "USD"),
        money.split_cumulative(total, parts, "USD"),
    ):
        assert sum(shares) == total
        for share, part in zip(shares, parts, strict=True):
            assert abs(Fraction(share) - Fraction(total) * part / whole) <= Fraction(1, 100)


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [(800, 4000, "0.200000"), (2, 3, "0.666667"), (Decimal("-1"), 3, "-0.333333"), (0, 5, "0.000000")],
)
def test_ratio_has_six_decimals(numerator, denominator, value):
    assert str(money.ratio(numerator, denominator)) == value


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(1, 0), (0, 0), (None, 5), (5, None), (1, Decimal("0.00"))]
)
def test_ratio_without_a_divisor_is_none(numerator, denominator):
    assert money.ratio(numerator, denominator) is None
