"""An exception that excused a deal from its exit criteria is over: what follows at once, in time, too late. HC-2."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Contact
from opportunities.actions import add_contact_role, edit_opportunity, move_stage
from opportunities.actions.meddicc import score
from opportunities.models import Opportunity, StageInterval
from opportunities.policies import CATEGORIES, EXIT_CRITERIA
from revops.kernel import audit, clocks
from revops.kernel.gates import debts
from revops.kernel.gates.exceptions import actions as exceptions
from revops.kernel.gates.exceptions import lapsing
from revops.kernel.gates.exceptions.about import About
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.models.debts import GateDebt
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.outbox.models import OutboxEvent
from tests.cast import Cast
from tests.opportunities.conftest import ADVANCE, make_committable, meet, ready_deal
from tests.opportunities.intervals import interval_faults
from tests.opportunities.people import make_contact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)  # a Wednesday
ENDS = NOW + timedelta(days=5)
AFTER = ENDS + timedelta(minutes=1)
WHY = "The buyer's finance team names its budget owner after the board meeting in July."


@pytest.fixture
def deal(cast: Cast) -> Any:
    """A deal in Proposal and Commit that was excused from naming who owns the budget."""
    with clocks.at(NOW):
        made = ready_deal(cast)
        held = made.contact_roles.get(role="economic_buyer")
        with audit.change(by=cast.rita, action="test.leaves"):
            gone = audit.lock(type(held).objects.all(), pk=held.pk)
            gone.role = "user"
            audit.write(gone)
        about = About("opportunities.opportunity", made.pk, f"OPP-{made.pk:06d}")
        values = {
            "policy_key": EXIT_CRITERIA.key,
            "criterion_key": "budget_owner",
            "justification": WHY,
            "risk": "low",
            "expires_at": ENDS,
        }
        of_category = {"policy_key": CATEGORIES.key, "criterion_key": "economic_buyer"}
        longer = {"expires_at": NOW + timedelta(days=25)}
        for given in (values, values | of_category | longer):
            asked = exceptions.request_exception(by=cast.alice, about=about, values=given)
            exceptions.approve(by=cast.mona, pk=asked.pk)
        move_stage(by=cast.alice, pk=made.pk, to="proposal", reason_code=ADVANCE)
        make_committable(cast, made)
        edit_opportunity(by=cast.alice, pk=made.pk, changes={"forecast_category": "commit"})
        return made


def now_of(deal: Opportunity) -> tuple[str, str]:
    held = Opportunity.objects.get(pk=deal.pk)
    return held.stage, held.forecast_category


def test_hc2_excused_move_keeps_the_exception_with_its_decision(cast: Cast, deal: Opportunity) -> None:
    attempt = GateAttempt.objects.get(outcome="passed")
    assert attempt.excused == {"budget_owner": PolicyException.objects.get(criterion_key="budget_owner").pk}
    assert attempt.decision.exceptions_used.count() == 1


def test_hc2_lapse_clamps_and_opens_the_debt_at_once_and_once(cast: Cast, deal: Opportunity) -> None:
    for _ in range(2):
        with clocks.at(AFTER):
            lapsing.lapse_due(AFTER)
    assert now_of(deal) == ("proposal", "best_case")
    debt = GateDebt.objects.get()
    assert (debt.criterion_key, debt.state, debt.opened_at) == ("budget_owner", "open", ENDS)
    with clocks.at(AFTER), pytest.raises(audit.Blocked) as owed:
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "upside"})
    assert [one.code for one in owed.value.findings] == ["OPP-016"]
    clamped = OutboxEvent.objects.get(type="opportunity.category_clamped")
    assert (clamped.payload["from"], clamped.payload["to"]) == ("commit", "best_case")
    with clocks.at(AFTER), pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="contracting", reason_code=ADVANCE)
    assert [one.criterion for one in refusal.value.findings] == ["budget_owner", "economic_buyer_met"]


def test_score_that_names_the_economic_buyer_clears_the_debt_at_once(cast: Cast, deal: Opportunity) -> None:
    with clocks.at(AFTER):
        lapsing.lapse_due(AFTER)
        ann = make_contact(cast, "Ann", account=deal.account)
        score(by=cast.alice, pk=deal.pk, values={"element": "economic_buyer", "contact": ann.pk})
        assert GateDebt.objects.get().state == "cleared"


def test_hc2_a_late_job_does_not_extend_what_is_over(cast: Cast, deal: Opportunity) -> None:
    with clocks.at(AFTER), pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="contracting", reason_code=ADVANCE)
    assert [one.criterion for one in refusal.value.findings] == ["budget_owner", "economic_buyer_met"]


def test_hc2_evidence_on_day_four_clears_the_debt_and_the_category_stays_down(
    cast: Cast, deal: Opportunity
) -> None:
    with clocks.at(AFTER):
        lapsing.lapse_due(AFTER)
    with clocks.at(AFTER + timedelta(days=4)):
        values = {"opportunity": deal.pk, "contact": make_contact(cast, "Ann").pk, "role": "economic_buyer"}
        add_contact_role(by=cast.alice, values=values)
        with audit.change(by=cast.alice, action="test.met"):
            meet(deal, Contact.objects.get(name="Ann"))
        assert GateDebt.objects.get().state == "cleared"
        assert now_of(deal) == ("proposal", "best_case")
        debts.sweep(AFTER + timedelta(days=30))
        assert now_of(deal) == ("proposal", "best_case")
        assert (
            move_stage(by=cast.alice, pk=deal.pk, to="contracting", reason_code=ADVANCE).stage
            == "contracting"
        )


def test_hc2_without_evidence_the_deal_goes_back_after_five_business_days(
    cast: Cast, deal: Opportunity
) -> None:
    with clocks.at(AFTER):
        lapsing.lapse_due(AFTER)
    early, late = ENDS + timedelta(days=6), ENDS + timedelta(days=9)
    with clocks.at(early):
        debts.sweep(early)
        assert now_of(deal)[0] == "proposal"
        on = str((late + timedelta(days=5)).date())
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"next_step_on": on})
    for _ in range(2):
        with clocks.at(late):
            debts.sweep(late)
    assert now_of(deal) == ("discovery", "best_case")
    last = StageInterval.objects.in_order().last()
    assert (last.stage, last.via, last.reason_code) == ("discovery", "regressed", "exception_expired")
    assert StageInterval.objects.filter(reason_code="exception_expired").count() == 1
    assert (GateDebt.objects.get().state, interval_faults()) == ("regressed", [])
