"""Requests for change beside others: after set-up mode, rejected, withdrawn, and what their pages say."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.actions import rfcs
from governance.actions.rfcs import content
from governance.models import RfcChange
from governance.queries import rfc as queries
from revops.kernel import approvals, audit, clocks
from revops.kernel.policies import actions as policy_actions
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast
from tests.evidence import unchanged
from tests.governance.conftest import NOW, Make, decide_all, draft_of, rfc_of
from tests.governance.looking import clock_states, codes, fresh, in_force

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_after_set_up_mode_a_request_is_the_only_way(cast: Cast, approved: Make) -> None:
    rfc = approved()
    with clocks.at(NOW + HOUR):
        policy_actions.end_set_up_mode(by=cast.rita, reason="The company works with it from today on")
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            policy_actions.activate_version(by=cast.rita, pk=content.drafts_of(rfc)[0])
        assert [code for code, _ in codes(refusal)] == ["POL-010"]
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert in_force(at=NOW + HOUR)[:2] == (2, 20)


def test_rejected_requests_are_drafts_again_once_they_change(cast: Cast, at_ten: datetime) -> None:
    rfc = rfc_of(cast.olga, draft_of(cast.olga))
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.rita, decision="reject")
    assert (fresh(rfc).state, clock_states(rfc)) == ("rejected", [("governance.rfc_decision", "met")])
    rfcs.edit_rfc(
        by=cast.olga, pk=rfc.pk, changes={"problem": "Limits are too lax, and here are the figures"}
    )
    assert fresh(rfc).state == "draft"


def test_withdrawing_ends_the_approval_and_frees_the_draft(cast: Cast, approved: Make) -> None:
    rfc = approved()
    rfcs.withdraw(by=cast.olga, pk=rfc.pk, reason="Something better turned up meanwhile")
    assert list(
        PolicyVersion.objects.filter(pk__in=content.drafts_of(rfc)).values_list("status", flat=True)
    ) == ["draft"]
    with unchanged(), pytest.raises(audit.Blocked):
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    waiting = rfc_of(cast.olga, draft_of(cast.olga, 40))
    rfcs.submit(by=cast.olga, pk=waiting.pk)
    rfcs.withdraw(by=cast.olga, pk=waiting.pk, reason="Something better turned up meanwhile")
    assert approvals.request_of(waiting, "rfc").state == "recalled"  # type: ignore[union-attr]
    assert clock_states(waiting) == [("governance.rfc_decision", "cancelled")]


def test_panels_show_the_difference_and_what_came_of_it(cast: Cast, approved: Make) -> None:
    rfc = approved()
    (diff,) = queries.diffs(rfc, cast.alice)
    assert [(line.before, line.after) for line in diff.differences] == [("10", "20")]
    assert diff.against == "version 1"
    (shown,) = queries.simulations(rfc, cast.alice)
    assert (shown.is_current, shown.unsimulated) == (True, "It is about nothing that is stored.")
    with clocks.at(NOW + HOUR):
        rfc = rfcs.go_live(by=cast.rita, pk=rfc.pk)
        found = queries.outcome(rfc, cast.alice)
    assert found is not None
    assert [(one.title, one.foreseen, one.decisions, one.refused) for one in found.changes] == [
        ("Limit of opportunities", 0, 0, 0)
    ]
    assert [(line.before, line.after) for line in queries.diffs(rfc, cast.alice)[0].differences] == [
        ("10", "20")
    ]
    assert RfcChange.objects.get().replaced == PolicyVersion.objects.get(n=1)
    assert rfc.live_at == datetime(2026, 3, 10, 11, tzinfo=UTC)
