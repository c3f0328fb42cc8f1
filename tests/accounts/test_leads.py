"""Leads: what is written with one, which account it matches, what becomes of it, and every reason against it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import (
    accept_lead,
    create_account,
    create_contact,
    create_lead,
    disqualify_lead,
    edit_lead,
    nurture_lead,
    reassign_lead,
    recycle_lead,
    start_working,
)
from accounts.enums import DISQUALIFYING, RECYCLING, LeadStatus
from accounts.models import Lead
from accounts.queries import lead as queries
from revops.kernel import audit
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.records import searching
from tests.accounts.conftest import WHY, codes
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged

pytestmark = pytest.mark.django_db
LEAST = {
    "last_name": "Boxer",
    "company": "Farmers Coop",
    "source_original": "web",
    "phone": "+1 850 644 4200",
}


def make(cast: Cast, *, by: str = "alice", **values: Any) -> Lead:
    return create_lead(by=cast.people[by], values={**LEAST, **values})


def account(cast: Cast, name: str = "Acme", *, owner: str = "alice", **values: Any) -> Any:
    return create_account(by=cast.rita, values={"name": name, "owner": cast.people[owner].pk, **values})


def test_lead_is_written_with_all_that_follows(cast: Cast) -> None:
    lead = make(
        cast,
        first_name="Bertha",
        email="Bertha@FCof.net",
        country="us",
        phone="(850) 644-4200",
        annual_revenue="900750000",
        utm_source="news",
    )
    stored = Lead.objects.get(pk=lead.pk)
    assert (stored.name, stored.name_key, stored.company_key) == (
        "Bertha Boxer",
        "bertha boxer",
        "farmers coop",
    )
    assert (stored.email, stored.email_key, stored.email_domain) == (
        "Bertha@fcof.net",
        "bertha@fcof.net",
        "fcof.net",
    )
    assert (stored.phone, stored.country, stored.currency) == ("+18506444200", "US", "USD")
    assert (stored.source_original, stored.source_latest, stored.status) == ("web", "web", "new")
    assert (stored.owner, stored.team) == (cast.alice, cast.teams["East"])
    event = ChangeEvent.objects.order_by("-recorded_at").first()
    assert event is not None
    rows = sorted(ChangedRow.objects.filter(event=event).values_list("record_type", flat=True))
    assert rows == ["accounts.lead", "people.ownershipinterval"]
    (told,) = OutboxEvent.objects.filter(type="lead.created")
    about = {"source": "web", "owner": cast.alice.pk, "account": None, "status": "new"}
    assert told.payload == about
    assert ledger_faults() == []


def test_lead_of_marketing_waits_in_the_queue(cast: Cast) -> None:
    assert make(cast, by="mark").queue == cast.unassigned
    with pytest.raises(access.Forbidden):
        make(cast, by="rita")


def test_lead_of_the_past_says_when_it_came(cast: Cast) -> None:
    then = datetime(2026, 2, 3, 9, tzinfo=UTC)
    lead = create_lead(by=cast.alice, values=LEAST, at=then)
    assert Lead.objects.get(pk=lead.pk).created_at == then


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"last_name": ""}, [("VAL-002", "last_name")]),
        ({"company": "", "source_original": ""}, [("VAL-002", "company"), ("VAL-002", "source_original")]),
        ({"email": "nobody"}, [("LEA-001", "email")]),
        ({"mobile_phone": "none"}, [("LEA-002", "mobile_phone")]),
        ({"phone": ""}, [("LEA-004", "email")]),
        ({"annual_revenue": "-1"}, [("LEA-005", "annual_revenue")]),
        ({"industry": "other"}, [("LEA-006", "industry_note")]),
        ({"source_original": "other", "source_note": "x"}, [("LEA-006", "source_note")]),
        ({"currency": "XXL"}, [("LEA-007", "currency")]),
        ({"campaign": "99999"}, [("LEA-008", "campaign")]),
        ({"email": "open@edge.com"}, [("LEA-012", "email")]),
        ({"email": "known@edge.com"}, [("LEA-013", "email")]),
    ],
)
def test_lead_is_refused_with_every_reason(
    cast: Cast, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    make(cast, email="open@edge.com")
    create_contact(by=cast.alice, values={"last_name": "Known", "email": "known@edge.com"})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        make(cast, **values)
    assert sorted(codes(refusal)) == found


@pytest.mark.parametrize("score", ["101", "-1"])
def test_score_goes_from_0_to_100(cast: Cast, score: str) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        make(cast, by="mark", intent_score=score)
    assert [name for _, name in codes(refusal)] == ["intent_score"]
    assert make(cast, by="mark", intent_score="100", icp_score="0").intent_score == 100


def test_missing_fields_are_told_together(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        create_lead(by=cast.alice, values={"first_name": "Bertha"})
    assert codes(refusal) == [
        ("LEA-003", "last_name"),
        ("LEA-003", "company"),
        ("LEA-003", "source_original"),
        ("LEA-004", "email"),
    ]


def test_address_of_a_closed_lead_is_free_again(cast: Cast) -> None:
    lead = make(cast, email="open@edge.com")
    disqualify_lead(by=cast.alice, pk=lead.pk, disposition="duplicate")
    assert make(cast, email="open@edge.com").email == "open@edge.com"


def test_known_contact_outside_the_scope_is_named_and_can_be_linked(cast: Cast) -> None:
    acme = account(cast, owner="charlie", domain="acme.com")
    values = {"last_name": "Forbes", "first_name": "Sean", "email": "sean@gmail.com", "account": acme.pk}
    known = create_contact(by=cast.charlie, values={**values, "title": "CFO"})
    with pytest.raises(audit.Blocked) as refusal:
        make(cast, email="sean@gmail.com")
    (finding,) = refusal.value.findings
    assert "Sean Forbes (owner: Charlie)" in finding.message
    assert "CFO" not in finding.message
    linked = make(cast, email="sean@gmail.com", link_known="true")
    assert (linked.matched_contact, linked.matched_account) == (known, acme)
    match = queries.match(linked, cast.alice)
    assert (match.account, match.contact, match.name, match.owner) == (None, None, "Acme", "Charlie")
    match = queries.match(linked, cast.rita)
    assert (match.account, match.contact, match.name) == (acme, known, "")


@pytest.mark.parametrize(
    ("email", "country", "matched"),
    [
        ("a@acme.com", "", "Acme"),
        ("a@mail.acme.com", "US", "Acme"),
        ("a@acme.com", "DE", "Acme GmbH"),
        ("a@acme.com", "FR", "Acme"),
        ("a@other.com", "", None),
        ("a@gmail.com", "", None),
    ],
)
def test_lead_matches_the_account_of_its_domain(
    cast: Cast, email: str, country: str, matched: str | None
) -> None:
    acme = account(cast, owner="charlie", domain="acme.com", country="US")
    shared = acme.domains.get().pk
    account(cast, "Acme GmbH", owner="charlie", country="DE", shared_domain_of=shared)
    found = make(cast, email=email, country=country).matched_account
    assert (found.name if found else None) == matched


def test_edit_matches_anew_and_keeps_the_original_source(cast: Cast) -> None:
    acme = account(cast, domain="acme.com")
    lead = make(cast)
    edited = edit_lead(by=cast.alice, pk=lead.pk, changes={"email": "b@acme.com"}, version=1)
    assert (edited.matched_account, edited.version) == (acme, 2)
    edited = edit_lead(
        by=cast.alice, pk=lead.pk, changes={"email": "b@other.com", "source_latest": "webinar"}
    )
    assert (edited.matched_account, edited.source_original, edited.source_latest) == (None, "web", "webinar")
    for by in ("alice", "rita", "mark"):
        with pytest.raises(access.Forbidden):
            edit_lead(by=cast.people[by], pk=lead.pk, changes={"source_original": "phone"})
    with pytest.raises(audit.Conflict):
        edit_lead(by=cast.alice, pk=lead.pk, changes={"city": "Oslo"}, version=1)
    with pytest.raises(audit.Blocked) as refusal:
        edit_lead(by=cast.alice, pk=lead.pk, changes={"email": "", "phone": ""})
    assert codes(refusal) == [("LEA-004", "email")]


MOVES: dict[str, Any] = {
    "accept": lambda by, pk: accept_lead(by=by, pk=pk),
    "start": lambda by, pk: start_working(by=by, pk=pk),
    "nurture": lambda by, pk: nurture_lead(by=by, pk=pk),
    "recycle": lambda by, pk: recycle_lead(by=by, pk=pk, disposition="not_now"),
    "disqualify": lambda by, pk: disqualify_lead(by=by, pk=pk, disposition="not_icp", note=" No fit "),
}


@pytest.mark.parametrize(
    ("moves", "status"),
    [
        (["accept"], "accepted"),
        (["accept", "start"], "working"),
        (["accept", "nurture", "start"], "working"),
        (["accept", "start", "recycle", "start"], "working"),
        (["accept", "start", "recycle", "nurture"], "nurture"),
        (["disqualify"], "disqualified"),
    ],
)
def test_lead_moves_as_its_states_allow(cast: Cast, moves: list[str], status: str) -> None:
    lead = make(cast)
    for move in moves:
        lead = MOVES[move](cast.alice, lead.pk)
    assert lead.status == status
    event = OutboxEvent.objects.order_by("-pk").first()
    assert event is not None
    assert event.type == f"lead.{status}"


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("new", {"accept", "disqualify"}),
        ("accepted", {"start", "nurture", "recycle", "disqualify"}),
        ("disqualified", set()),
    ],
)
def test_every_other_move_is_refused(cast: Cast, status: str, allowed: set[str]) -> None:
    lead = make(cast)
    if status == "accepted":
        accept_lead(by=cast.alice, pk=lead.pk)
    if status == "disqualified":
        disqualify_lead(by=cast.alice, pk=lead.pk, disposition="student")
    with unchanged():
        for move in sorted(MOVES.keys() - allowed):
            with pytest.raises(audit.Blocked) as refusal:
                MOVES[move](cast.alice, lead.pk)
            assert codes(refusal) == [("LEA-020", "status")]


def test_reasons_stand_and_fall_with_the_state(cast: Cast) -> None:
    lead = make(cast)
    accept_lead(by=cast.alice, pk=lead.pk)
    for wrong in ("", "not_icp", "because"):
        with pytest.raises(audit.Blocked) as refusal:
            recycle_lead(by=cast.alice, pk=lead.pk, disposition=wrong)
        assert codes(refusal) == [("LEA-021", "disposition")]
    with pytest.raises(audit.Blocked) as refusal:
        disqualify_lead(by=cast.alice, pk=lead.pk, disposition="not_now", note="x" * 401)
    assert codes(refusal) == [("LEA-021", "disposition"), ("LEA-022", "note")]
    recycled = recycle_lead(by=cast.alice, pk=lead.pk, disposition="not_now", note=" In spring ")
    assert (recycled.disposition_reason, recycled.disposition_note) == ("not_now", "In spring")
    assert start_working(by=cast.alice, pk=lead.pk).disposition_reason == ""
    assert {*DISQUALIFYING} & {*RECYCLING} == {"wrong_territory", "no_authority"}


def test_closed_lead_stays_as_it_was(cast: Cast) -> None:
    lead = make(cast)
    with audit.change(by=cast.rita, action="lead.convert"):
        held = audit.lock(Lead.objects.all(), pk=lead.pk)
        held.status = LeadStatus.CONVERTED
        audit.write(held)
    with unchanged():
        for call in (
            lambda: edit_lead(by=cast.alice, pk=lead.pk, changes={"city": "Oslo"}),
            lambda: reassign_lead(by=cast.rita, pk=lead.pk, owner=cast.bob, reason=WHY),
            lambda: start_working(by=cast.alice, pk=lead.pk),
        ):
            with pytest.raises(audit.Blocked) as refusal:
                call()
            assert codes(refusal) == [("LEA-016", "status")]


def test_lead_is_accepted_by_its_owner_alone(cast: Cast) -> None:
    lead = make(cast)
    for by in ("bob", "mona", "rita", "sam"):
        with pytest.raises(access.Forbidden):
            accept_lead(by=cast.people[by], pk=lead.pk)
    waiting = make(cast, by="mark")
    with pytest.raises(access.Forbidden):
        accept_lead(by=cast.rita, pk=waiting.pk)
    assert accept_lead(by=cast.alice, pk=lead.pk, version=1).version == 2
    with pytest.raises(audit.Conflict):
        start_working(by=cast.alice, pk=lead.pk, version=1)


def test_manager_reassigns_with_a_reason(cast: Cast) -> None:
    lead = make(cast)
    with pytest.raises(access.Forbidden):
        reassign_lead(by=cast.alice, pk=lead.pk, owner=cast.bob, reason=WHY)
    with pytest.raises(audit.Blocked) as refusal:
        reassign_lead(by=cast.mona, pk=lead.pk, owner=cast.bob, reason="short")
    assert codes(refusal) == [("OWN-004", "reason")]
    with pytest.raises(audit.Blocked) as refusal:
        reassign_lead(by=cast.mona, pk=lead.pk, reason=WHY)
    assert codes(refusal) == [("LEA-017", "owner")]
    assert reassign_lead(by=cast.mona, pk=lead.pk, owner=cast.bob, reason=WHY).owner == cast.bob
    assert OutboxEvent.objects.filter(type="lead.assigned").count() == 1
    assert ledger_faults() == []


def test_lead_is_found_by_name_company_and_address(cast: Cast) -> None:
    lead = make(cast, first_name="Bertha", email="bertha@fcof.net")
    for text in ("bertha", "farmers", "bertha@fcof.net", "fcof", f"LEA-{lead.pk:06d}"):
        assert [hit.pk for hit in searching.search(cast.alice, text)] == [lead.pk], text
    assert searching.search(cast.charlie, "bertha") == []


@pytest.mark.parametrize("number", [1, 3])
def test_creation_asks_constantly_and_panels_too(cast: Cast, settled_organisation: None, number: int) -> None:
    acme = account(cast, domain="acme.com")
    for index in range(number):
        make(cast, email=f"a{index}@acme.com")
    with CaptureQueriesContext(connection) as asked:
        make(cast, email="last@acme.com")
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) == 15
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.of(acme, cast.alice).leads) == number + 1
    assert len(asked) == 2
