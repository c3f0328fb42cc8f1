"""Evidence verified and rejected: by whom, with which clock, and what gates and My work make of it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions import edit_activity
from accounts.models import Contact
from opportunities.actions import add_contact_role, assign_opportunity, link_activity, log_activity
from opportunities.actions.evidence import add_evidence, reject_evidence, verify_evidence
from opportunities.actions.evidence.asking import ask_again
from opportunities.models import Meddicc, Opportunity, StageEvidence
from opportunities.policies import EXIT_CRITERIA
from opportunities.policies.evidence import VERIFICATION
from opportunities.queries import evidence as queries
from opportunities.queries import gates
from opportunities.receivers import tell_rejected, tell_verifier
from revops.kernel import audit, clocks
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.policies.actions import activate_version, draft_version
from revops.kernel.records import work
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.opportunities.conftest import codes, instant
from tests.opportunities.people import make_contact

pytestmark = pytest.mark.django_db
NOW = instant(2026, 6, 10, 9)  # a Wednesday
AGE = timedelta(days=90)
SAID = "We lose two days a month to manual reconciliation"
WHY = "Charlie knows this customer from before"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clocks.at(NOW):
        yield


@pytest.fixture
def ann(cast: Cast, deal: Opportunity) -> Contact:
    return make_contact(cast, "Ann", account=deal.account)


def add(
    cast: Cast, deal: Opportunity, ann: Contact, by: str = "alice", kind: str = "problem_statement"
) -> StageEvidence:
    values = {"kind": kind, "statement": SAID, "stated_by": ann.pk, "url": "https://files.example/1"}
    return add_evidence(by=cast.people[by], pk=deal.pk, values=values)


def assign(cast: Cast, deal: Opportunity, owner: str) -> None:
    with clocks.at(NOW + timedelta(minutes=1)):
        assign_opportunity(by=cast.rita, pk=deal.pk, owner=cast.people[owner], reason=WHY)


def clock_of(evidence: StageEvidence) -> SlaClock | None:
    return SlaClock.objects.filter(policy_key=VERIFICATION, subject_id=evidence.pk).order_by("-pk").first()


def met(deal: Opportunity, title: str, to: str) -> bool:
    """Say whether the criterion with this title is met on the way into a stage."""
    found = gates.weighed(deal, gates.Stage(to))
    return next(one.met for one in found.weighed if one.parsed.criterion.title == title)


NEED, PROBLEM = "The buyer has stated the need", "The buyer has confirmed the problem"


def waits(user: User) -> list[tuple[int, str]]:
    return [(item.pk, item.why) for item in work.work(user, clocks.now(), kinds=("evidence",)).items]


def test_manager_is_asked_and_the_verdict_stops_the_clock(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    made = add(cast, deal, ann)
    clock = clock_of(made)
    assert (clock.owner, clock.due_at, clock.state) == (cast.mona, instant(2026, 6, 11, 21), "running")
    assert waits(cast.mona) == [(made.pk, "Alice asks you to verify it, since today; due tomorrow")]
    assert [waits(cast.people[who]) for who in ("alice", "dora", "marco")] == [[], [], []]
    tell_verifier(OutboxEvent.objects.get(type="opportunity.evidence_added"))
    assert Notification.objects.get().recipient == cast.mona
    with clocks.at(NOW + timedelta(hours=2)):
        held = verify_evidence(by=cast.mona, pk=made.pk, version=made.version)
    assert (held.state, held.verifier, held.decided_at) == ("verified", cast.mona, NOW + timedelta(hours=2))
    assert (clock_of(made).state, waits(cast.mona)) == ("met", [])
    assert OutboxEvent.objects.filter(type="opportunity.evidence_verified").count() == 1


def test_problem_counts_once_a_manager_has_verified_it(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann)
    deal.stage = "discovery"
    assert met(deal, PROBLEM, "evaluation") is False
    verify_evidence(by=cast.mona, pk=made.pk)
    assert met(deal, PROBLEM, "evaluation") is True


def test_nobody_decides_about_their_own(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann, by="mona")
    with pytest.raises(audit.Blocked) as refusal:
        verify_evidence(by=cast.mona, pk=made.pk)
    assert codes(refusal) == [("EVD-031", "verifier")]
    assert clock_of(made).owner == cast.dora  # the next one up is asked
    assert [waits(cast.people[who]) for who in ("mona", "vera")] == [[], []]
    assert [pk for pk, _ in waits(cast.dora)] == [made.pk]
    assert verify_evidence(by=cast.vera, pk=made.pk).state == "verified"


def test_owner_of_the_deal_decides_nothing_about_it(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann)
    with pytest.raises(access.Forbidden):
        verify_evidence(by=cast.alice, pk=made.pk)
    assign(cast, deal, "mona")
    with pytest.raises(audit.Blocked) as refusal:
        verify_evidence(by=cast.mona, pk=made.pk)
    assert codes(refusal) == [("EVD-032", "verifier")]
    with pytest.raises(StageEvidence.DoesNotExist):
        verify_evidence(by=cast.marco, pk=made.pk)


def test_rejection_says_what_is_missing_and_lowers_what_rests_on_it(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    made = add(cast, deal, ann)
    with audit.change(by=cast.rita, action="test.score"):
        score = audit.write(Meddicc(opportunity=deal, element="pain", score=2, statement=SAID, evidence=made))
    with pytest.raises(audit.Blocked) as refusal:
        reject_evidence(by=cast.mona, pk=made.pk, note="No.")
    assert codes(refusal) == [("EVD-033", "note")]
    note = "The mail speaks of another department."
    held = reject_evidence(by=cast.mona, pk=made.pk, note=note)
    score.refresh_from_db()
    assert (held.state, held.verdict_note, score.score) == ("rejected", note, 1)
    deal.stage = "discovery"
    assert met(deal, PROBLEM, "evaluation") is False
    tell_rejected(OutboxEvent.objects.get(type="opportunity.evidence_rejected"))
    told = Notification.objects.get()
    assert (told.recipient, told.text, told.url) == (cast.alice, note, f"/evidence/{made.pk}/")
    with pytest.raises(audit.Blocked) as refusal:
        verify_evidence(by=cast.dora, pk=made.pk)
    assert codes(refusal) == [("EVD-030", "state")]


def test_inv_2_9_evidence_satisfies_until_exactly_its_age(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    made = add(cast, deal, ann, kind="need_statement")
    seen = []
    for late in (timedelta(0), timedelta(seconds=1)):
        with clocks.at(NOW + AGE + late):
            (row,) = queries.of_deal(deal, cast.alice).rows
            seen.append((met(deal, NEED, "discovery"), row.state))
    assert seen == [(True, "submitted"), (False, "expired")]
    assert made.expires_at == NOW + AGE


@pytest.mark.control
def test_inv_2_9_would_not_hold_without_the_age_in_the_criterion(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    rows = [dict(one) for one in EXIT_CRITERIA.default["criteria"]]
    (need,) = (row for row in rows if row["key"] == "need_stated")
    need["rule"] = {"f": "opportunity.need_statement_at", "op": "not_null"}
    draft = draft_version(by=cast.rita, key=EXIT_CRITERIA.key, body={"criteria": rows}, source_note="Control")
    activate_version(by=cast.rita, pk=draft.pk)
    add(cast, deal, ann, kind="need_statement")
    with clocks.at(NOW + AGE + timedelta(seconds=1)):
        assert met(deal, NEED, "discovery") is True


def written(cast: Cast, contact: Contact, **values: Any) -> None:
    with audit.change(by=cast.rita, action="test.contact"):
        held = audit.lock(Contact.objects.all(), pk=contact.pk)
        for name, value in values.items():
            setattr(held, name, value)
        audit.write(held)


def test_hc2_evidence_follows_a_merged_contact(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    add(cast, deal, ann, kind="need_statement")
    second, third = make_contact(cast, "Anna"), make_contact(cast, "Anna B")
    written(cast, ann, tombstone_of=second)
    written(cast, second, tombstone_of=third)
    (row,) = queries.of_deal(deal, cast.alice).rows
    assert row.who == queries.Link("Anna B", third.get_absolute_url())
    assert met(deal, NEED, "discovery") is True


def test_hc2_evidence_of_an_erased_contact_stays_under_a_pseudonym(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    add(cast, deal, ann, kind="need_statement")
    written(cast, ann, status="erased")
    (row,) = queries.of_deal(deal, cast.alice).rows
    assert row.who == queries.Link(f"Erased contact CON-{ann.pk:06d}")
    with clocks.at(NOW + AGE):
        assert met(deal, NEED, "discovery") is True
    with clocks.at(NOW + AGE + timedelta(seconds=1)):
        assert met(deal, NEED, "discovery") is False


def test_verification_follows_the_deal_to_another_manager(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    made = add(cast, deal, ann)
    assign(cast, deal, "charlie")
    assert [waits(cast.people[who]) for who in ("mona", "dora")] == [[], []]
    assert [ask_again(by=User.objects.system(), pk=deal.pk) for _ in range(2)] == [1, 0]
    clock = clock_of(made)
    assert (clock.owner, clock.due_at, clock.cycle) == (cast.marco, instant(2026, 6, 11, 21), 2)
    assert [pk for pk, _ in waits(cast.marco)] == [made.pk]


def test_verification_rests_while_its_deal_is_closed(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann)
    rows = Opportunity.objects.filter(pk=deal.pk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("opportunities.actions.evidence.asking.CLOSED", ("qualification",))
        assert ask_again(by=User.objects.system(), pk=deal.pk) == 1
    assert (clock_of(made).state, waits(cast.mona)) == ("cancelled", [])
    assert ask_again(by=User.objects.system(), pk=rows.get().pk) == 1
    assert (clock_of(made).state, [pk for pk, _ in waits(cast.mona)]) == ("running", [made.pk])


def test_my_work_does_both_deeds_in_place(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    first, second = add(cast, deal, ann), add(cast, deal, ann)
    work.do(by=cast.mona, source="evidence", pk=first.pk, name="verify", values={})
    note = {"note": "The mail speaks of another department."}
    work.do(by=cast.mona, source="evidence", pk=second.pk, name="reject", values=note)
    states = StageEvidence.objects.order_by("pk").values_list("state", flat=True)
    assert (list(states), waits(cast.mona)) == (["verified", "rejected"], [])


def test_nobody_stays_engaged_by_a_meeting_that_was_not_held(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    values = {"kind": "meeting", "outcome": "held", "subject": "Workshop", "contacts": [ann.pk]}
    met_them = log_activity(by=cast.alice, pk=deal.pk, values=values)
    role = add_contact_role(
        by=cast.alice, values={"opportunity": deal.pk, "contact": ann.pk, "role": "champion"}
    )
    assert role.engaged_at == met_them.occurred_at
    edit_activity(by=cast.alice, pk=met_them.pk, changes={"outcome": "no_show"})
    link_activity(by=User.objects.system(), pk=met_them.pk)
    role.refresh_from_db()
    assert role.engaged_at is None
