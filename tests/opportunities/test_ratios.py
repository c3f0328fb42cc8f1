"""The ratios of hygiene: each cell against a count by hand, both of its parts against their records, the score."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.enums import OPEN
from opportunities.metrics import hygiene, score
from opportunities.metrics.delays import PUSH_PER_OPP
from opportunities.models import Opportunity
from opportunities.policies.required import REQUIRED
from revops.kernel import clocks, metrics, policies
from revops.kernel.guard import permit
from revops.kernel.metrics import Ratio, Share
from revops.kernel.policies import facts, required
from revops.kernel.records import listing, registry
from tests.cast import Cast
from tests.opportunities.conftest import make_account
from tests.opportunities.laid import NOW, deal, lay_clocks, lay_deals

pytestmark = pytest.mark.django_db
DEAL = "opportunities.opportunity"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings.ORG_TIME_ZONE)).date()


def by_hand(rows: list[Opportunity]) -> dict[str, set[int]]:
    """Return which of some open deals each ratio counts, worked out row by row."""
    today = day(NOW)
    policy = policies.get_sound(REQUIRED.key, None, NOW)
    known = facts.get(DEAL).fetch(Opportunity.objects.all(), required.paths(policy))
    fresh = {
        one.pk
        for one in rows
        if one.next_step
        and one.next_step_on
        and 0 <= (one.next_step_on - today).days <= (45 if one.segment in ("ENT", "STRAT") else 30)
    }
    overdue = {one.pk for one in rows if one.next_step_on and one.next_step_on < today}
    idle = {one.pk for one in rows if (today - day(one.last_buyer_activity_at or one.opened_at)).days > 30}
    later = {one.pk for one in rows if one.close_date >= today}
    whole = {one.pk for one in rows if not required.missing(policy, known[one.pk], NOW)}
    shipped = {"qualification": 28, "discovery": 42, "evaluation": 60, "proposal": 42, "contracting": 28}
    measured = {(segment, stage): 30 for segment in ("MM", "ENT") for stage in ("qualification", "proposal")}
    red = {
        one.pk
        for one in rows
        if (today - day(one.stage_since)).days > measured.get((one.segment, one.stage), shipped[one.stage])
    }
    return {
        "next_step_fresh_pct": fresh,
        "next_step_overdue_pct": overdue,
        "idle_opps_pct": idle,
        "close_date_future_pct": later,
        "required_fields_pct": whole,
        "stage_age_red_pct": red,
        "clean_deals_pct": (fresh & later & whole) - idle - red,
    }


def test_every_ratio_is_a_count_by_hand_and_opens_exactly_its_deals(cast: Cast):
    lay_deals(cast, 120)
    for reader in (cast.alice, cast.rita):
        rows = Opportunity.objects.visible_to(reader)
        held = list(rows.filter(stage__in=OPEN))
        assert len(held) > 20
        counted = by_hand(held)
        for key, expected in counted.items():
            ratio = metrics.ratio_of(key, DEAL, reader)
            assert ratio is not None
            (cell,) = metrics.shares([ratio], rows)
            assert (cell.numerator, cell.denominator) == (len(expected), len(held)), key
            assert set(metrics.behind(ratio, rows, "in").values_list("pk", flat=True)) == expected, key
            rest = set(metrics.behind(ratio, rows, "out").values_list("pk", flat=True))
            assert rest == {one.pk for one in held} - expected, key


def test_every_registered_ratio_is_the_records_behind_it(cast: Cast):
    lay_deals(cast, 60, seed=3)
    lay_clocks(cast, 2, 1)
    checked = 0
    for ratio in metrics.ratios():
        rows = registry.get(ratio.record_type).model.objects.visible_to(cast.rita)
        by = ("owner",) if hasattr(rows.model, "owner") else ()
        for cell in metrics.shares([ratio], rows, by=by):
            mine = rows.filter(owner=cell.group[0]) if by else rows
            inside = metrics.behind(ratio, mine, "in")
            held = sum(inside.values_list(ratio.sums, flat=True)) if ratio.sums else inside.count()
            assert (cell.numerator, cell.denominator) == (held, metrics.behind(ratio, mine, "all").count())
            assert inside.count() + metrics.behind(ratio, mine, "out").count() == cell.denominator, ratio.key
            checked += cell.denominator > 0
    assert checked > 20


def test_the_list_opens_a_part_of_a_ratio_within_the_scope_of_its_reader(cast: Cast):
    lay_deals(cast, 60)
    kind = registry.get(DEAL)
    for part in ("in", "out", "all"):
        given = {"metric": "idle_opps_pct", "part": part, "owner": str(cast.alice.pk)}
        query = listing.parse(kind, cast.mona, given, limit=200)
        rows = Opportunity.objects.visible_to(cast.mona).filter(owner=cast.alice)
        expected = set(metrics.behind(hygiene.IDLE, rows, part).values_list("pk", flat=True))
        assert {row["id"] for row in listing.page(query, cast.mona, ["name"]).rows} == expected
        assert set(listing.matching(query, cast.mona).values_list("pk", flat=True)) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"metric": "no_such"},
        {"metric": "sla_met_pct"},
        {"metric": "idle_opps_pct", "part": "half"},
        {"part": "in"},
    ],
)
def test_a_list_refuses_what_is_no_metric_of_its_records_and_no_part_of_one(
    cast: Cast, given: dict[str, str]
):
    from revops.kernel.audit import Blocked

    with pytest.raises(Blocked) as refusal:
        listing.parse(registry.get(DEAL), cast.rita, given)
    assert [finding.field for finding in refusal.value.findings] == [list(given)[-1]]


def test_several_ratios_by_owner_take_one_statement_with_one_row_and_with_three(
    cast: Cast, settled_organisation: None
):
    wanted = [hygiene.NEXT_STEP_FRESH, hygiene.REQUIRED_FIELDS, hygiene.IDLE, hygiene.CLOSES_LATER]
    for count in (1, 3):
        lay_deals(cast, count, seed=count)
        rows = Opportunity.objects.visible_to(cast.rita)
        policies.get_sound(REQUIRED.key, None, NOW)
        with CaptureQueriesContext(connection) as captured:
            metrics.shares(wanted, rows, by=("owner",))
        assert len(captured) == 1


def test_gt22_28_of_100_idle_deals_are_28_per_cent(cast: Cast):
    account = make_account(cast)
    idle, fresh = NOW - timedelta(days=31), NOW - timedelta(days=30)
    with permit():
        Opportunity.objects.bulk_create(
            deal(cast, account, n, last_buyer_activity_at=idle if n < 28 else fresh) for n in range(100)
        )
    (cell,) = metrics.shares([hygiene.IDLE], Opportunity.objects.visible_to(cast.rita))
    assert (cell.value, cell.numerator, cell.n, cell.tone) == (Decimal("28.00"), 28, 100, "red")


def share(ratio: Ratio, numerator: int, denominator: int) -> Share:
    return Share(ratio, (), numerator, denominator, NOW)


@pytest.mark.parametrize(
    ("ratio", "counted", "tone"),
    [
        (hygiene.IDLE, 14, "green"),
        (hygiene.IDLE, 15, "amber"),
        (hygiene.IDLE, 25, "red"),
        (hygiene.NEXT_STEP_FRESH, 95, "green"),
        (hygiene.NEXT_STEP_FRESH, 94, "amber"),
        (hygiene.NEXT_STEP_FRESH, 79, "red"),
    ],
)
def test_a_share_has_the_tone_of_its_limits(ratio: Ratio, counted: int, tone: str):
    assert share(ratio, counted, 100).tone == tone


def test_few_records_have_no_tone_and_none_have_no_value():
    assert (share(hygiene.IDLE, 2, 4).tone, share(hygiene.IDLE, 2, 4).is_small) == ("", True)
    assert (share(hygiene.IDLE, 0, 0).value, share(hygiene.IDLE, 0, 0).is_small) == (None, False)
    assert share(PUSH_PER_OPP, 7, 3).value == Decimal("2.33")


def test_the_score_is_the_mean_of_its_five_parts_and_leaves_out_what_there_is_nothing_of():
    parts = {
        one.ratio.key: one
        for one in (
            share(hygiene.NEXT_STEP_FRESH, 9, 10),
            share(hygiene.REQUIRED_FIELDS, 5, 10),
            share(hygiene.IDLE, 2, 10),
            share(hygiene.SLA_MET, 1, 1),
            share(hygiene.CLOSES_LATER, 10, 10),
        )
    }
    assert score.score(parts).value == Decimal("84.00")
    del parts["sla_met_pct"]
    without = score.score(parts)
    assert (without.value, without.left_out) == (Decimal("80.00"), ["sla_met_pct"])
    assert score.score({}).value is None


def test_shares_are_added_up_and_never_averaged():
    found = metrics.together([share(hygiene.IDLE, 1, 1), share(hygiene.IDLE, 0, 3)])
    assert found is not None
    assert found.value == Decimal("25.00")
    assert metrics.together([]) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"definition": ""}, "definition"),
        ({"green": Decimal(1)}, "limits"),
        ({"key": "idle_opps_pct"}, "already"),
    ],
)
def test_a_ratio_that_says_too_little_is_refused(change: dict[str, Any], words: str):
    given: dict[str, Any] = {
        **dict.fromkeys(("key", "label", "definition", "formula", "owner", "inside", "outside"), "x"),
        "record_type": DEAL,
        "among": lambda now: None,
        "counted": lambda now: None,
    }
    with pytest.raises(ValueError, match=words):
        metrics.register_ratio(Ratio(**(given | change)))
    assert "x" not in {one.key for one in metrics.ratios()}
