"""Forecast categories: as far as the evidence carries them; refused by hand above it, brought down by themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import categories, edit_opportunity, move_stage
from opportunities.actions.categories import Scales, clamping, holding, keeping
from opportunities.models import CategoryChange, DealReviewStatus, Meddicc, Opportunity
from opportunities.policies import CATEGORIES
from opportunities.policies.categories import failing
from opportunities.queries.categories import forecast
from revops.kernel import audit, clocks, policies
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates.exceptions import actions as exceptions
from revops.kernel.gates.exceptions import lapsing
from revops.kernel.gates.exceptions.about import About
from revops.kernel.gates.models.exceptions import ExceptionUse
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.policies.decisions import replay
from tests.api.conftest import Api
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import brought_to, make_committable, open_deal

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 15, tzinfo=UTC)  # a Wednesday
COMMIT = (
    *("economic_buyer", "metrics", "paper_process", "buyer_step"),
    *("reviews_clear", "risk_mitigated", "manager_verified"),
)


@pytest.fixture
def now() -> Any:
    with clocks.at(NOW):
        yield NOW


@pytest.fixture
def deal(cast: Cast, now: datetime) -> Opportunity:
    """A deal of Alice's in Proposal that shows everything that Commit asks for."""
    return make_committable(cast, brought_to(cast, "proposal"))


def set_to(cast: Cast, deal: Opportunity, category: str) -> Opportunity:
    return edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": category})


def change(cast: Cast, model: type[Any], values: dict[str, Any], **which: Any) -> None:
    """Change a row about a deal as an action of its own would, in a change of its own."""
    with audit.change(by=cast.rita, action="test.input"):
        row = audit.lock(model.objects.all(), pk=model.objects.get(**which).pk)
        for name, value in values.items():
            setattr(row, name, value)
        audit.write(row)


def steps(deal: Opportunity) -> list[tuple[str, str, str, list[str]]]:
    rows = CategoryChange.objects.filter(opportunity=deal).order_by("pk")
    return [(row.before, row.after, row.why, [one["key"] for one in row.criteria]) for row in rows]


def now_at(deal: Opportunity) -> str:
    return Opportunity.objects.get(pk=deal.pk).forecast_category


def test_a_deal_without_evidence_is_told_everything_that_commit_asks_for(cast: Cast, now: datetime) -> None:
    deal = open_deal(cast)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        set_to(cast, deal, "commit")
    told = refusal.value.findings
    assert [one.code for one in told] == ["OPP-008", "OPP-017", *["GAT-001"] * 6]
    assert [one.criterion for one in told[2:]] == [key for key in COMMIT if key != "reviews_clear"]
    assert {one.rule for one in told[2:]} == {CATEGORIES.key}
    assert [way.label for way in told[2].remedies] == ["Score economic buyer", "Ask for an exception"]


def test_a_category_above_the_evidence_is_refused_with_the_highest_that_holds(
    cast: Cast, deal: Opportunity
) -> None:
    change(cast, Meddicc, {"score": 1}, opportunity=deal, element="metrics")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        set_to(cast, deal, "commit")
    summary, missing = refusal.value.findings
    assert (summary.code, missing.criterion) == ("OPP-017", "metrics")
    (way,) = summary.remedies
    assert way.url == f"/opportunities/{deal.pk}/do/set_category/?forecast_category=upside"
    assert set_to(cast, deal, "upside").forecast_category == "upside"
    assert steps(deal) == [("pipeline", "upside", "set", [])]
    assert CategoryChange.objects.get().rule == "opportunities.category_gates@0"


def test_what_carries_a_category_is_told_in_one_row_and_one_event(cast: Cast, deal: Opportunity) -> None:
    assert set_to(cast, deal, "commit").forecast_category == "commit"
    told = OutboxEvent.objects.get(type="opportunity.category_changed").payload
    assert (told["from"], told["to"], told["why"], told["by"]) == ("pipeline", "commit", "set", cast.alice.pk)
    assert categories.highest([deal], NOW) == {deal.pk: "commit"}
    assert categories.lacking(deal, "commit") == []


@pytest.mark.parametrize(
    ("model", "which", "values", "to", "why"),
    [
        (Meddicc, {"element": "metrics"}, {"score": 1}, "upside", "metrics"),
        (Meddicc, {"element": "champion"}, {"score": 0, "statement": ""}, "commit", ""),
        (DealReviewStatus, {"kind": "security"}, {"state": "blocked"}, "upside", "reviews_clear"),
    ],
)
def test_an_input_that_changes_brings_the_deal_down_in_the_same_change(
    cast: Cast,
    deal: Opportunity,
    model: Any,
    which: dict[str, str],
    values: dict[str, Any],
    to: str,
    why: str,
) -> None:
    set_to(cast, deal, "commit")
    change(cast, model, values, opportunity=deal, **which)
    assert now_at(deal) == to
    assert steps(deal)[1:] == ([("commit", to, "evidence", [why])] if why else [])


def test_an_edit_of_the_deal_brings_it_down_and_the_caller_holds_it_as_it_is(
    cast: Cast, deal: Opportunity
) -> None:
    set_to(cast, deal, "commit")
    far = (NOW + timedelta(days=25)).date()
    edited = edit_opportunity(by=cast.alice, pk=deal.pk, changes={"next_step_on": str(far)})
    stored = Opportunity.objects.get(pk=deal.pk)
    assert (edited.forecast_category, edited.version) == (stored.forecast_category, stored.version)
    assert steps(deal)[-1] == ("commit", "upside", "evidence", ["buyer_step"])
    told = OutboxEvent.objects.get(type="opportunity.category_clamped").payload
    assert (told["from"], told["to"], told["criteria"]) == ("commit", "upside", ["buyer_step"])


@pytest.mark.control
def test_without_its_hook_nothing_comes_down(
    cast: Cast, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(cast, deal, "commit")
    monkeypatch.setattr(keeping.holding, "hold", lambda deals: [])
    change(cast, Meddicc, {"score": 1}, opportunity=deal, element="metrics")
    assert now_at(deal) == "commit"


def test_nothing_is_raised_by_itself(cast: Cast, deal: Opportunity) -> None:
    set_to(cast, deal, "commit")
    change(cast, Meddicc, {"score": 1}, opportunity=deal, element="metrics")
    change(cast, Meddicc, {"score": 2}, opportunity=deal, element="metrics")
    assert now_at(deal) == "upside"
    assert clamping.clamp(NOW) == 0
    assert now_at(deal) == "upside"


def test_a_stage_moved_back_says_so(cast: Cast, deal: Opportunity) -> None:
    set_to(cast, deal, "commit")
    move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code="champion_lost")
    assert steps(deal)[-1] == ("commit", "best_case", "stage", [])


@pytest.mark.parametrize(
    ("days", "to", "missing"),
    [(3, "commit", []), (8, "upside", ["manager_verified"]), (40, "pipeline", None)],
)
def test_time_alone_brings_a_deal_down_at_night(
    cast: Cast, deal: Opportunity, days: int, to: str, missing: list[str] | None
) -> None:
    set_to(cast, deal, "commit")
    later = NOW + timedelta(days=days)
    with clocks.at(later):
        assert clamping.clamp(later) == (to != "commit")
        assert clamping.clamp(later) == 0
    assert now_at(deal) == to
    if missing:
        assert steps(deal)[-1] == ("commit", to, "evidence", missing)


def test_the_night_job_agrees_with_the_rules_in_python(cast: Cast, deal: Opportunity) -> None:
    bare = open_deal(cast)
    for category in ("best_case", "upside", "commit"):
        policy = policies.get(CATEGORIES.key)
        lacks = set(Opportunity.objects.filter(failing(policy, category, NOW)).values_list("pk", flat=True))
        scales = Scales([deal.pk, bare.pk], NOW)
        assert lacks == {one.pk for one in (deal, bare) if not scales.holds(one, category)} == {bare.pk}


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_held_in_a_constant_number_of_statements(
    cast: Cast, now: datetime, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make_committable(cast, brought_to(cast, "proposal")) for _ in range(count)]
    for deal in made:
        set_to(cast, deal, "commit")
    with audit.change(by=cast.rita, action="test.hold"), CaptureQueriesContext(connection) as seen:
        held = lock_many(Opportunity.objects.order_by("pk"))
        monkeypatch.setattr(audit.current(), "recorded_at", NOW + timedelta(days=10))
        assert len(holding.hold(held)) == count
    names = [one["sql"] for one in seen if "people_" not in one["sql"]]
    assert len(names) == STATEMENTS


STATEMENTS = 9


def test_an_exception_excuses_one_criterion_until_it_is_over(cast: Cast, deal: Opportunity) -> None:
    change(cast, Meddicc, {"score": 1}, opportunity=deal, element="metrics")
    ends = NOW + timedelta(days=3)
    values = {
        "policy_key": CATEGORIES.key,
        "criterion_key": "metrics",
        "justification": "The buyer's finance team computes the savings after its audit in the third week of June.",
        "risk": "low",
        "expires_at": ends,
    }
    about = About("opportunities.opportunity", deal.pk, f"OPP-{deal.pk:06d}")
    asked = exceptions.request_exception(by=cast.alice, about=about, values=values)
    exceptions.approve(by=cast.mona, pk=asked.pk)
    assert set_to(cast, deal, "commit").forecast_category == "commit"
    use = ExceptionUse.objects.get()
    assert (use.exception_id, replay(use.decision).same) == (asked.pk, True)
    assert clamping.clamp(NOW) == 0
    after = ends + timedelta(minutes=1)
    with clocks.at(after):
        lapsing.lapse_due(after)
    assert now_at(deal) == "upside"
    assert steps(deal)[-1] == ("commit", "upside", "exception", ["metrics"])


def test_owner_and_manager_hear_of_a_commit_that_came_down(cast: Cast, deal: Opportunity) -> None:
    from opportunities.actions.categories import telling

    set_to(cast, deal, "commit")
    change(cast, Meddicc, {"score": 1}, opportunity=deal, element="metrics")
    telling.tell_clamped(OutboxEvent.objects.get(type="opportunity.category_clamped"))
    heard = Notification.objects.filter(kind="opportunity.commit_clamped")
    assert sorted(heard.values_list("recipient_id", flat=True)) == sorted([cast.alice.pk, cast.mona.pk])


def test_the_tab_says_how_far_the_evidence_goes_and_what_happened(cast: Cast, deal: Opportunity) -> None:
    set_to(cast, deal, "commit")
    change(cast, Meddicc, {"score": 1}, opportunity=deal, element="metrics")
    told = forecast(Opportunity.objects.get(pk=deal.pk), cast.alice)
    assert (told.present, told.carries, told.asked, told.holds) == ("Upside", "Upside", "Commit", False)
    assert [(one.title, one.state) for one in told.lines if one.state != "met"] == [
        ("What it is worth to the buyer", "missing")
    ]
    assert [(one.before, one.after, one.by_rule) for one in told.moved] == [
        ("Commit", "Upside", True),
        ("Pipeline", "Commit", False),
    ]


def test_the_ledgers_are_read_over_the_api_and_written_by_nobody(cast: Cast, deal: Opportunity) -> None:
    set_to(cast, deal, "commit")
    api = Api(cast.alice)
    (row,) = api.get(f"category-changes/?opportunity={deal.pk}").json()["results"]
    assert (row["before"], row["after"], row["why"]) == ("pipeline", "commit", "set")
    assert api.get("slip-events/").json()["results"] == []
    with unchanged():
        assert (
            api.patch(f"category-changes/{row['id']}/", {"after": "upside", "version": 1}).status_code >= 400
        )
    body = {"forecast_category": "best_case", "version": Opportunity.objects.get(pk=deal.pk).version}
    answer = api.post(f"opportunities/{deal.pk}/set_category/", body)
    assert (answer.status_code, now_at(deal)) == (200, "best_case")
