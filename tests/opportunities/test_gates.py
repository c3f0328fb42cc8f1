"""The stages of deals are guarded on every path: forms, edits, bulk, files, programs; what refuses explains itself."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import add_contact_role, close_won, edit_opportunity, move_stage
from opportunities.enums import Stage
from opportunities.models import Opportunity
from opportunities.policies import EXIT_CRITERIA
from revops.kernel import audit, gates, policies
from revops.kernel.gates import transitions, weighing
from revops.kernel.gates.models import GateAttempt
from revops.kernel.guard import UngovernedWrite
from revops.kernel.people import access
from revops.kernel.policies import actions as policy_actions
from revops.kernel.policies import decisions, store
from tests.cast import Cast
from tests.evidence import only_attempted, unchanged
from tests.opportunities.conftest import ADVANCE, ENDED, brought_to, codes, ready_deal, without_people
from tests.opportunities.people import make_contact

pytestmark = pytest.mark.django_db


def criteria(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[str]:
    return [one.criterion for one in refusal.value.findings]


def in_force(cast: Cast, *, migrate: bool = False, **changes: Any) -> None:
    """Put a version in force whose criteria differ from the shipped ones as `changes` say, by key."""
    held = [dict(one) for one in EXIT_CRITERIA.default["criteria"]]
    body = {"criteria": [one | changes.get(one["key"], {}) for one in held]}
    body["criteria"] += [new for key, new in changes.items() if key not in {one["key"] for one in held}]
    draft = policy_actions.draft_version(by=cast.rita, key=EXIT_CRITERIA.key, body=body, source_note="A test")
    with audit.change(by=cast.rita, action="test.go_live"):
        (version,) = policy_actions.hold([draft.pk])
        policy_actions.put_in_force(version, at=None, authority="RFC-000001", migrate=migrate)
    store.forget()


def test_every_row_of_the_table_stands_in_the_document_in_its_gate() -> None:
    body: Any = EXIT_CRITERIA.read(dict(EXIT_CRITERIA.default))
    firm = {(one.gate, one.key) for one in body.criteria if one.mode is None}
    warns = {one.key for one in body.criteria if one.mode == "warn"}
    observed = {one.key for one in body.criteria if one.mode == "observe"}
    assert warns == {"metrics_hypothesis_smb", "evaluation_plan_smb", "decision_process_smb"}
    assert observed == {
        "territory_set",
        "icp_not_d",
        "se_accepted",
        "quote_approved",
        "signed_order_form",
        "billing_ready_sku",
        "cs_packet",
    }
    assert firm == {
        ("qualification", "need_stated"),
        ("qualification", "contact_with_role"),
        ("qualification", "lifecycle_fields"),
        ("discovery", "problem_confirmed"),
        ("discovery", "budget_owner"),
        ("discovery", "metrics_hypothesis"),
        ("discovery", "next_buyer_meeting"),
        ("evaluation", "decision_criteria"),
        ("evaluation", "champion_tested"),
        ("evaluation", "champion_named"),
        ("evaluation", "evaluation_plan"),
        ("evaluation", "three_contact_roles"),
        ("evaluation", "paper_process_known"),
        ("proposal", "economic_buyer_met"),
        ("proposal", "decision_process"),
        ("proposal", "competition_known"),
        ("proposal", "security_review_started"),
        ("contracting", "paper_process"),
        ("contracting", "reviews_clear"),
        ("contracting", "signature_date"),
        ("win", "start_date"),
        ("lose", "loss_reason"),
        ("lose", "competitor"),
        ("lose", "last_buyer_contact"),
    }
    assert all(one.note for one in body.criteria if one.rule == {"const": None})


def test_hc2_skipping_asks_for_the_union_and_tells_everything_at_once(cast: Cast) -> None:
    deal = without_people(cast, amount=None)
    with only_attempted(), pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="proposal", reason_code=ADVANCE)
    assert criteria(refusal) == ["", "contact_with_role", "budget_owner", "three_contact_roles"]
    attempt = GateAttempt.objects.get()
    assert (attempt.transition, attempt.from_state, attempt.to_state) == (
        "advance",
        "qualification",
        "proposal",
    )
    assert (attempt.tried_by, attempt.owner_id) == (cast.alice, deal.owner_id)
    assert [one["criterion"] for one in attempt.findings] == criteria(refusal)
    assert decisions.replay(attempt.decision).same


def test_finding_says_what_is_needed_by_which_rule_who_excuses_and_what_to_do(cast: Cast) -> None:
    deal = without_people(cast)
    with pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
    (found,) = refusal.value.findings
    assert (found.code, found.rule, found.rule_version) == ("GAT-001", EXIT_CRITERIA.key, 0)
    assert found.excusable_by == ("SALES_MGR", "DIRECTOR", "VP_SALES", "SALES_OPS", "REVOPS")
    about = f"opportunities.opportunity:{deal.pk}"
    asked = f"policy_key={EXIT_CRITERIA.key}&criterion_key=contact_with_role&subject={about}"
    assert [(one.label, one.url) for one in found.remedies] == [
        ("Add a contact", f"/opportunities/{deal.pk}/do/add_contact/"),
        ("Ask for an exception", f"/exceptions/add/?{asked}"),
    ]
    contact = make_contact(cast, "Ann")
    values = {"opportunity": deal.pk, "contact": contact.pk, "role": "other"}
    add_contact_role(by=cast.alice, values=values)
    with pytest.raises(audit.Blocked):
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
    add_contact_role(by=cast.alice, values=values | {"role": "user"})
    assert move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE).stage == "discovery"


@pytest.mark.parametrize(("to", "missing"), [("discovery", 1), ("closed_won", 5)])
def test_an_edit_that_names_the_stage_is_the_move_with_its_gates(cast: Cast, to: str, missing: int) -> None:
    deal = without_people(cast, start_date=None)
    changes = {"stage": to, "competitor": "Globex"} | ({"stage_reason": ADVANCE} if missing == 1 else {})
    with only_attempted(), pytest.raises(audit.Blocked) as refusal:
        edit_opportunity(by=cast.alice, pk=deal.pk, changes=changes)
    assert len(refusal.value.findings) == missing
    deal = ready_deal(cast)
    changes |= {"start_date": "2027-09-01"}
    moved = edit_opportunity(by=cast.alice, pk=deal.pk, changes=changes)
    assert (moved.stage, moved.competitor, GateAttempt.objects.filter(outcome="passed").count()) == (
        to,
        "Globex",
        1,
    )


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("qualification", ("OPP-033", "stage_reason")),
        ("evaluation", ("OPP-036", "stage_reason")),
        ("closed_lost", ("OPP-030", "stage")),
    ],
)
def test_an_edit_into_another_stage_asks_for_its_reason(cast: Cast, to: str, found: tuple[str, str]) -> None:
    deal = brought_to(cast, "discovery")
    with only_attempted(), pytest.raises(audit.Blocked) as refusal:
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"stage": to, "amount": "-1"})
    assert codes(refusal)[0] == ("OPP-005", "amount")
    assert found in codes(refusal)


@pytest.mark.parametrize(
    ("to", "reason", "via"),
    [("evaluation", ADVANCE, "moved"), ("qualification", "champion_lost", "regressed")],
)
def test_a_stage_keeps_the_reason_for_which_a_deal_came_into_it(
    cast: Cast, to: str, reason: str, via: str
) -> None:
    by_move, by_edit = brought_to(cast, "discovery"), brought_to(cast, "discovery")
    move_stage(by=cast.alice, pk=by_move.pk, to=to, reason_code=reason)
    edit_opportunity(by=cast.alice, pk=by_edit.pk, changes={"stage": to, "stage_reason": reason})
    for deal in (by_move, by_edit):
        stay = deal.stage_intervals.get(active_to__isnull=True)
        assert (stay.stage, stay.reason_code, stay.via) == (to, reason, via)


def test_an_edit_moves_for_who_may_move_alone(cast: Cast) -> None:
    deal = ready_deal(cast)
    for name in ("bob", "rita", "olga"):
        with unchanged(), pytest.raises(access.Forbidden):
            edit_opportunity(by=cast.people[name], pk=deal.pk, changes={"stage": "discovery"})
    changes = {"stage": "discovery", "stage_reason": ADVANCE}
    moved = edit_opportunity(by=cast.mona, pk=deal.pk, changes=changes)
    assert moved.stage == Stage.DISCOVERY


def test_a_stage_set_past_the_gates_is_a_mistake_whoever_writes_it(cast: Cast) -> None:
    deal = ready_deal(cast)

    def slip_by() -> None:
        with audit.change(by=cast.alice, action="test.sly"):
            held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
            held.stage = Stage.PROPOSAL
            audit.write(held)

    with unchanged(), pytest.raises(UngovernedWrite):
        slip_by()


def test_inv_2_6_winning_asks_for_every_gate_ahead_and_the_won_gate(cast: Cast) -> None:
    deal = ready_deal(cast, start_date=None)
    with only_attempted(), pytest.raises(audit.Blocked) as refusal:
        close_won(by=cast.alice, pk=deal.pk)
    assert criteria(refusal) == ["start_date"]
    won = close_won(by=cast.alice, pk=deal.pk, changes={"start_date": "2027-09-01"})
    attempt = GateAttempt.objects.get(outcome="passed")
    assert (won.stage, attempt.transition, attempt.decision.outcome) == ("closed_won", "win", "passes")
    assert len(attempt.decision.question["gates"]) == 6


def test_warnings_pass_once_they_are_acknowledged_by_name(cast: Cast) -> None:
    in_force(cast, contact_with_role={"mode": "warn"})
    deal = without_people(cast)
    with only_attempted(), pytest.raises(audit.Blocked) as refusal:
        move_stage(
            by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE, acknowledge=["budget_owner"]
        )
    assert [(one.criterion, one.warning) for one in refusal.value.findings] == [("contact_with_role", True)]
    move_stage(
        by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE, acknowledge=["contact_with_role"]
    )
    attempt = GateAttempt.objects.get(outcome="passed")
    assert (attempt.acknowledged, attempt.tried_by) == (["contact_with_role"], cast.alice)


@pytest.mark.parametrize(("migrate", "asked"), [(False, []), (True, ["contact_count"])])
def test_hc2_version_2_holds_deals_past_it_only_if_it_migrates(
    cast: Cast, migrate: bool, asked: list[str]
) -> None:
    deal = brought_to(cast, "discovery")
    new = {
        "key": "contact_count",
        "gate": "qualification",
        "title": "Ten contacts",
        "rule": {"f": "opportunity.contacts_with_role", "op": "gte", "v": 10},
    }
    in_force(cast, migrate=migrate, contact_count=new)
    assert Opportunity.objects.get(pk=deal.pk).stage == "discovery"
    if asked:
        with pytest.raises(audit.Blocked) as refusal:
            move_stage(by=cast.alice, pk=deal.pk, to="evaluation", reason_code=ADVANCE)
        assert criteria(refusal) == asked
    else:
        assert (
            move_stage(by=cast.alice, pk=deal.pk, to="evaluation", reason_code=ADVANCE).stage == "evaluation"
        )


def test_hc2_criteria_are_those_of_the_segment_that_the_deal_is_in_now(cast: Cast) -> None:
    deal = brought_to(cast, "evaluation")
    with audit.change(by=cast.rita, action="test.segment"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.segment = "SMB"
        audit.write(held)
    for role in deal.contact_roles.all()[1:]:
        with audit.change(by=cast.rita, action="test.leave"):
            gone = audit.lock(type(role).objects.all(), pk=role.pk)
            gone.is_active = False
            audit.write(gone)
    machine = transitions.machine_of(deal)
    small, large = Opportunity.objects.get(pk=deal.pk), Opportunity.objects.get(pk=deal.pk)
    large.segment = "ENT"
    standing = [
        [
            one.parsed.key
            for one in gates.weigh(one_deal, machine=machine, transition="advance", to="proposal").standing
        ]
        for one_deal in (small, large)
    ]
    assert standing == [[], ["three_contact_roles"]]


def test_a_policy_that_cannot_be_read_lets_nothing_pass_and_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = ready_deal(cast)
    spoiled = replace(policies.get(EXIT_CRITERIA.key), raw={"criteria": [{"key": "X"}]})
    monkeypatch.setattr(weighing.policies, "get", lambda *args, **more: spoiled)
    with pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
    assert codes(refusal) == [("GAT-003", "")]


def test_one_key_moves_a_deal_once(cast: Cast) -> None:
    deal = ready_deal(cast)
    for _ in range(2):
        run = transitions.run(
            subject=deal,
            name="advance",
            by=cast.alice,
            payload={"to": "discovery", "reason_code": ADVANCE},
            idem="key-1",
        )
        assert run.stage == "discovery"
    assert GateAttempt.objects.filter(outcome="passed").count() == 1
    with pytest.raises(audit.Blocked) as refusal:
        transitions.run(subject=deal, name="advance", by=cast.alice, payload={"to": "qualification"})
    assert codes(refusal) == [("OPP-030", "to")]
    lost = transitions.run(
        subject=deal,
        name="lose",
        by=cast.alice,
        payload={"reason_code": "price", "competitor": "none", "last_buyer_contact_on": "2026-01-06"},
    )
    assert (lost.stage, lost.last_buyer_contact_on) == ("closed_lost", ENDED["last_buyer_contact_on"])


@pytest.mark.parametrize("more", [0, 100])
def test_a_transition_takes_the_same_statements_whatever_the_number_of_criteria(
    cast: Cast, settled_organisation: None, more: int
) -> None:
    rule = {"f": "opportunity.amount", "op": "not_null"}
    added = {
        f"more_{n}": {"key": f"more_{n}", "gate": "qualification", "title": f"More {n}", "rule": rule}
        for n in range(more)
    }
    in_force(cast, **added)
    deal = ready_deal(cast)
    move_stage(by=cast.alice, pk=ready_deal(cast).pk, to="discovery", reason_code=ADVANCE)
    with CaptureQueriesContext(connection) as captured:
        move_stage(by=cast.alice, pk=deal.pk, to="proposal", reason_code=ADVANCE, version=deal.version)
    # What is tracked is written once a process; here it is forgotten with every test that is rolled back.
    told = [
        one["sql"]
        for one in captured
        if not any(word in one["sql"] for word in ("audit_trackedfields", "SAVEPOINT"))
    ]
    assert len(told) == 15, "\n".join(sql[:110] for sql in told)
