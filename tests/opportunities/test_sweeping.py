"""The stale sweep on records: steps, exclusions, closing, stall reasons, late and doubled runs (ALG-2.2, INV-2.7)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from accounts.enums import ActivityKind, ActivityOutcome, AttendeeResponse
from accounts.models import Activity, ActivityAttendee, Contact
from opportunities.actions.sweeping import looking, timing_out
from opportunities.enums import CategoryWhy, ForecastCategory, OpportunityType, Stage
from opportunities.models import IdleStep, Opportunity, OpportunityActivity, StageInterval
from opportunities.policies import stale
from opportunities.queries import silence
from revops.kernel import audit, clocks, outbox
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.audit import changes
from revops.kernel.gates.exceptions.enums import ExceptionState, Risk
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from tests.cast import Cast
from tests.opportunities.conftest import open_deal
from tests.opportunities.people import make_contact
from tests.opportunities.silent import BEGIN, NOTHING, change, on, run, small, steps, system

__all__ = ["small"]

# The package's `sweep` is the function; its module is asked for by name.
module = import_module("opportunities.actions.sweeping.sweep")


def test_sweep_takes_each_step_on_its_day_and_closes_after_the_notice(cast: Cast, small: Opportunity) -> None:
    """ALG-2.2: nudge at 7, escalate at 14, notice at 30, close at 45 idle days, each told and emitted once."""
    change(small, stage_since=BEGIN)
    assert small.segment == "SMB"
    assert run(on(6), on(7), on(8)) == [NOTHING, "1 nudged, 0 escalated, 0 noticed, 0 closed", NOTHING]
    assert run(on(14), on(15)) == ["0 nudged, 1 escalated, 0 noticed, 0 closed", NOTHING]
    assert run(on(30), on(44)) == ["0 nudged, 0 escalated, 1 noticed, 0 closed", NOTHING]
    assert run(on(45), on(46)) == ["0 nudged, 0 escalated, 0 noticed, 1 closed", NOTHING]
    assert steps() == [
        ("nudge", 7, None),
        ("escalate", 14, None),
        ("notice", 30, date(2026, 4, 16)),
        ("close", 45, None),
    ]
    small.refresh_from_db()
    assert (small.stage, small.loss_reason and small.loss_reason.code) == (Stage.CLOSED_LOST, "timed_out")
    assert (small.lost_source, small.competitor) == ("timed_out_policy", "no decision")
    assert (small.closed_at, small.forecast_category) == (on(45), ForecastCategory.OMITTED)
    ended, begun = StageInterval.objects.filter(opportunity=small).in_order()
    assert (ended.active_to, begun.stage, begun.via) == (on(45), "closed_lost", "lost")
    passed = GateAttempt.objects.get(subject_id=small.pk)
    assert (passed.transition, passed.outcome, passed.tried_by) == ("lose", "passed", system())
    events = OutboxEvent.objects.filter(type__startswith="opportunity.").order_by("created_at", "id")
    names = list(events.exclude(occurred_at=BEGIN).values_list("type", flat=True))
    wanted = (
        "opportunity.nudged",
        "opportunity.escalated",
        "opportunity.close_noticed",
        "opportunity.auto_closed",
    )
    assert [name for name in names if name in wanted] == list(wanted)
    heard = Notification.objects.filter(kind="opportunity.silent").order_by("pk")
    told = sorted(heard.values_list("dedupe_key", "recipient__email"))
    assert [(key.rpartition(":")[2], email.partition("@")[0]) for key, email in told] == [
        ("close", "alice"),
        ("close", "mona"),
        ("escalate", "alice"),
        ("escalate", "mona"),
        ("notice", "alice"),
        ("notice", "mona"),
        ("nudge", "alice"),
    ]
    told_first = dict(IdleStep.objects.values_list("step", "told__email"))
    assert told_first["escalate"].startswith("mona")
    assert told_first["nudge"].startswith("alice")


def test_sweep_that_comes_late_takes_what_is_due_in_order_and_never_closes_at_once(
    small: Opportunity,
) -> None:
    """Ten whole business days lie between the notice and the end, however late the notice was given."""
    assert run(on(60)) == ["1 nudged, 1 escalated, 1 noticed, 0 closed"]
    assert [step for step, _, _ in steps()] == ["nudge", "escalate", "notice"]
    assert IdleStep.objects.get(step="notice").closes_on == date(2026, 5, 15)
    assert run(on(60), on(61), on(73)) == [NOTHING] * 3
    assert run(on(74)) == ["0 nudged, 0 escalated, 0 noticed, 1 closed"]


def test_buyer_activity_ends_the_episode(small: Opportunity) -> None:
    run(on(14))
    change(small, last_buyer_activity_at=on(20))
    assert run(on(26), on(27)) == [NOTHING, "1 nudged, 0 escalated, 0 noticed, 0 closed"]
    assert list(IdleStep.objects.order_by("pk").values_list("silent_since", "step")) == [
        (date(2026, 3, 2), "nudge"),
        (date(2026, 3, 2), "escalate"),
        (date(2026, 3, 22), "nudge"),
    ]


def test_segment_that_changes_switches_the_days_and_keeps_what_was_done(small: Opportunity) -> None:
    """HC-2: from that day the days of the new segment count; what was told stays told."""
    run(on(14), on(30))
    change(small, segment="ENT")
    assert run(on(45), on(75), on(89)) == [NOTHING] * 3
    assert run(on(90)) == ["0 nudged, 0 escalated, 0 noticed, 1 closed"]


def _contract(small: Opportunity) -> None:
    """Stand for an app above: a contract is out for signature."""


def _renewal(small: Opportunity) -> None:
    change(small, type=OpportunityType.RENEWAL)


def _approval(small: Opportunity) -> None:
    with audit.change(by=system(), action="test.approval"):
        audit.write(
            ApprovalRequest(
                purpose="tests",
                title="A discount",
                subject_type="opportunities.opportunity",
                subject_id=small.pk,
                content_hash="0" * 64,
                policy_ref="tests@1",
                submitter=small.owner,
                submitted_at=BEGIN,
            )
        )


def _meeting(small: Opportunity, at: datetime = BEGIN + timedelta(days=200)) -> None:
    with audit.change(by=system(), action="test.meeting"):
        met = audit.write(
            Activity(
                kind=ActivityKind.MEETING,
                outcome=ActivityOutcome.PLANNED,
                subject="Talk about the offer",
                occurred_at=at,
                owner=small.owner,
                account=small.account,
            )
        )
        buyer = Contact.objects.latest("pk")
        audit.write(ActivityAttendee(activity=met, contact=buyer, response=AttendeeResponse.ACCEPTED))
        audit.write(OpportunityActivity(opportunity=small, activity=met, occurred_at=met.occurred_at))


def _exception(small: Opportunity) -> None:
    owner, other = small.owner, system()
    with audit.change(by=other, action="test.exception"):
        audit.write(
            PolicyException(
                name="Budget owner",
                policy_key="opportunities.exit_criteria",
                criterion_key="budget_owner",
                subject_type="opportunities.opportunity",
                subject_id=small.pk,
                subject="OPP-000001",
                justification="The budget owner is on leave until the end of the quarter.",
                risk=Risk.LOW,
                requested_by=owner,
                owner=owner,
                approver=other,
                decided_at=BEGIN,
                starts_at=BEGIN,
                term_from=BEGIN,
                expires_at=BEGIN + timedelta(days=80),
                ends_by=BEGIN + timedelta(days=80),
                state=ExceptionState.APPROVED,
                rules_ref="tests@1",
            )
        )


KEPT: dict[str, tuple[str, Callable[[Opportunity], None]]] = {
    "contract": ("tests.contract", _contract),
    "renewal": ("opportunities.renewal", _renewal),
    "approval": ("opportunities.approval", _approval),
    "meeting": ("opportunities.meeting", _meeting),
    "exception": ("opportunities.exception", _exception),
}


@pytest.fixture
def contracts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an app above know of contracts that are out for signature."""
    monkeypatch.setattr(stale, "_exclusions", dict(stale._exclusions))
    stale.excluded_by("tests.contract", lambda now: Q(description="out for signature"), "a contract is out")


@pytest.mark.parametrize("name", KEPT)
def test_inv_2_7_what_is_kept_open_is_told_and_never_closed(
    cast: Cast, small: Opportunity, contracts: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each exclusion holds on its own; unwired, the same deal is closed the next morning (negative control)."""
    owner, keep = KEPT[name]
    with clocks.at(BEGIN):
        make_contact(cast, "Bea Buyer")
        change(small, description="out for signature") if name == "contract" else keep(small)
    assert run(on(60), on(79)) == [
        f"{int(name != 'meeting')} nudged, 1 escalated, 1 noticed, 0 closed",
        NOTHING,
    ]
    small.refresh_from_db()
    assert small.stage == Stage.QUALIFICATION
    told = Notification.objects.filter(dedupe_key__endswith=":notice").first()
    assert told is not None
    assert stale._exclusions[owner].says in told.text
    with clocks.at(on(79)):
        assert silence.told(small, cast.alice).kept == [stale._exclusions[owner].says]  # type: ignore[union-attr]
    monkeypatch.delitem(stale._exclusions, owner)
    assert run(on(79)) == ["0 nudged, 0 escalated, 0 noticed, 1 closed"]


def test_exclusion_that_is_over_lets_the_deal_be_closed_the_next_morning(small: Opportunity) -> None:
    with clocks.at(BEGIN):
        _exception(small)
    run(on(60))
    assert run(on(80), on(81)) == [NOTHING, "0 nudged, 0 escalated, 0 noticed, 1 closed"]


def test_accepted_meeting_ahead_keeps_from_nudging_not_from_counting(cast: Cast, small: Opportunity) -> None:
    with clocks.at(BEGIN):
        make_contact(cast, "Bea Buyer")
        _meeting(small, BEGIN + timedelta(days=10))
    assert run(on(9)) == [NOTHING]
    with clocks.at(on(9)):
        assert silence.idle_days(small) == 9
    assert run(on(11)) == ["1 nudged, 0 escalated, 0 noticed, 0 closed"]


def test_escalation_brings_a_promised_deal_down_to_best_case(
    small: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The category comes down in the change of the escalation, because of the silence, by no other step."""
    asked: list[tuple[str, list[int], str, str]] = []
    real = module.bring_down

    def down(deals: Any, to: str, *, why: str, note: str) -> Any:
        asked.append((str(audit.current().action), [deal.pk for deal in deals], to, why))
        return real(deals, to, why=CategoryWhy(why), note=note)

    monkeypatch.setitem(changes._first, "opportunities.categories", lambda change: None)
    change(small, forecast_category=ForecastCategory.COMMIT)
    monkeypatch.setattr(module, "bring_down", down)
    run(on(7), on(14), on(30))
    small.refresh_from_db()
    assert small.forecast_category == ForecastCategory.BEST_CASE
    assert [deals for _, deals, _, _ in asked] == [[], [small.pk], []]
    assert asked[1] == ("opportunity.sweep", [small.pk], ForecastCategory.BEST_CASE, CategoryWhy.STALE)


@pytest.mark.control
def test_escalation_without_the_clamp_leaves_the_category(
    small: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(changes._first, "opportunities.categories", lambda change: None)
    change(small, forecast_category=ForecastCategory.COMMIT)
    monkeypatch.setattr(module, "bring_down", lambda deals, to, **more: [])
    run(on(14))
    small.refresh_from_db()
    assert small.forecast_category == ForecastCategory.COMMIT


def test_batch_costs_a_constant_number_of_statements(cast: Cast, small: Opportunity) -> None:
    """Nudge, escalation and final notice of one deal and of three cost the same."""
    with clocks.at(BEGIN):
        others = [open_deal(cast, account=small.account) for _ in range(3)]
    costs = []
    for day, deals in ((60, [small]), (61, others)):
        with clocks.at(on(day)):
            going = looking.begin(on(day))
            with CaptureQueriesContext(connection) as asked:
                module.take([deal.pk for deal in deals], going)
            costs.append(len(asked))
    assert costs[0] == costs[1]
    assert IdleStep.objects.count() == 12


def test_sweep_works_through_batches_and_goes_on_past_one_that_fails(
    cast: Cast, small: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clocks.at(BEGIN):
        others = [open_deal(cast, account=small.account) for _ in range(2)]
    monkeypatch.setattr(module, "BATCH", 1)
    real = looking.look

    def broken(deals: Any, going: Any) -> Any:
        if any(deal.pk == others[0].pk for deal in deals):
            raise ValueError("no such calendar")
        return real(deals, going)

    monkeypatch.setattr(looking, "look", broken)
    with pytest.raises(ValueError, match="no such calendar"):
        run(on(7))
    assert set(IdleStep.objects.values_list("opportunity", flat=True)) == {small.pk, others[1].pk}
    monkeypatch.setattr(looking, "look", real)
    assert run(on(7)) == ["1 nudged, 0 escalated, 0 noticed, 0 closed"]


def test_refused_closing_stays_open_and_is_kept_as_an_attempt(
    small: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Losing passes its gate as any other loss: without the reason “timed out” nothing is closed, and it is told."""
    run(on(30))
    monkeypatch.setattr(timing_out, "CODE", "withdrawn")
    assert run(on(45)) == [NOTHING]
    small.refresh_from_db()
    assert (small.stage, small.lost_source, small.competitor) == (Stage.QUALIFICATION, "", "")
    assert list(GateAttempt.objects.values_list("transition", "outcome")) == [("lose", "refused")]


def test_closed_and_merged_deals_are_left_alone(cast: Cast, small: Opportunity) -> None:
    with clocks.at(BEGIN):
        other = open_deal(cast, account=small.account)
    change(small, tombstone_of=other)
    assert run(on(7)) == ["1 nudged, 0 escalated, 0 noticed, 0 closed"]
    assert list(IdleStep.objects.values_list("opportunity", flat=True)) == [other.pk]


def test_job_runs_at_six_by_the_clock_of_the_organisation() -> None:
    (job,) = [one for one in outbox.jobs.registered() if one.key == "opportunities.sweep"]
    assert job.cadence.words() == "daily at 06:00 America/New_York"


def test_silence_is_told_on_the_page_in_two_statements(
    cast: Cast, small: Opportunity, django_assert_num_queries: Any
) -> None:
    run(on(14))
    with clocks.at(on(20)), access.remembered():
        silence.told(small, cast.alice)
        with django_assert_num_queries(2):
            told = silence.told(small, cast.alice)
    assert told is not None
    assert (told.idle, [one.step for one in told.taken], told.asked) == (20, ["nudge", "escalate"], True)
    assert told.ahead == silence.Ahead("Final notice", date(2026, 4, 1))
    assert (told.aging.days, told.aging.tone) == (20, "amber")


def test_sweep_of_two_at_once_takes_each_step_once(small: Opportunity) -> None:
    """What was found before another run took it is asked again of the locked deal."""
    with clocks.at(on(7)):
        going = looking.begin(on(7))
        assert (module.take([small.pk], going)["nudge"], module.take([small.pk], going)["nudge"]) == (
            1,
            0,
        )
    assert [step for step, _, _ in steps()] == ["nudge"]
