"""Evidence about deals: what is asked before it is taken, who may correct it, and how it is shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact
from opportunities.actions import log_activity
from opportunities.actions.evidence import add_evidence, correct_evidence, write_evidence
from opportunities.actions.evidence.forms import ADD
from opportunities.enums import EvidenceKind
from opportunities.models import OppContactRole, Opportunity, StageEvidence
from opportunities.policies.evidence import EVIDENCE, EvidenceTerms, terms
from opportunities.queries import evidence as queries
from revops.kernel import audit, clocks
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.policies import documents
from revops.kernel.policies.rules.problems import RuleError
from revops.kernel.records import registry
from revops.kernel.records.timeline import page
from tests.cast import Cast
from tests.opportunities.conftest import codes, instant, make_account, open_deal
from tests.opportunities.people import make_contact

pytestmark = pytest.mark.django_db
NOW = instant(2026, 6, 10, 9)
SAID = "We lose two days a month to manual reconciliation"
URL = "https://files.example/mail/1"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clocks.at(NOW):
        yield


@pytest.fixture
def ann(cast: Cast, deal: Opportunity) -> Contact:
    return make_contact(cast, "Ann", account=deal.account)


def given(ann: Contact | None, **values: Any) -> dict[str, Any]:
    held = {"kind": "need_statement", "statement": SAID, "stated_by": ann and ann.pk, "url": URL, **values}
    return {name: value for name, value in held.items() if value is not None}


def add(
    cast: Cast, deal: Opportunity, ann: Contact | None, by: str = "alice", **values: Any
) -> StageEvidence:
    return add_evidence(by=cast.people[by], pk=deal.pk, values=given(ann, **values))


def in_deal(cast: Cast, deal: Opportunity, contact: Contact) -> OppContactRole:
    with audit.change(by=cast.rita, action="test.role"):
        return audit.write(OppContactRole(opportunity=deal, contact=contact, role="champion"))


def test_evidence_keeps_who_said_what_when_and_until_when_it_holds(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    made = add(cast, deal, ann, occurred_at="2026-06-01T10:00:00Z")
    assert (made.opportunity, made.kind, made.statement, made.stated_by, made.url) == (
        deal,
        "need_statement",
        SAID,
        ann,
        URL,
    )
    assert (made.state, made.submitted_by, made.submitted_at) == ("submitted", cast.alice, NOW)
    assert made.expires_at == instant(2026, 8, 30, 10)
    assert OutboxEvent.objects.get(type="opportunity.evidence_added").payload == {
        "opportunity": deal.pk,
        "kind": "need_statement",
        "state": "submitted",
        "stated_by": ann.pk,
        "submitted_by": cast.alice.pk,
        "by": cast.alice.pk,
        "asked": None,
    }


def test_everything_against_evidence_is_told_at_once(cast: Cast, deal: Opportunity) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        add(
            cast,
            deal,
            None,
            statement="Too short",
            url="ftp://files.example/1",
            field_path="amount",
            occurred_at="2026-06-10T09:00:01Z",
        )
    assert codes(refusal) == [
        ("VAL-002", "url"),
        ("EVD-002", "statement"),
        ("EVD-006", "stated_by"),
        ("EVD-010", "occurred_at"),
    ]
    assert StageEvidence.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"url": None}, [("EVD-003", "activity")]),
        ({"field_path": "amount"}, [("EVD-003", "field_path")]),
        ({"url": None, "field_path": "wishes"}, [("EVD-013", "field_path")]),
        ({"url": None, "field_path": "description"}, [("EVD-014", "field_path")]),
        ({"kind": "rumour"}, [("VAL-002", "kind")]),
        ({"statement": None}, [("EVD-001", "statement")]),
        ({"stated_by": 999_999}, [("OPP-003", "stated_by")]),
    ],
)
def test_evidence_is_refused_for(
    cast: Cast, deal: Opportunity, ann: Contact, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        add(cast, deal, ann, **values)
    assert codes(refusal) == found


def test_field_of_the_deal_is_kept_as_it_was(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann, url=None, field_path="source")
    assert (made.field_path, made.field_value) == ("source", "Web")


def test_what_was_said_in_an_activity_was_said_then(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    call = {"kind": "call", "outcome": "connected", "subject": "Call", "occurred_at": "2026-06-05T10:00:00Z"}
    activity = log_activity(by=cast.alice, pk=deal.pk, values=call)
    made = add(cast, deal, ann, url=None, activity=activity.pk)
    assert made.occurred_at == instant(2026, 6, 5, 10)
    with pytest.raises(audit.Blocked) as refusal:
        add(cast, deal, ann, url=None, activity=activity.pk, occurred_at="2026-06-06T10:00:01Z")
    assert codes(refusal) == [("EVD-011", "occurred_at")]


def test_activity_is_about_this_deal_and_took_place(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    other = open_deal(cast, account=make_account(cast, "Other", domain="other.com"))
    missed = {"kind": "call", "outcome": "no_answer", "subject": "Call"}
    activity = log_activity(by=cast.alice, pk=other.pk, values=missed)
    with pytest.raises(audit.Blocked) as refusal:
        add(cast, deal, ann, url=None, activity=activity.pk)
    assert codes(refusal) == [("EVD-004", "activity"), ("EVD-005", "activity")]


def test_contact_in_the_deal_is_the_one_who_said_it(cast: Cast, deal: Opportunity) -> None:
    champion = in_deal(cast, deal, make_contact(cast, "Champion"))
    made = add(cast, deal, None, url=None, contact_role=champion.pk)
    assert (made.contact_role, made.stated_by) == (champion, champion.contact)
    elsewhere = in_deal(cast, open_deal(cast), make_contact(cast, "Elsewhere"))
    with pytest.raises(audit.Blocked) as refusal:
        add(cast, deal, None, url=None, contact_role=elsewhere.pk)
    assert codes(refusal) == [("EVD-009", "contact_role"), ("EVD-007", "stated_by")]


@pytest.mark.parametrize("state", [{"status": "erased"}, {"tombstone_of": True}])
def test_contact_who_is_no_more_says_nothing_new(
    cast: Cast, deal: Opportunity, ann: Contact, state: dict[str, Any]
) -> None:
    change(cast, ann, **{name: ann if value is True else value for name, value in state.items()})
    with pytest.raises(audit.Blocked) as refusal:
        add(cast, deal, ann)
    assert codes(refusal) == [("EVD-008", "stated_by")]


def change(cast: Cast, contact: Contact, **values: Any) -> Contact:
    with audit.change(by=cast.rita, action="test.contact"):
        held: Contact = audit.lock(Contact.objects.all(), pk=contact.pk)
        for name, value in values.items():
            setattr(held, name, value)
        return audit.write(held)


def test_rivals_are_known_without_the_buyer(cast: Cast, deal: Opportunity) -> None:
    assert add(cast, deal, None, kind="competition").stated_by is None


def test_evidence_is_added_by_whoever_works_on_the_deal(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    assert add(cast, deal, ann, by="mona").submitted_by == cast.mona
    with pytest.raises(access.Forbidden):
        add(cast, deal, ann, by="bob")
    with pytest.raises(Opportunity.DoesNotExist):
        add(cast, deal, ann, by="charlie")
    with pytest.raises(access.Forbidden):
        add(cast, deal, ann, state="verified")
    assert StageEvidence.objects.count() == 1


def test_closed_deal_takes_no_evidence(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    with audit.change(by=cast.rita, action="test.evidence"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.stage = "closed_lost"
        with pytest.raises(audit.Blocked) as refusal:
            write_evidence(held, given(ann), by=cast.alice)
    assert codes(refusal) == [("OPP-031", "stage")]


def test_evidence_is_corrected_by_whom_it_is_from(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann)
    changes = {"url": "", "field_path": "amount", "occurred_at": "2026-06-09T09:00:00Z"}
    held = correct_evidence(by=cast.alice, pk=made.pk, changes=changes, version=1)
    assert (held.url, held.field_value, held.expires_at) == (
        "",
        str(deal.amount),
        NOW + timedelta(days=89),
    )
    with pytest.raises(audit.Blocked) as refusal:
        correct_evidence(by=cast.mona, pk=made.pk, changes={"kind": "risk", "statement": "short"})
    assert codes(refusal) == [("EVD-021", "submitted_by"), ("EVD-022", "kind"), ("EVD-002", "statement")]


def test_deal_shows_its_evidence_in_a_constant_number_of_queries(
    cast: Cast, deal: Opportunity, ann: Contact, settled_organisation: None
) -> None:
    add(cast, deal, ann, occurred_at="2026-06-01T10:00:00Z")
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured, access.remembered():
            found = queries.of_deal(deal, cast.mona)
        assert (
            len(captured) == 5
        )  # three ask for whom Mona stands in, one whether she verifies: asked once a page
        add(cast, deal, ann, kind="risk", url=None, field_path="amount")
        add(cast, deal, ann, kind="metrics")
    first = found.rows[0]
    assert (first.kind, first.statement, first.who, first.artifact.url) == (
        "What it is worth to the buyer",
        SAID,
        queries.Link("Ann", ann.get_absolute_url()),
        URL,
    )
    assert [(one.label, one.may_decide) for one in found.rows] == [("Submitted", True)] * 3
    assert (found.may_add, found.more) == (True, False)


def test_reader_sees_only_what_they_may(cast: Cast, deal: Opportunity) -> None:
    stranger = make_contact(cast, "Stranger", owner="charlie")
    in_deal(cast, deal, stranger)
    with audit.change(by=cast.rita, action="test.evidence"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        write_evidence(held, given(stranger), by=cast.dora)
    (row,) = queries.of_deal(deal, cast.bob).rows
    assert (row.who, row.may_decide) == (queries.Link("Not visible to you"), False)
    assert queries.of_deal(deal, cast.charlie).rows == []
    assert "Stranger" not in str(page(deal, cast.bob, kinds=("evidence",)).entries)


def test_timeline_tells_of_evidence(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    made = add(cast, deal, ann)
    (entry,) = page(deal, cast.alice, kinds=("evidence",)).entries
    assert (entry.title.label, entry.title.url, entry.text) == (
        "Evidence: The buyer's need",
        f"/evidence/{made.pk}/",
        SAID,
    )
    assert [mark.label for mark in entry.marks] == ["Submitted"]
    assert page(deal, cast.alice, kinds=("evidence",), person=cast.mona.pk).entries == ()


def test_form_offers_what_fits_the_deal(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    make_contact(cast, "Elsewhere")
    role = in_deal(cast, deal, make_contact(cast, "Champion"))
    begun = ADD.begins(deal, cast.alice, {})
    assert [name for _, name in begun.choices["stated_by"]] == ["Ann", "Champion"]
    assert list(begun.choices["contact_role"]) == [(str(role.pk), "Champion, champion")]
    assert ("amount", "Amount") in begun.choices["field_path"]
    assert "description" not in dict(begun.choices["field_path"])


def test_shipped_terms_are_those_of_the_specification() -> None:
    held = terms("MM")
    assert {one.max_age_days for one in held.kinds} == {90}
    assert [one.kind for one in held.kinds if one.verify == "manager"] == ["problem_statement"]
    assert {one.kind for one in held.kinds if not one.buyer_side} == {"competition", "risk"}
    assert len(held.lines()) == len(EvidenceKind) + 1


def test_terms_name_every_kind_once() -> None:
    body = documents.get(EVIDENCE).default
    with pytest.raises(RuleError):
        documents.get(EVIDENCE).read({"kinds": list(body["kinds"])[1:]})
    assert isinstance(documents.get(EVIDENCE).read(dict(body)), EvidenceTerms)


def test_everything_that_is_declared_is_readable() -> None:
    kind = registry.get("opportunities.stageevidence")
    assert {one.name for one in kind.fields} == access.declarations()[kind.label].fields
