"""The council: seats, votes, quorum, decisions and what follows from them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from governance.actions import council, rfcs
from governance.models import DecisionItem, DecisionVote
from governance.queries import council as queries
from revops.kernel import audit, clocks
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Obligation
from revops.kernel.people import actions as people
from revops.kernel.people.access import Forbidden
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.evidence import unchanged
from tests.governance.conftest import NOW, Make

pytestmark = pytest.mark.django_db
SEATS = {"vera": "sales", "mark": "marketing", "lena": "success", "fin": "finance", "lara": "legal"}


@pytest.fixture
def members(cast: Cast, at_ten: datetime) -> dict[str, User]:
    """Let one person of each function sit in the council as well."""
    for name in SEATS:
        people.grant_role(by=cast.ada, user=cast.people[name], role="COUNCIL")
    return {name: cast.people[name] for name in SEATS}


def topic(by: User, **values: Any) -> DecisionItem:
    given = {"topic": "Which discount may a rep give?", "evidence": "Last quarter's deals", **values}
    return council.create_item(by=by, values=given)


def vote(item: DecisionItem, choice: str, *voters: User) -> None:
    for voter in voters:
        council.vote(by=voter, pk=item.pk, choice=choice)


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def clock(item: DecisionItem) -> str:
    return str(SlaClock.objects.get(subject_type="governance.decisionitem", subject_id=item.pk).state)


@pytest.mark.parametrize(
    ("voters", "missing"),
    [
        (("vera", "mark", "lara"), ["4 votes", "the vote of Finance"]),
        (("vera", "mark", "lena", "lara"), ["the vote of Finance"]),
        (("vera", "mark", "fin"), ["4 votes"]),
    ],
)
def test_hc9_without_a_quorum_nothing_is_decided_and_the_clock_goes_on(
    cast: Cast, members: dict[str, User], voters: tuple[str, ...], missing: list[str]
) -> None:
    item = topic(cast.rita)
    vote(item, "Approve", *(members[name] for name in voters))
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.decide(by=cast.connie, pk=item.pk, outcome="Approve")
    assert [finding.needed for finding in refusal.value.findings] == missing
    assert {finding.rule for finding in refusal.value.findings} == {"governance.council"}
    assert clock(item) == "running"
    assert [finding.needed for finding in queries.ballot(item, cast.rita).missing] == missing


def test_inv9_2_decision_has_owner_date_and_evidence(cast: Cast, members: dict[str, User]) -> None:
    item = topic(cast.rita, evidence="")
    vote(item, "Approve", members["vera"], members["mark"], members["fin"], members["lara"])
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.decide(by=cast.connie, pk=item.pk, outcome="Approve")
    assert codes(refusal) == [("CNL-009", "evidence")]
    council.edit_item(by=cast.rita, pk=item.pk, changes={"evidence": "Last quarter's deals"})
    decided = council.decide(by=cast.connie, pk=item.pk, outcome="Approve")
    assert (decided.state, decided.outcome, decided.owner, decided.decided_at) == (
        "decided",
        "Approve",
        cast.rita,
        NOW,
    )
    assert (decided.decided_under, clock(item)) == ("governance.council@0", "met")


def test_outcome_is_what_has_the_most_votes(cast: Cast, members: dict[str, User]) -> None:
    item = topic(cast.rita, options="Ten\nTwenty\nThirty")
    vote(item, "Ten", members["vera"], members["mark"])
    vote(item, "Twenty", members["fin"], members["lara"])
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.decide(by=cast.connie, pk=item.pk, outcome="Ten")
    assert codes(refusal) == [("CNL-008", "outcome")]
    council.vote(by=members["mark"], pk=item.pk, choice="Twenty", dissent="Ten would do")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.decide(by=cast.connie, pk=item.pk, outcome="Ten")
    assert codes(refusal) == [("CNL-008", "outcome")]
    council.decide(by=cast.connie, pk=item.pk, outcome="Twenty")
    held = {vote.seat: (vote.choice, vote.dissent) for vote in DecisionVote.objects.filter(item=item)}
    assert held["marketing"] == ("Twenty", "Ten would do")
    assert queries.ballot(item, cast.rita).counts == [("Ten", 1), ("Twenty", 3), ("Thirty", 0)]


def test_seats_have_one_vote_and_askers_none(cast: Cast, members: dict[str, User]) -> None:
    item = topic(members["fin"])
    people.grant_role(by=cast.ada, user=cast.carl, role="COUNCIL")
    for voter, code in ((members["fin"], "CNL-004"), (cast.connie, "CNL-005")):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            council.vote(by=voter, pk=item.pk, choice="Approve")
        assert codes(refusal) == [(code, "")]
    council.vote(by=cast.carl, pk=item.pk, choice="Approve")
    other = topic(cast.rita)
    council.vote(by=members["fin"], pk=other.pk, choice="Approve")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.vote(by=cast.carl, pk=other.pk, choice="Perhaps")
    assert codes(refusal) == [("CNL-006", ""), ("CNL-003", "choice")]
    with unchanged(), pytest.raises(Forbidden):
        council.vote(by=cast.alice, pk=other.pk, choice="Approve")


def test_request_before_the_council_waits_for_it(
    cast: Cast, members: dict[str, User], approved: Make
) -> None:
    rfc = approved()
    council.put_to_council(by=cast.rita, pk=rfc.pk)
    item = DecisionItem.objects.get(rfc=rfc)
    assert (item.topic, item.owner) == (f"{rfc.number}: {rfc.title}", cast.rita)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert codes(refusal) == [("CHG-014", "state")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.put_to_council(by=cast.rita, pk=rfc.pk)
    assert codes(refusal) == [("CNL-014", "rfc")]
    vote(item, "Reject", *members.values())
    council.decide(by=cast.connie, pk=item.pk, outcome="Reject")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert [finding.needed for finding in refusal.value.findings] == ["Approve"]
    council.put_to_council(by=cast.rita, pk=rfc.pk, topic="Once more, with figures")
    again = DecisionItem.objects.get(topic="Once more, with figures")
    vote(again, "Approve", *members.values())
    council.decide(by=cast.connie, pk=again.pk, outcome="Approve")
    with clocks.at(NOW + timedelta(hours=1)):
        assert rfcs.go_live(by=cast.rita, pk=rfc.pk).state == "live"


def test_topics_are_put_off_withdrawn_and_followed_up(cast: Cast, members: dict[str, User]) -> None:
    item, other = topic(cast.rita), topic(cast.alice)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.defer(by=cast.connie, pk=item.pk, meets_on=date(2026, 3, 20), reason=" ")
    assert codes(refusal) == [("CNL-010", "reason")]
    council.defer(by=cast.connie, pk=item.pk, meets_on=date(2026, 3, 20), reason="Figures are missing")
    assert clock(item) == "running"
    council.withdraw_item(by=cast.alice, pk=other.pk, reason="Solved otherwise")
    assert clock(other) == "cancelled"
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.add_follow_up(
            by=cast.connie, pk=item.pk, text="Tell the teams", owner=cast.dora, due_on=date(2026, 4, 1)
        )
    assert codes(refusal) == [("CNL-001", "state")]
    vote(item, "Approve", *members.values())
    council.decide(by=cast.connie, pk=item.pk, outcome="Approve")
    council.add_follow_up(
        by=cast.connie, pk=item.pk, text="Tell the teams", owner=cast.dora, due_on=date(2026, 4, 1)
    )
    task = Obligation.objects.get(source_ref=item.number)
    assert (task.kind, task.owner, task.text) == ("decision_action", cast.dora, "Tell the teams")


def test_options_stay_once_somebody_has_voted(cast: Cast, members: dict[str, User]) -> None:
    for options in ("One", "One\none", "\n".join(str(n) for n in range(9))):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            topic(cast.rita, options=options)
        assert codes(refusal) == [("CNL-002", "options")]
    item = topic(cast.rita)
    vote(item, "Approve", members["fin"])
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        council.edit_item(by=cast.rita, pk=item.pk, changes={"options": "Yes\nNo"})
    assert codes(refusal) == [("CNL-002", "options")]
