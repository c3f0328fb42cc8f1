"""Approvers, editors and recalls at the same moment: one decision, one final, none on a stale content (HC-4, D03).

SQLite lets one writer in at a time, so there is no lock to remove there and the control runs on PostgreSQL. The
processes are forked and do what they are told in an order of their own; whatever order comes out, the same holds.
"""

import os
import random
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F

from revops.kernel import approvals
from revops.kernel.approvals import content, courses
from revops.kernel.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep
from revops.kernel.audit import Blocked, Conflict
from revops.kernel.identity.models import User
from tests.cast import Cast
from tests.kernel.approvals import specimens
from tests.kernel.approvals.specimens import Offer, create, edit, submit
from tests.meeting import Meeting, kinds, remove_locks, together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.usefixtures("offers"),
]
PROCESSES, REQUESTS = 20, 6


def voting(by: User, request: ApprovalRequest, decision: str = "approve") -> Callable[[], Any]:
    step = ApprovalStep.objects.get(request=request, seq=1).pk
    return lambda: approvals.decide(by=by, step=step, decision=decision, comment="So it is")


def at_once(monkeypatch: pytest.MonkeyPatch, *works: Callable[[], Any]) -> list[Any]:
    """Do the works at once: each waits for the others when it has read where the request stands."""
    with monkeypatch.context() as patched:
        patched.setattr(courses, "load", Meeting(len(works)).after(courses.load))
        return together(*works)


def test_hc4_two_approvers_at_once_make_one_decision_and_one_conflict(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed_cast
    for second in ("approve", "reject"):
        offer = create(cast.alice, discount="5", terms="net60")
        request = submit(cast.alice, offer)
        results = at_once(monkeypatch, voting(cast.fin, request), voting(cast.lara, request, second))
        assert kinds(results) == ["AlreadyDecided", "ok"]
        request.refresh_from_db()
        said = ApprovalDecision.objects.get(step__request=request)
        offer.refresh_from_db()
        ended = {"approve": "approved", "reject": "rejected"}[said.decision]
        assert (request.state, offer.state) == (ended, ended)
        assert offer.granted == (said.decision == "approve")


def test_two_votes_at_once_of_a_step_that_wants_two_grant_it(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = submit(committed_cast.alice, create(committed_cast.alice, discount="5", name="Pair"))
    votes = [voting(committed_cast.fin, request), voting(committed_cast.lara, request)]
    assert kinds(at_once(monkeypatch, *votes)) == ["ok", "ok"]
    request.refresh_from_db()
    assert request.state == "approved"


@pytest.mark.control
def test_two_votes_at_once_are_lost_without_the_lock(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")
    request = submit(committed_cast.alice, create(committed_cast.alice, discount="5", name="Pair"))
    votes = [voting(committed_cast.fin, request), voting(committed_cast.lara, request)]
    with monkeypatch.context() as patched:
        remove_locks(patched)
        assert kinds(at_once(patched, *votes)) == ["ok", "ok"]
    request.refresh_from_db()
    assert (request.state, ApprovalDecision.objects.count()) == ("pending", 2)


def test_property_8_twenty_processes_decide_edit_and_recall_at_once(committed_cast: Cast) -> None:
    cast = committed_cast
    offers = [create(cast.alice, discount="5", terms="net60") for _ in range(REQUESTS)]
    requests = [submit(cast.alice, offer) for offer in offers]
    works: list[Callable[[], Any]] = []
    for number, (offer, request) in enumerate(zip(offers, requests, strict=True)):
        second = "reject" if number % 3 == 0 else "approve"
        works += [voting(cast.fin, request), voting(cast.lara, request, second), voting(cast.fin, request)]
        if number % 2:
            works.append(lambda offer=offer: edit(cast.alice, offer, discount="6"))
        if number % 5 == 4:
            works.append(lambda request=request: approvals.recall(by=cast.alice, request=request))
    random.Random(8).shuffle(works)
    shares = [works[n::PROCESSES] for n in range(PROCESSES)]
    assert forked(shares) == []
    for offer, request in zip(offers, requests, strict=True):
        examine(offer, request)


def examine(offer: Offer, request: ApprovalRequest) -> None:
    """Assert that a request has at most one decision and one final, on the content that it is bound to."""
    offer.refresh_from_db()
    request.refresh_from_db()
    decisions = list(ApprovalDecision.objects.filter(step__request=request))
    assert len(decisions) <= 1
    assert request.state != "pending"
    granted = [one for one in decisions if one.decision == "approve"]
    assert offer.granted == len(granted)
    now = content.digest(specimens.content(offer))
    if request.state == "approved":
        assert (len(granted), now) == (1, request.content_hash)
    if now != request.content_hash and decisions == []:
        assert request.state in ("stale", "recalled")
    assert not ApprovalDecision.objects.filter(approver=F("step__request__submitter")).exists()


def forked(shares: list[list[Callable[[], Any]]]) -> list[str]:
    """Do each share in a process of its own; return what went wrong beside refusals."""
    connections.close_all()
    reader, writer = os.pipe()
    children = [_fork(share, writer) for share in shares]
    os.close(writer)
    with os.fdopen(reader) as told:
        wrong = told.read().splitlines()
    for child in children:
        os.waitpid(child, 0)
    return wrong


def _fork(share: list[Callable[[], Any]], writer: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        for work in share:
            try:
                work()
            except (Blocked, Conflict):
                continue
        connections.close_all()
    except BaseException:  # noqa: BLE001 (told to the parent, which fails)
        os.write(writer, f"{traceback.format_exc()[-400:]!r}\n".encode())
    finally:
        os._exit(0)
