"""Requests for change, from the draft to the rollback."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.actions import rfcs
from governance.actions.rfcs import content, living
from governance.queries import rfc as queries
from governance.tasks import go_live as job
from revops.kernel import approvals, audit, clocks
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.packets.models import Obligation
from revops.kernel.people import actions as people
from revops.kernel.people.access import Forbidden
from revops.kernel.policies import actions as policy_actions
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast
from tests.evidence import unchanged
from tests.governance.conftest import NOW, WAY_BACK, Make, decide_all, draft_of, rfc_of
from tests.governance.looking import clock_states, codes, events, fresh, in_force

pytestmark = pytest.mark.django_db
WHY = "The refusals were twice what was foreseen"
HOUR = timedelta(hours=1)


def test_hc1_rollback_brings_the_version_before_back_from_that_instant(cast: Cast, approved: Make) -> None:
    rfc = approved()
    assert (rfc.state, in_force()[:2]) == ("approved", (1, 10))
    with clocks.at(NOW + HOUR):
        live = rfcs.go_live(by=cast.rita, pk=rfc.pk)
        assert (live.state, in_force()) == ("live", (2, 20, rfc.number))
    with clocks.at(NOW + 2 * HOUR):
        back = rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason=WHY)
        assert (back.state, back.rolled_back_by, in_force()) == (
            "rolled_back",
            cast.rita,
            (3, 10, rfc.number),
        )
        assert in_force(at=NOW + 90 * timedelta(minutes=1))[:2] == (2, 20)
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason=WHY)
    assert codes(refusal) == [("CHG-008", "state")]
    assert events() == ["rfc.created", "rfc.submitted", "rfc.approved", "rfc.live", "rfc.rolled_back"]
    assert clock_states(rfc) == [("governance.rfc_decision", "met")]


def test_submitting_tells_everything_that_is_missing(cast: Cast, at_ten: datetime) -> None:
    rfc = rfcs.create_rfc(by=cast.alice, values={"title": "Something has to change"})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.submit(by=cast.alice, pk=rfc.pk)
    assert codes(refusal) == [
        ("CHG-001", "problem"),
        ("CHG-001", "proposal"),
        ("CHG-001", "impact"),
        ("CHG-002", "rollback_plan"),
        ("CHG-003", "drafts"),
    ]
    assert [finding.code for finding in queries.lacks(rfc, cast.alice)] == [
        one.code for one in refusal.value.findings
    ]


def test_a_change_needs_its_simulation(cast: Cast, at_ten: datetime) -> None:
    draft = draft_of(cast.olga)
    rfc = rfc_of(cast.alice, draft)  # an account executive simulates nothing
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.submit(by=cast.alice, pk=rfc.pk)
    assert codes(refusal) == [("CHG-004", "drafts")]
    rfcs.simulate_again(by=cast.olga, pk=rfc.pk)
    policy_actions.edit_draft(by=cast.olga, pk=draft.pk, body={"limit": 30})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.submit(by=cast.alice, pk=rfc.pk)
    assert codes(refusal) == [("CHG-005", "drafts")]
    rfcs.simulate_again(by=cast.olga, pk=rfc.pk)
    assert rfcs.submit(by=cast.alice, pk=rfc.pk).state == "submitted"


def test_binding_what_is_in_flight_is_simulated_asked_and_done(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga))
    rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes={"migrate": "true"})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.submit(by=cast.olga, pk=rfc.pk)
    assert codes(refusal) == [("CHG-004", "drafts")]
    rfcs.simulate_again(by=cast.olga, pk=rfc.pk)
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    assert ApprovalRequest.objects.get().snapshot["changes"][0]["migrate"] is True
    decide_all(rfc, cast.rita, cast.vera)
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert PolicyVersion.objects.get(n=2).migrate is True


def test_windows_lie_ahead_and_hold_the_plan(cast: Cast, at_ten: datetime) -> None:
    past = {"window_from": "2026-03-09T10:00Z", "window_to": "2026-03-09T12:00Z"}
    rfc = rfc_of(cast.olga, draft_of(cast.olga), **past)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.submit(by=cast.olga, pk=rfc.pk)
    assert codes(refusal) == [("CHG-006", "window_to")]
    for values, expected in (
        ({"window_to": "2026-03-09T09:00Z"}, [("CHG-006", "window_to")]),
        ({"window_to": ""}, [("CHG-006", "window_to")]),
        ({"planned_at": "2026-03-20T09:00Z"}, [("CHG-007", "planned_at")]),
    ):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes=values)
        assert codes(refusal) == expected


def test_drafts_stand_in_one_open_request_once_a_policy(cast: Cast, at_ten: datetime) -> None:
    first, second = draft_of(cast.olga), draft_of(cast.olga, 30)
    rfc = rfc_of(cast.olga, first)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.attach_draft(by=cast.olga, pk=rfc.pk, draft=second.pk)
    assert codes(refusal) == [("CHG-018", "drafts")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfc_of(cast.alice, first)
    assert codes(refusal) == [("CHG-010", "drafts")]
    rfcs.withdraw(by=cast.olga, pk=rfc.pk, reason="It stands in another request")
    assert content.drafts_of(rfc_of(cast.alice, first)) == [first.pk]


def test_owners_of_what_is_touched_decide_along(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga), draft_of(cast.olga, key="quotes.limit"))
    assert (rfc.touches_sales, rfc.touches_marketing, rfc.touches_money) == (True, False, True)
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.rita, cast.dora)
    assert fresh(rfc).state == "submitted"
    decide_all(rfc, cast.fin)
    assert fresh(rfc).state == "approved"
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
        assert (in_force()[1], in_force("quotes.limit")[1]) == (20, 20)


def test_requesters_never_decide_and_most_never_put_live(cast: Cast, at_ten: datetime) -> None:
    people.grant_role(by=cast.ada, user=cast.olga, role="REVOPS")
    rfc = rfc_of(cast.rita, draft_of(cast.rita))
    rfcs.submit(by=cast.rita, pk=rfc.pk)
    with unchanged(), pytest.raises((Forbidden, audit.Blocked)):
        decide_all(rfc, cast.rita)
    with unchanged(), pytest.raises(Forbidden):
        rfcs.go_live(by=cast.dora, pk=rfc.pk)
    with unchanged(), pytest.raises(Forbidden):
        rfcs.submit(by=cast.alice, pk=rfc.pk)
    with unchanged(), pytest.raises(Forbidden):
        rfcs.create_rfc(by=cast.otto, values={"title": "Auditors change nothing"})


@pytest.mark.parametrize("how", ["text", "window", "another", "taken off"])
def test_hc1_a_diff_edited_after_approval_is_stale(cast: Cast, approved: Make, how: str) -> None:
    rfc = approved()
    draft = PolicyVersion.objects.get(pk__in=content.drafts_of(rfc))
    assert draft.status == "approved"
    if how == "text":
        changes: dict[str, Any] = {"rollback_plan": WAY_BACK + " And somebody calls the team leads."}
        rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes=changes)
    elif how == "window":
        window = {"window_from": "2026-03-11T10:00Z", "window_to": "2026-03-11T12:00Z"}
        rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes=window)
    elif how == "another":
        rfcs.attach_draft(by=cast.olga, pk=rfc.pk, draft=draft_of(cast.olga, key="quotes.limit").pk)
    else:
        rfcs.detach_draft(by=cast.olga, pk=rfc.pk, draft=draft.pk)
    draft.refresh_from_db()
    assert (fresh(rfc).state, draft.status) == ("draft", "draft")
    assert ApprovalRequest.objects.values_list("state", flat=True).get() == "stale"
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert ("CHG-008", "state") in codes(refusal)


def test_hc1_a_stale_request_is_asked_about_anew(cast: Cast, approved: Make) -> None:
    rfc = approved()
    rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes={"rollback_plan": WAY_BACK + " Then the leads are told."})
    assert rfcs.submit(by=cast.olga, pk=rfc.pk).state == "submitted"
    steps = approvals.request_of(rfc, "rfc").steps.values_list("state", flat=True)  # type: ignore[union-attr]
    assert list(steps) == ["open", "open"]
    assert clock_states(rfc) == [("governance.rfc_decision", "met"), ("governance.rfc_decision", "running")]


def test_hc1_an_approved_draft_does_not_change(cast: Cast, approved: Make) -> None:
    rfc = approved()
    with unchanged(), pytest.raises(audit.Blocked):
        policy_actions.edit_draft(by=cast.olga, pk=content.drafts_of(rfc)[0], body={"limit": 99})


def test_editing_a_draft_that_the_board_looks_at_takes_it_back(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga))
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    policy_actions.edit_draft(by=cast.olga, pk=content.drafts_of(rfc)[0], body={"limit": 99})
    assert fresh(rfc).state == "draft"
    assert clock_states(rfc) == [("governance.rfc_decision", "cancelled")]


def test_words_about_training_do_not_touch_the_approval(cast: Cast, approved: Make) -> None:
    rfc = approved()
    rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes={"training": "A note to all managers"})
    assert (fresh(rfc).state, approvals.is_current(rfc, "rfc")) == ("approved", True)


def test_going_live_waits_for_the_window(cast: Cast, approved: Make) -> None:
    rfc = approved(window_from="2026-03-11T10:00Z", window_to="2026-03-11T12:00Z")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert codes(refusal) == [("CHG-012", "window_from")]
    with clocks.at(NOW + timedelta(days=1, hours=1)):
        assert rfcs.go_live(by=cast.rita, pk=rfc.pk).state == "live"


def test_planned_requests_go_live_by_themselves_once(cast: Cast, approved: Make) -> None:
    rfc = approved(planned_at="2026-03-11T10:00Z")
    assert (rfc.state, job()) == ("scheduled", "0 live, 0 held back")
    with clocks.at(NOW + timedelta(days=3)):  # however late
        assert job() == "1 live, 0 held back"
        assert job() == "0 live, 0 held back"
        assert in_force() == (2, 20, rfc.number)
    task = Obligation.objects.get(source_ref=rfc.number)
    assert (task.owner, task.kind, str(task.due_on)) == (cast.olga, "decision_action", "2026-03-27")


def test_a_plan_outside_its_window_is_held_back_and_told(cast: Cast, approved: Make) -> None:
    window = {"window_from": "2026-03-11T10:00Z", "window_to": "2026-03-11T12:00Z"}
    rfc = approved(planned_at="2026-03-11T10:00Z", **window)
    with clocks.at(NOW + timedelta(days=3)):
        assert job() == "0 live, 1 held back"
        assert job() == "0 live, 0 held back"
    assert (fresh(rfc).state, fresh(rfc).planned_at, in_force()[1]) == ("approved", None, 10)
    assert events()[-1] == "rfc.held_back"


def test_scheduling_is_operations_affair(cast: Cast, approved: Make) -> None:
    rfc = approved()
    with unchanged(), pytest.raises(Forbidden):
        rfcs.schedule(by=cast.olga, pk=rfc.pk, planned_at=NOW + HOUR)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.schedule(by=cast.rita, pk=rfc.pk, planned_at=NOW - HOUR)
    assert codes(refusal) == [("CHG-007", "planned_at")]
    assert rfcs.schedule(by=cast.rita, pk=rfc.pk, planned_at=NOW + HOUR).state == "scheduled"
    rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes={"planned_at": ""})
    assert fresh(rfc).state == "approved"


def test_emergency_needs_one_now_and_the_board_afterwards(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga), urgency="emergency")
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.fin)
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
        assert clock_states(rfc)[-1] == ("governance.rfc_ratification", "running")
        decide_all(rfc, cast.rita, purpose="rfc_ratification")
        assert fresh(rfc).ratified_at is None
        decide_all(rfc, cast.dora, purpose="rfc_ratification")
    assert (fresh(rfc).ratified_at, clock_states(rfc)[-1][1]) == (NOW + HOUR, "met")


def test_rolled_back_emergency_waits_for_nobody(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga), urgency="emergency")
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.fin)
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    with clocks.at(NOW + 2 * HOUR):
        rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason=WHY)
    assert approvals.request_of(rfc, "rfc_ratification").state == "recalled"  # type: ignore[union-attr]
    assert clock_states(rfc)[-1] == ("governance.rfc_ratification", "cancelled")
    assert list(Obligation.objects.values_list("state", flat=True)) == ["cancelled"]


@pytest.mark.parametrize("how", ["rejected", "nobody"])
def test_emergency_that_is_not_ratified_is_to_be_rolled_back(cast: Cast, at_ten: datetime, how: str) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga), urgency="emergency")
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.fin)
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
        if how == "rejected":
            decide_all(rfc, cast.rita, decision="reject", purpose="rfc_ratification")
        else:
            rfcs.demand_rollback(by=cast.ada, pk=rfc.pk)
            rfcs.demand_rollback(by=cast.ada, pk=rfc.pk)
    asked = Obligation.objects.filter(text__startswith="Roll back", source_ref=rfc.number)
    assert [(one.owner, one.priority) for one in asked] == [(cast.rita, "high")]


def test_another_version_in_force_since_is_rolled_back_first(cast: Cast, approved: Make) -> None:
    rfc = approved()
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
        other = draft_of(cast.rita, 30)
    with clocks.at(NOW + 2 * HOUR):
        policy_actions.activate_version(by=cast.rita, pk=other.pk)
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason=WHY)
    assert [code for code, _ in codes(refusal)] == ["POL-018"]


def test_a_rollback_says_why(cast: Cast, approved: Make) -> None:
    rfc = approved()
    with clocks.at(NOW + HOUR):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason="No")
    assert codes(refusal) == [("CHG-016", "reason")]


def test_nothing_goes_live_when_one_of_its_drafts_cannot(
    cast: Cast, at_ten: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = draft_of(cast.olga), draft_of(cast.olga, key="quotes.limit")
    rfc = rfc_of(cast.olga, *drafts)
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.rita, cast.dora, cast.fin)
    real = living.policies.put_in_force

    def second_fails(version: PolicyVersion, **given: Any) -> PolicyVersion:
        if version.pk == drafts[1].pk:
            raise audit.Blocked.because("POL-013", "Another version is planned.")
        return real(version, **given)

    monkeypatch.setattr(living.policies, "put_in_force", second_fails)
    with clocks.at(NOW + HOUR):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            rfcs.go_live(by=cast.rita, pk=rfc.pk)
        assert [code for code, _ in codes(refusal)] == ["POL-013"]
        assert (in_force()[1], in_force("quotes.limit")[1]) == (10, 10)
