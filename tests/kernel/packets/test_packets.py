"""Packets: every action with its findings, who decides, what an accepted one withstands. Source: M8."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from opportunities.models import Opportunity
from opportunities.policies.deal_desk import ANSWER, DEAL_DESK, GAPS
from revops.kernel import audit, clocks
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets import actions, answers, standing, templates
from revops.kernel.packets.actions import Subject
from revops.kernel.packets.models import Packet
from revops.kernel.people import access
from revops.kernel.people.actions import deactivate_user
from revops.kernel.sla import SlaClock
from tests.cast import Cast
from tests.kernel.packets.conftest import codes
from tests.opportunities.conftest import open_deal

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FULL = {
    "asks_for": "discount",
    "why": "They sign two years\nif we meet the price.",
    "discount": "15",
    "term_months": 24,
    "payment_terms": "net_30",
    "competitor_pressure": "Fabrikam offers less",
    "needed_by": "2026-06-20",
}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOON):
        yield


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    return open_deal(cast)


def subject(deal: Opportunity) -> Subject:
    return Subject("opportunities.opportunity", deal.pk, f"OPP-{deal.pk:06d}")


def opened(cast: Cast, deal: Opportunity, values: Any = None, *, by: str = "alice") -> Packet:
    return actions.open_packet(
        by=cast.people[by],
        template=DEAL_DESK,
        subject=subject(deal),
        values=FULL if values is None else values,
    )


def submitted(cast: Cast, deal: Opportunity, *, by: str = "alice") -> Packet:
    return actions.submit_packet(by=cast.people[by], pk=opened(cast, deal, by=by).pk)


def told() -> list[str]:
    return list(
        OutboxEvent.objects.filter(type__startswith="packet.").order_by("pk").values_list("type", flat=True)
    )


def test_open_packet_keeps_its_form_and_what_was_said(cast: Cast, deal: Opportunity) -> None:
    made = opened(cast, deal, {"term_months": 24, "why": "  Two years  "})
    held = Packet.objects.get(pk=made.pk)
    number = f"OPP-{deal.pk:06d}"
    assert (held.title, held.subject, held.state) == (f"Deal desk request: {number}", number, "draft")
    assert (held.owner, held.team, held.template_ref) == (
        cast.alice,
        cast.teams["East"],
        f"{DEAL_DESK}@0",
    )
    assert held.values == {"term_months": 24, "why": "Two years"}
    assert held.form["accepted_by"] == ["DEAL_DESK"]
    assert (held.version, held.history.count(), told()) == (1, 1, ["packet.opened"])


def test_open_packet_collects_every_finding(cast: Cast, deal: Opportunity) -> None:
    opened(cast, deal)
    with pytest.raises(audit.Blocked) as refusal:
        actions.open_packet(
            by=cast.charlie,
            template=DEAL_DESK,
            subject=subject(deal),
            values={
                "colour": "red",
                "discount": "101",
                "asks_for": "money",
                "stage": "proposal",
                "term_months": "x",
            },
            receiver=cast.bob,
        )
    assert codes(refusal) == [
        ("PKT-001", "colour"),
        ("PKT-002", "discount"),
        ("PKT-002", "asks_for"),
        ("PKT-001", "stage"),
        ("PKT-002", "term_months"),
        ("PKT-005", "subject"),
        ("PKT-008", "receiver"),
    ]
    with pytest.raises(audit.Blocked) as refusal:
        opened(cast, deal, by="mona")
    assert codes(refusal) == [("PKT-006", "template")]
    with pytest.raises(audit.Blocked) as refusal:
        actions.open_packet(by=cast.alice, template="opportunities.stages", subject=subject(deal))
    assert codes(refusal) == [("PKT-004", "template")]


def test_submit_names_every_answer_that_lacks(cast: Cast, deal: Opportunity) -> None:
    packet = opened(cast, deal, {"asks_for": "discount", "discount": "35"})
    with pytest.raises(audit.Blocked) as refusal:
        actions.submit_packet(by=cast.alice, pk=packet.pk, values={"needed_by": "soon"})
    assert codes(refusal) == [
        ("PKT-002", "needed_by"),
        ("PKT-003", "why"),
        ("PKT-003", "term_months"),
        ("PKT-003", "payment_terms"),
        ("PKT-003", "competitor_pressure"),
        ("PKT-003", "proof"),
    ]
    assert Packet.objects.get(pk=packet.pk).state == "draft"


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({"asks_for": "structure", "discount": None}, []),
        ({"asks_for": "structure", "discount": "19.5"}, []),
        ({"asks_for": "structure", "discount": "20"}, ["competitor_pressure"]),
        ({"asks_for": None, "discount": None}, ["asks_for", "discount", "competitor_pressure"]),
    ],
)
def test_what_is_needed_follows_other_answers(
    cast: Cast, deal: Opportunity, given: dict[str, Any], lacks: list[str]
) -> None:
    packet = opened(cast, deal, {**FULL, **given, "competitor_pressure": None})
    body = templates.read(packet.template, packet.form)
    facts = answers.facts_of(body, packet.subject_type, packet.subject_id)
    assert [one.field for one in answers.lacking(body, packet.values, facts, NOON)] == lacks


def test_submit_copies_the_facts_of_the_record_at_that_instant(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    assert packet.facts == {
        "stage": "qualification",
        "amount": "50000.00",
        "currency": "USD",
        "close_date": "2027-08-15",
    }
    assert (packet.state, packet.submitted_by, packet.submitted_at) == ("submitted", cast.alice, NOON)


def test_return_then_submit_again_and_accept(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    gap = {"field": "discount", "reason_code": "wrong_figure", "note": "15 is not enough"}
    actions.return_packet(by=cast.dan, pk=packet.pk, gaps=[gap])
    held = Packet.objects.get(pk=packet.pk)
    assert (held.state, held.gaps, held.decided_by, held.decided_at) == ("returned", [gap], cast.dan, NOON)
    actions.submit_packet(by=cast.alice, pk=packet.pk, values={"discount": "18"})
    accepted = actions.accept_packet(by=cast.dan, pk=packet.pk)
    assert (accepted.state, accepted.values["discount"], accepted.gaps) == ("accepted", "18", [])
    assert told() == [
        "packet.opened",
        "packet.submitted",
        "packet.returned",
        "packet.submitted",
        "packet.accepted",
    ]


def test_return_collects_every_wrong_gap(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    gaps = [
        {"field": "colour", "reason_code": "not_said"},
        {"field": "why", "reason_code": "because"},
        {"field": "discount", "reason_code": "not_said", "note": "x" * 401},
    ]
    with pytest.raises(audit.Blocked) as refusal:
        actions.return_packet(by=cast.dan, pk=packet.pk, gaps=gaps)
    assert codes(refusal) == [("PKT-012", "gaps"), ("PKT-013", "why"), ("PKT-014", "discount")]
    with pytest.raises(audit.Blocked) as refusal:
        actions.return_packet(by=cast.dan, pk=packet.pk, gaps=[])
    assert codes(refusal) == [("PKT-012", "gaps")]


def test_nobody_accepts_their_own_packet(cast: Cast, deal: Opportunity) -> None:
    with clocks.at(NOON):
        mine = actions.open_packet(by=cast.dan, template=DEAL_DESK, subject=subject(deal), values=FULL)
    actions.submit_packet(by=cast.dan, pk=mine.pk)
    with pytest.raises(audit.Blocked) as refusal:
        actions.accept_packet(by=cast.dan, pk=mine.pk)
    assert codes(refusal) == [("PKT-011", "decided_by")]


def test_only_the_role_of_the_form_decides(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    with pytest.raises(audit.Blocked) as refusal:
        actions.accept_packet(by=cast.rita, pk=packet.pk)
    assert codes(refusal) == [("PKT-009", "decided_by")]
    with pytest.raises(access.Forbidden):
        actions.accept_packet(by=cast.cora, pk=packet.pk)
    with pytest.raises(Packet.DoesNotExist):
        actions.accept_packet(by=cast.bob, pk=packet.pk)


@pytest.mark.parametrize("verb", ["saved", "submitted", "returned", "withdrawn", "accepted"])
def test_an_accepted_packet_is_over(cast: Cast, deal: Opportunity, verb: str) -> None:
    packet = submitted(cast, deal)
    actions.accept_packet(by=cast.dan, pk=packet.pk)
    deeds = {
        "saved": lambda: actions.save_packet(by=cast.alice, pk=packet.pk, values={"discount": "1"}),
        "submitted": lambda: actions.submit_packet(by=cast.alice, pk=packet.pk),
        "returned": lambda: actions.return_packet(by=cast.dan, pk=packet.pk, gaps=[]),
        "withdrawn": lambda: actions.withdraw_packet(by=cast.alice, pk=packet.pk, reason="No more"),
        "accepted": lambda: actions.accept_packet(by=cast.dan, pk=packet.pk),
    }
    with pytest.raises(audit.Blocked) as refusal:
        deeds[verb]()
    assert codes(refusal) == [("PKT-007", "state")]


@pytest.mark.parametrize(
    "column", ['"values" = \'{"why": 1}\'', "state = 'draft'", "decided_by_id = NULL", "gaps = '[1]'"]
)
def test_the_database_refuses_to_change_an_accepted_packet(
    cast: Cast, deal: Opportunity, column: str
) -> None:
    packet = submitted(cast, deal)
    actions.accept_packet(by=cast.dan, pk=packet.pk)
    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE packets_packet SET {column} WHERE id = %s", [packet.pk])


@pytest.mark.control
def test_control_a_submitted_packet_is_not_kept_by_the_database(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE packets_packet SET gaps = '[1]' WHERE id = %s", [packet.pk])
    assert Packet.objects.get(pk=packet.pk).gaps == [1]


def test_the_next_packet_begins_with_what_was_accepted_and_supersedes_it(
    cast: Cast, deal: Opportunity
) -> None:
    first = submitted(cast, deal)
    actions.accept_packet(by=cast.dan, pk=first.pk)
    second = opened(cast, deal, {"discount": "25"})
    assert (second.supersedes_id, second.values) == (first.pk, {**FULL, "discount": "25"})
    actions.submit_packet(by=cast.alice, pk=second.pk)
    assert Packet.objects.get(pk=first.pk).state == "accepted"
    actions.accept_packet(by=cast.dan, pk=second.pk)
    assert dict(Packet.objects.values_list("pk", "state")) == {first.pk: "superseded", second.pk: "accepted"}
    assert Packet.objects.get(pk=first.pk).values == FULL


def test_withdraw_needs_a_reason_and_makes_room(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    with pytest.raises(audit.Blocked) as refusal:
        actions.withdraw_packet(by=cast.alice, pk=packet.pk, reason="  ")
    assert codes(refusal) == [("PKT-015", "reason")]
    actions.withdraw_packet(by=cast.alice, pk=packet.pk, reason="They bought\nthe standard")
    held = Packet.objects.get(pk=packet.pk)
    assert (held.state, held.withdrawn_because) == ("withdrawn", "They bought the standard")
    assert opened(cast, deal).state == "draft"


def test_a_named_receiver_alone_decides_and_sees_it(cast: Cast, deal: Opportunity) -> None:
    packet = opened(cast, deal)
    with pytest.raises(audit.Blocked) as refusal:
        actions.name_receiver(by=cast.alice, pk=packet.pk, receiver=cast.bob)
    assert codes(refusal) == [("PKT-008", "receiver")]
    assert actions.name_receiver(by=cast.alice, pk=packet.pk, receiver=cast.dan).receiver == cast.dan


def test_a_stale_sender_meets_the_conflict(cast: Cast, deal: Opportunity) -> None:
    packet = opened(cast, deal)
    actions.save_packet(by=cast.alice, pk=packet.pk, values={"discount": "12"}, version=1)
    with pytest.raises(audit.Conflict):
        actions.submit_packet(by=cast.alice, pk=packet.pk, version=1)


def test_a_form_that_cannot_be_read_any_more_is_refused_in_words(
    cast: Cast, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    packet = opened(cast, deal)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE packets_packet SET form = '{\"fields\": 3}' WHERE id = %s", [packet.pk])
    with pytest.raises(audit.Blocked) as refusal:
        actions.submit_packet(by=cast.alice, pk=packet.pk)
    assert codes(refusal) == [("PKT-010", "template")]
    assert actions.withdraw_packet(by=cast.alice, pk=packet.pk, reason="It is broken").state == "withdrawn"


def test_the_clock_of_who_has_the_packet_runs(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    waits = SlaClock.objects.get(policy_key=ANSWER)
    assert (waits.subject_id, waits.owner, waits.state) == (packet.pk, cast.dan, "running")
    with clocks.at(NOON.replace(hour=15)):
        gap = {"field": "why", "reason_code": "no_reason"}
        actions.return_packet(by=cast.dan, pk=packet.pk, gaps=[gap])
    owed = SlaClock.objects.get(policy_key=GAPS)
    assert (SlaClock.objects.get(pk=waits.pk).stopped_at, owed.owner) == (NOON.replace(hour=15), cast.alice)
    with clocks.at(NOON.replace(hour=16)):
        actions.withdraw_packet(by=cast.alice, pk=packet.pk, reason="They bought the standard")
    assert dict(SlaClock.objects.values_list("policy_key", "state")) == {ANSWER: "met", GAPS: "cancelled"}


def test_personal_values_of_an_accepted_packet_can_be_erased(cast: Cast, deal: Opportunity) -> None:
    packet = submitted(cast, deal)
    actions.accept_packet(by=cast.dan, pk=packet.pk)
    with audit.change(by=cast.priya, action="test.erase"):
        held = audit.lock(Packet.objects.all(), pk=packet.pk)
        audit.erase(held, ["values", "facts"])
    held = Packet.objects.get(pk=packet.pk)
    assert (held.values, held.facts, held.state) == ({}, {}, "accepted")
    assert [row.values for row in held.history.all()] == [{}] * held.version


def test_a_manager_goes_on_with_what_somebody_left(cast: Cast, deal: Opportunity) -> None:
    packet = opened(cast, deal, {"why": "They asked"})
    with clocks.at(NOON.replace(hour=13)):
        deactivate_user(by=cast.ada, user=cast.alice, reason="She has left the company")
    held = Packet.objects.get(pk=packet.pk)
    assert (held.owner, held.queue is not None) == (None, True)
    assert actions.submit_packet(by=cast.mona, pk=packet.pk, values=FULL).submitted_by == cast.mona


def test_who_opens_second_is_told_of_the_first(
    cast: Cast, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, looks = opened(cast, deal), []
    look = standing.none_in_flight

    def late(earlier: Any, title: str) -> Any:
        """See nothing the first time, as somebody does who looked before the other had committed."""
        looks.append(title)
        return [] if len(looks) == 1 else look(earlier, title)

    monkeypatch.setattr(standing, "none_in_flight", late)
    with pytest.raises(audit.Blocked) as refusal:
        opened(cast, deal, by="mona")
    assert (codes(refusal), len(looks)) == ([("PKT-006", "template")], 2)
    assert list(Packet.objects.values_list("pk", flat=True)) == [first.pk]
