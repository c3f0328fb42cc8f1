"""A criterion is drafted, simulated, approved, put live and taken back: what was foretold is what happens.

The list of the simulation equals, row for row, what enforcement refuses after the change; decisions in between keep
the version they were taken by; a rollback restores; taking them again gives the same outcomes.
"""

import os
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from governance.actions import rfcs
from governance.models import ChangeRequest
from opportunities.actions import move_stage
from opportunities.enums import OPEN
from opportunities.models import Opportunity
from revops.kernel import clocks, gates, policies
from revops.kernel.audit import Blocked
from revops.kernel.gates.models import GateAttempt
from revops.kernel.policies import actions as policy_actions
from revops.kernel.policies import decisions, simulating
from revops.kernel.policies.models import Decision, KeptSimulation, PolicyVersion
from tests.cast import Cast
from tests.governance.conftest import decide_all
from tests.opportunities.conftest import ADVANCE, brought_to, make_account, open_deal, ready_deal

pytestmark = pytest.mark.django_db
KEY = "opportunities.exit_criteria"
# How many moves are taken again; the whole thousand of the claim with SOAK=1.
MOVES = 1_000 if os.environ.get("SOAK") else 12
NEW = {
    "key": "rival_named",
    "title": "A competitor is named",
    "gate": "discovery",
    "rule": {"f": "opportunity.competitor", "op": "not_null"},
    "supplied_by": "competitor",
}


@pytest.fixture
def pipeline(cast: Cast) -> list[Opportunity]:
    """Open deals in several stages: with and without a competitor, ready for their gates and not."""
    policy_actions.adopt_shipped(by=cast.rita)
    far = make_account(cast, "Far West", owner="charlie")
    made = [
        brought_to(cast, "discovery"),
        brought_to(cast, "discovery", competitor="Initech"),
        brought_to(cast, "discovery", by="charlie", account=far),
        brought_to(cast, "evaluation"),
        brought_to(cast, "proposal", competitor="Initech"),
        ready_deal(cast),
        open_deal(cast),
    ]
    return [Opportunity.objects.get(pk=one.pk) for one in made]


def body_with(*criteria: Any) -> dict[str, Any]:
    held = deepcopy(dict(policies.get(KEY).raw))
    held["criteria"] = [*held["criteria"], *criteria]
    return held


def request(cast: Cast, body: Any) -> tuple[ChangeRequest, PolicyVersion]:
    """Draft the body and ask the board for it, as Olga; nobody has decided yet."""
    draft = policy_actions.draft_version(by=cast.olga, key=KEY, body=body, source_note="Win reviews of May")
    rfc = rfcs.create_rfc(
        by=cast.olga,
        values={
            "title": "Name the competitor before an evaluation",
            "problem": "We hear of competitors when the deal is lost.",
            "proposal": "Nobody leaves Discovery without naming one.",
            "impact": "Reps ask one question more.",
            "rollback_plan": "One click brings the criteria before back.",
            "drafts": str(draft.pk),
        },
    )
    return rfcs.submit(by=cast.olga, pk=rfc.pk), draft


def next_stage(deal: Opportunity) -> str:
    return str(OPEN[OPEN.index(deal.stage) + 1])  # type: ignore[arg-type]


def refused_by(cast: Cast, deals: list[Opportunity], criterion: str) -> list[int]:
    """Try to move every deal one stage on, and return those that this criterion refuses."""
    found = []
    for deal in deals:
        try:
            move_stage(by=deal.owner, pk=deal.pk, to=next_stage(deal), reason_code=ADVANCE)
        except gates.Refused as refusal:
            if criterion in [one.criterion for one in refusal.findings]:
                found.append(deal.pk)
    return found


def test_what_is_simulated_is_what_is_refused_and_a_rollback_restores(
    cast: Cast, pipeline: list[Opportunity]
) -> None:
    before = policies.get(KEY)
    rfc, draft = request(cast, body_with(NEW))
    foretold = [pk for pk, was, will in KeptSimulation.objects.get().changed if was != will]
    assert foretold == [pipeline[0].pk, pipeline[2].pk]
    # In between the old version decides, and lets pass what the new one would not.
    passed = brought_to(cast, "evaluation")
    decide_all(rfc, cast.rita, cast.vera)
    live = rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert (live.state, policies.get(KEY).n) == ("live", draft.n)
    assert refused_by(cast, pipeline, "rival_named") == foretold
    told = GateAttempt.objects.filter(subject_id__in=foretold, outcome="refused").order_by("subject_id")
    assert [(one.decision.ref, one.findings[0]["rule_version"]) for one in told if one.decision] == [
        (f"{KEY}@{draft.n}", draft.n)
    ] * 2
    rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason="Reps invent names to get past it.")
    restored = policies.get(KEY)
    assert (restored.raw, restored.n) == (before.raw, draft.n + 1)
    assert [
        move_stage(by=one.owner, pk=one.pk, to="evaluation", reason_code=ADVANCE).stage
        for one in told_deals(foretold)
    ] == ["evaluation"] * 2
    refs = set(Decision.objects.filter(policy_key=KEY, subject_id=passed.pk).values_list("ref", flat=True))
    assert refs == {before.ref}
    assert {decisions.replay(one).same for one in Decision.objects.filter(policy_key=KEY)} == {True}


def told_deals(pks: list[int]) -> list[Opportunity]:
    return list(Opportunity.objects.filter(pk__in=pks).order_by("pk"))


@pytest.mark.control
def test_without_enforcement_the_foretold_deals_pass(cast: Cast, pipeline: list[Opportunity]) -> None:
    """The same criterion that only observes: the simulation says nothing changes, and nothing is refused."""
    request(cast, body_with({**NEW, "mode": "observe"}))
    assert KeptSimulation.objects.get().moved == 0
    assert refused_by(cast, pipeline[:3], "rival_named") == []


def test_observe_then_warn_then_enforce(cast: Cast, pipeline: list[Opportunity]) -> None:
    """The same deal under three versions: counted, passed knowingly, refused."""
    deal, at = pipeline[0], clocks.now()
    seen = []
    for step, mode in enumerate(("observe", "warn", "enforce"), 1):
        with clocks.at(at + timedelta(hours=step)):
            draft = policy_actions.draft_version(
                by=cast.rita, key=KEY, body=body_with_only(mode), source_note="Step by step"
            )
            policy_actions.activate_version(by=cast.rita, pk=draft.pk)
            try:
                move_stage(by=deal.owner, pk=deal.pk, to="evaluation", reason_code=ADVANCE)
                seen.append((mode, "passed", False))
                move_stage(by=deal.owner, pk=deal.pk, to="discovery", reason_code="moved_too_early")
            except Blocked as refusal:
                (finding,) = refusal.findings
                seen.append((mode, "refused", finding.warning))
    assert seen == [("observe", "passed", False), ("warn", "refused", True), ("enforce", "refused", False)]
    with clocks.at(at + timedelta(hours=5)), pytest.raises(gates.Refused):
        move_stage(
            by=deal.owner, pk=deal.pk, to="evaluation", reason_code=ADVANCE, acknowledge=["rival_named"]
        )


def body_with_only(mode: str) -> dict[str, Any]:
    held = body_with()
    held["criteria"] = [one for one in held["criteria"] if one["key"] != "rival_named"]
    held["criteria"].append({**NEW, "mode": mode})
    return held


def test_replay_of_the_last_decisions_comes_out_the_same(cast: Cast) -> None:
    """Passed and refused moves by turns, under two versions."""
    policy_actions.adopt_shipped(by=cast.rita)
    deal, bare = ready_deal(cast), open_deal(cast)
    for number in range(MOVES // 3):
        if number == MOVES // 6:
            draft = policy_actions.draft_version(
                by=cast.rita, key=KEY, body=body_with({**NEW, "gate": "proposal"}), source_note="Half way"
            )
            policy_actions.activate_version(by=cast.rita, pk=draft.pk)
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
        with pytest.raises(gates.Refused):
            move_stage(by=cast.alice, pk=bare.pk, to="proposal", reason_code=ADVANCE)
        move_stage(by=cast.alice, pk=deal.pk, to="qualification", reason_code="champion_lost")
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
        move_stage(by=cast.alice, pk=deal.pk, to="qualification", reason_code="champion_lost")
    taken = list(Decision.objects.filter(policy_key=KEY).order_by("-pk")[:1_000])
    assert len(taken) == min(1_000, MOVES // 3 * 3)
    assert {one.outcome for one in taken} == {"passes", "refuses"}
    assert [one.pk for one in taken if not decisions.replay(one).same] == []


def test_a_simulation_takes_past_decisions_again(cast: Cast, pipeline: list[Opportunity]) -> None:
    """Two deals left Discovery under the version in force: one of them names a competitor, one would be refused."""
    impact = simulating.simulate(KEY, body=body_with(NEW), by=cast.rita)
    passed = Decision.objects.filter(policy_key=KEY, outcome="passes")
    left = [one.subject_id for one in passed if "discovery" in one.question["gates"]]
    assert left == [pipeline[3].pk, pipeline[4].pk]
    assert (impact.past.decisions, impact.past.changed, impact.past.untold) == (passed.count(), 1, 0)
