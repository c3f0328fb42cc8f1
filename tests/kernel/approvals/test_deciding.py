"""A request from its submission to its end: who is asked, who decides, and what follows, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from revops.kernel import approvals, audit, clocks
from revops.kernel.approvals import purposes, queries
from revops.kernel.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep
from revops.kernel.audit import Blocked, Conflict
from revops.kernel.identity.models import User
from revops.kernel.people.access import Forbidden
from revops.kernel.policies import store
from revops.kernel.policies.models import Policy, PolicyVersion
from tests.cast import Cast
from tests.kernel.approvals.specimens import KEY, POLICY, PURPOSE, Line, Offer, create, edit, submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offers")]


def steps(request: ApprovalRequest) -> list[tuple[int, str, str]]:
    rows = ApprovalStep.objects.filter(request=request).order_by("seq")
    return [(step.level, step.title, step.state) for step in rows]


def step(request: ApprovalRequest, seq: int = 1) -> ApprovalStep:
    found: ApprovalStep = ApprovalStep.objects.get(request=request, seq=seq)
    return found


def yes(by: User, request: ApprovalRequest, seq: int = 1) -> ApprovalRequest:
    return approvals.decide(by=by, step=step(request, seq), decision="approve")


def test_request_asks_level_after_level(cast: Cast) -> None:
    offer = create(cast.alice, discount="25")
    request = submit(cast.alice, offer)
    assert steps(request) == [(1, "Discount over 10 %", "open"), (2, "Discount over 20 %", "waiting")]
    assert [one.pk for one in queries.inbox(cast.mona)] == [step(request).pk]
    assert list(queries.inbox(cast.dora)) == []
    yes(cast.mona, request)
    assert steps(request) == [(1, "Discount over 10 %", "granted"), (2, "Discount over 20 %", "open")]
    yes(cast.dora, request, 2)
    assert not approvals.is_current(offer, KEY)
    yes(cast.dan, request, 2)
    assert approvals.is_current(offer, KEY)
    assert approvals.request_of(offer, KEY) == request
    assert list(Offer.objects.values_list("state", "granted")) == [("approved", 1)]


def test_record_that_no_rule_asks_about_is_approved_at_once(cast: Cast) -> None:
    request = submit(cast.alice, create(cast.alice, discount="5"))
    assert (request.state, steps(request)) == ("approved", [])
    assert Offer.objects.get().state == "approved"


def test_unknown_fact_fires_every_rule_that_asks_for_it(cast: Cast) -> None:
    request = submit(cast.alice, create(cast.alice, discount=None))
    assert [level for level, _, _ in steps(request)] == [1, 2, 3]


def test_hc4_second_of_two_approvers_is_told_who_was_first(cast: Cast) -> None:
    request = submit(cast.alice, create(cast.alice, discount="5", terms="net60"))
    with clocks.at(request.submitted_at):
        yes(cast.fin, request)
    with pytest.raises(Conflict) as refused:
        yes(cast.lara, request)
    at = f"{request.submitted_at:%Y-%m-%d %H:%M}"
    assert str(refused.value) == f"This was already approved by Fin at {at} UTC."
    assert step(request).decisions.count() == 1


def test_rejection_ends_the_request_and_cancels_the_rest(cast: Cast) -> None:
    offer = create(cast.alice, discount="25", terms="net60")
    request = submit(cast.alice, offer)
    approvals.decide(by=cast.fin, step=step(request, 2), decision="reject", comment="Too long a term")
    assert steps(request) == [
        (1, "Discount over 10 %", "cancelled"),
        (1, "Terms beyond net 30", "rejected"),
        (2, "Discount over 20 %", "cancelled"),
    ]
    request.refresh_from_db()
    assert (request.state, request.note) == ("rejected", "Fin: Too long a term")
    assert Offer.objects.get().state == "rejected"
    with pytest.raises(Conflict, match="This request is rejected"):
        yes(cast.mona, request)


@pytest.mark.parametrize(("decision", "comment", "codes"), [
    ("reject", " \u200b ", ["APR-021"]),
    ("perhaps", "x" * 2001, ["APR-020", "APR-022"]),
])  # fmt: skip
def test_decision_is_refused_with_every_finding(
    cast: Cast, decision: str, comment: str, codes: list[str]
) -> None:
    request = submit(cast.alice, create(cast.alice))
    with pytest.raises(Blocked) as refused:
        approvals.decide(by=cast.mona, step=step(request), decision=decision, comment=comment)
    assert [finding.code for finding in refused.value.findings] == codes
    assert steps(request) == [(1, "Discount over 10 %", "open")]


def test_nobody_decides_what_they_asked_for_or_own(cast: Cast) -> None:
    mine = submit(cast.fin, create(cast.alice, discount="5", terms="net60"))
    with pytest.raises(Forbidden, match="You asked for this"):
        yes(cast.fin, mine)
    owned = submit(cast.alice, create(cast.alice, owner=cast.fin, discount="5", terms="net60"))
    assert list(queries.inbox(cast.fin)) == []
    with pytest.raises(Forbidden, match="The record is yours"):
        yes(cast.fin, owned)
    with pytest.raises(ApprovalRequest.DoesNotExist):
        yes(cast.bob, owned)
    with pytest.raises(Forbidden, match="not among those"):
        yes(cast.rita, owned)


def test_submitter_is_replaced_by_their_manager(cast: Cast) -> None:
    request = submit(cast.mona, create(cast.alice, discount="15"))
    assert list(step(request).candidates.values_list("person__name", "why")) == [("Dora", "In place of Mona")]


def test_high_level_takes_two_different_people(cast: Cast) -> None:
    request = submit(cast.bob, create(cast.vera, discount="45", owner=cast.vera))
    assert [one[1] for one in steps(request)] == [
        "Discount over 10 %",
        "Discount over 20 %",
        "Discount over 40 %",
    ]
    yes(cast.rita, request)
    yes(cast.dora, request, 2)
    yes(cast.dan, request, 2)
    assert yes(cast.cora, request, 3).state == "approved"


def test_recall_ends_a_request_that_waits(cast: Cast) -> None:
    request = submit(cast.alice, create(cast.alice))
    with pytest.raises(Forbidden, match="Only who submitted it"):
        approvals.recall(by=cast.mona, request=request)
    assert approvals.recall(by=cast.alice, request=request, reason="Wrong price").state == "recalled"
    with pytest.raises(Conflict, match="This request is recalled"):
        yes(cast.mona, request)
    with pytest.raises(Blocked, match="only one that waits"):
        approvals.recall(by=cast.alice, request=request)


def test_request_under_way_is_not_submitted_twice(cast: Cast) -> None:
    offer = create(cast.alice)
    submit(cast.alice, offer)
    with pytest.raises(Blocked, match="Recall it first"):
        submit(cast.alice, offer)


def test_hc4_edit_after_approval_makes_it_stale_in_the_same_change(cast: Cast) -> None:
    offer = create(cast.alice, discount="9.9")
    submit(cast.alice, offer)
    assert approvals.is_current(offer, KEY)
    edit(cast.alice, offer, discount="10.1")
    request = ApprovalRequest.objects.get()
    assert (request.state, request.note) == ("stale", "Discount changed after it was submitted.")
    assert not approvals.is_current(offer, KEY)
    assert Offer.objects.get().state == "draft"


def test_who_alone_granted_a_high_level_is_followed_by_a_second_person(cast: Cast) -> None:
    request = submit(cast.alice, create(cast.alice, discount="5", name="Board"))
    assert step(request).due_at == request.submitted_at.replace(microsecond=0) + timedelta(hours=48)
    assert yes(cast.carl, request).state == "pending"
    second = step(request, 2)
    assert (second.title, second.state) == ("A second person at level 4", "open")
    assert queries.deciders(second) == {cast.rita.pk}
    with pytest.raises(Forbidden, match="two different people"):
        yes(cast.carl, request, 2)
    assert yes(cast.rita, request, 2).state == "approved"


def test_failure_between_the_decision_and_its_effect_leaves_neither(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(offer: Offer, request: ApprovalRequest) -> None:
        raise RuntimeError("between decision and effect")

    request = submit(cast.alice, create(cast.alice))
    with monkeypatch.context() as patched:
        patched.setitem(purposes._purposes, KEY, replace(PURPOSE, granted=fails))
        with pytest.raises(RuntimeError, match="between"):
            yes(cast.mona, request)
    request.refresh_from_db()
    assert (request.state, ApprovalDecision.objects.count()) == ("pending", 0)
    assert yes(cast.mona, request).state == "approved"


def test_version_that_cannot_be_read_asks_by_every_shipped_rule(cast: Cast) -> None:
    with audit.change(by=cast.rita, action="test.break"):
        policy = audit.write(Policy(key=POLICY, domain="specimens"))
        audit.write(
            PolicyVersion(
                policy=policy, n=1, body={"approvals": [{"key": 1}]}, status="active", mode="enforce",
                effective_from=clocks.now(), authority="a test", source_note="a test",
            )
        )  # fmt: skip
    store.forget()
    request = submit(cast.alice, create(cast.alice, discount="1"))
    assert [level for level, _, _ in steps(request)] == [1, 1, 1, 2, 3, 4]


def test_request_whose_purpose_is_gone_is_read_and_taken_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = create(cast.alice)
    request = submit(cast.alice, offer)
    monkeypatch.delitem(purposes._purposes, KEY)
    with pytest.raises(Blocked, match="there is nothing to decide"):
        yes(cast.mona, request)
    edit(cast.alice, offer, discount="16")
    assert approvals.recall(by=cast.alice, request=request).state == "recalled"


def test_change_of_a_part_makes_the_approval_of_its_whole_stale(cast: Cast) -> None:
    offer = create(cast.alice)
    request = submit(cast.alice, offer)
    with audit.change(by=cast.bob, action="line.add"):
        audit.write(Line(offer_key=offer.pk, quantity=3))
    request.refresh_from_db()
    assert (request.state, request.note) == ("stale", "Quantities changed after it was submitted.")
    assert steps(request) == [(1, "Discount over 10 %", "cancelled")]
    with pytest.raises(Blocked, match="submitted again as it is now"):
        yes(cast.mona, request)


def test_change_that_is_no_part_of_the_content_leaves_the_approval(cast: Cast) -> None:
    offer = create(cast.alice)
    request = submit(cast.alice, offer)
    edit(cast.alice, offer, name="Another name", owner_key=cast.bob.pk)
    request.refresh_from_db()
    assert (request.state, request.subject_owner) == ("pending", cast.bob)
    assert yes(cast.mona, request).state == "approved"
