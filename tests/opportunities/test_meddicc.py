"""MEDDICC: what a score asks for, what it brings along, and that two rests on evidence."""

from typing import Any

import pytest

from accounts.models import Contact
from opportunities.actions import close_lost, qualifying
from opportunities.actions.meddicc import checks, create_score, edit_score, score
from opportunities.actions.resting import lower
from opportunities.enums import Element, EvidenceState
from opportunities.models import Meddicc, OppContactRole, Opportunity, StageEvidence
from opportunities.queries.meddicc import qualification
from revops.kernel import audit, clocks
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import ENDED, codes, instant
from tests.opportunities.people import make_contact

SAID = "They lose two days a month on it"
LINK = "https://files.example/minutes"
NOW = instant(2026, 6, 1, 9)


@pytest.fixture(autouse=True)
def now() -> Any:
    with clocks.at(NOW):
        yield


@pytest.fixture
def ann(cast: Cast, deal: Opportunity) -> Contact:
    return make_contact(cast, "Ann", account=deal.account)


def inline(ann: Contact, **values: Any) -> dict[str, Any]:
    """Return a champion with evidence in the same form, as a browser sends it."""
    given = {"element": "champion", "score": "2", "statement": SAID, "contact": str(ann.pk)}
    return given | {"stated_by": str(ann.pk), "url": LINK, "evidence": "", "on": ""} | values


def shown(cast: Cast, deal: Opportunity, ann: Contact, kind: str = "metrics", **values: Any) -> StageEvidence:
    with audit.change(by=cast.alice, action="test.evidence"):
        given = {
            "opportunity": deal,
            "kind": kind,
            "statement": SAID,
            "stated_by": ann,
            "occurred_at": NOW,
            "url": LINK,
            "submitted_by": cast.alice,
            "submitted_at": NOW,
        }
        return audit.write(StageEvidence(**given | values))


def test_claim_is_written_and_told(cast: Cast, deal: Opportunity) -> None:
    row = score(by=cast.alice, pk=deal.pk, values={"element": "metrics", "score": "1", "statement": SAID})
    assert (row.element, row.score, row.statement, row.evidence_id) == ("metrics", 1, SAID, None)
    assert OutboxEvent.objects.get(type="opportunity.meddicc_scored").payload == {
        "opportunity": deal.pk,
        "element": "metrics",
        "before": 0,
        "score": 1,
        "evidence": None,
        "contact": None,
        "by": cast.alice.pk,
    }


def test_scoring_again_changes_the_row_and_keeps_what_is_not_said(cast: Cast, deal: Opportunity) -> None:
    first = score(by=cast.alice, pk=deal.pk, values={"element": "metrics", "score": 1, "statement": SAID})
    again = score(by=cast.alice, pk=deal.pk, values={"element": "metrics", "score": "0", "statement": ""})
    assert (again.pk, again.score, again.statement, again.version) == (first.pk, 0, SAID, 2)
    assert [row.score for row in again.history.order_by("version")] == [1, 0]
    score(by=cast.alice, pk=deal.pk, values={"element": "metrics", "score": "0"})
    assert OutboxEvent.objects.filter(type="opportunity.meddicc_scored").count() == 2


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("VAL-003", "element")]),
        ({"element": "luck", "score": 1}, [("VAL-002", "element")]),
        ({"element": "metrics"}, [("OPP-130", "score")]),
        ({"element": "metrics", "score": 3, "statement": SAID}, [("OPP-131", "score")]),
        ({"element": "metrics", "score": 1, "statement": "too short"}, [("OPP-132", "statement")]),
        (
            {"element": "metrics", "score": 2, "on": "2026-07-01"},
            [("OPP-132", "statement"), ("OPP-138", "on"), ("OPP-135", "evidence")],
        ),
        ({"element": "metrics", "score": 2, "statement": SAID, "evidence": 999}, [("OPP-133", "evidence")]),
        ({"element": "metrics", "score": 1, "statement": SAID, "contact": 999_999}, [("OPP-003", "contact")]),
        ({"element": "champion", "score": 1, "statement": SAID}, [("OPP-137", "contact")]),
        (
            {"element": "pain", "score": 1, "statement": SAID, "mitigation": "Do something"},
            [("OPP-139", "mitigation")],
        ),
    ],
)
def test_score_that_lacks_something_is_refused(
    cast: Cast, deal: Opportunity, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values=values)
    assert codes(refusal) == found


def test_two_without_evidence_says_how_to_supply_it(cast: Cast, deal: Opportunity) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values={"element": "pain", "score": 2, "statement": SAID})
    (finding,) = refusal.value.findings
    address = f"/opportunities/{deal.pk}/do/add_evidence/?kind=problem_statement"
    assert [(way.label, way.url) for way in finding.remedies] == [("Add evidence", address)]


@pytest.mark.control
def test_two_without_evidence_meets_the_database_once_nothing_checks(
    cast: Cast, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unwired, the rule speaks in no words any more; only the constraint is left."""
    monkeypatch.setattr(checks, "check_evidence", lambda draft, inline: None)
    with pytest.raises(Exception, match="meddicc_two_rests_on_evidence"):
        score(by=cast.alice, pk=deal.pk, values={"element": "pain", "score": 2, "statement": SAID})


def test_two_rests_on_evidence_of_this_deal(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    held = shown(cast, deal, ann)
    values = {"element": "metrics", "score": 2, "statement": SAID, "evidence": held.pk}
    assert score(by=cast.alice, pk=deal.pk, values=values).evidence_id == held.pk


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "risk"},
        {"expires_at": instant(2026, 5, 31)},
        {"state": EvidenceState.REJECTED},
    ],
)
def test_evidence_that_does_not_stand_carries_no_two(
    cast: Cast, deal: Opportunity, ann: Contact, values: dict[str, Any]
) -> None:
    if "state" in values:
        values = values | {"verifier": cast.mona, "decided_at": NOW}
    held = shown(cast, deal, ann, **values)
    given = {"element": "metrics", "score": 2, "statement": SAID, "evidence": held.pk}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values=given)
    assert codes(refusal) == [("OPP-133", "evidence")]


def test_evidence_given_with_the_score_is_written_with_it(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    row = score(by=cast.alice, pk=deal.pk, values=inline(ann))
    held = row.evidence
    assert (row.score, held.kind, held.statement, held.stated_by_id) == (2, "champion", SAID, ann.pk)
    assert (held.url, held.submitted_by_id, held.state) == (LINK, cast.alice.pk, "submitted")


def test_new_evidence_takes_the_place_of_what_stood_but_of_nothing_else(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    other = shown(cast, deal, ann, "champion")
    first = score(by=cast.alice, pk=deal.pk, values=inline(ann)).evidence_id
    again = score(by=cast.alice, pk=deal.pk, values=inline(ann, evidence=str(first)))
    assert again.evidence_id not in (first, other.pk)
    given = inline(ann, evidence=str(other.pk))
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values=given)
    assert codes(refusal) == [("OPP-134", "evidence")]


def test_everything_against_score_and_evidence_is_told_at_once(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    given = inline(ann, statement="short", stated_by="", contact="", occurred_at="2026-09-01T09:00:00Z")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values=given)
    fields = [finding.field for finding in refusal.value.findings]
    assert fields == ["statement", "contact", "stated_by", "occurred_at"]


def test_champion_comes_into_the_deal_in_that_role(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    user = OppContactRole(opportunity=deal, contact=ann, role="user", engaged_at=NOW)
    with audit.change(by=cast.alice, action="test.role"):
        audit.write(user)
    values = {"element": "champion", "score": 1, "statement": SAID, "contact": ann.pk}
    score(by=cast.alice, pk=deal.pk, values=values)
    score(by=cast.alice, pk=deal.pk, values={**values, "statement": f"{SAID}, they say"})
    (role,) = OppContactRole.objects.filter(opportunity=deal, role="champion")
    assert (role.contact_id, role.engaged_at, role.is_active) == (ann.pk, NOW, True)
    assert OutboxEvent.objects.filter(type="opportunity.contact_added").count() == 1


def test_contact_in_the_role_is_the_champion_without_being_named(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    with audit.change(by=cast.alice, action="test.role"):
        audit.write(OppContactRole(opportunity=deal, contact=ann, role="champion"))
    values = {"element": "champion", "score": 1, "statement": SAID}
    assert score(by=cast.alice, pk=deal.pk, values=values).contact_id == ann.pk


def test_who_may_not_add_contacts_names_only_those_in_the_role(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    values = {"element": "champion", "score": 1, "statement": SAID, "contact": ann.pk}
    with audit.change(by=cast.alice, action="test.role"):
        audit.write(OppContactRole(opportunity=deal, contact=ann, role="user"))
    seen = Contact.objects.filter(pk=ann.pk).visible_to(cast.mona)
    assert seen.exists()
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.mona, pk=deal.pk, values=values)
    assert codes(refusal) == [("OPP-143", "contact")]


def test_contact_of_another_account_is_refused(cast: Cast, deal: Opportunity) -> None:
    stranger = make_contact(cast, "Zoe")
    given = {"element": "pain", "score": 1, "statement": SAID, "contact": stranger.pk}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values=given)
    assert codes(refusal) == [("OPP-136", "contact")]


def test_risk_brings_its_mitigation(cast: Cast, deal: Opportunity) -> None:
    values = {
        "element": "risks",
        "score": 1,
        "statement": SAID,
        "mitigation": "Bring their new CFO in early",
        "mitigation_owner": cast.bob.pk,
        "mitigation_on": "2026-06-15",
    }
    row = score(by=cast.alice, pk=deal.pk, values=values)
    task = Obligation.objects.get(pk=row.mitigation_id)
    assert (task.kind, task.owner_id, str(task.due_on)) == ("mitigation", cast.bob.pk, "2026-06-15")
    assert (task.subject_type, task.subject_id) == ("opportunities.opportunity", deal.pk)


def test_mitigation_says_who_until_when(cast: Cast, deal: Opportunity) -> None:
    given = {"element": "risks", "score": 1, "mitigation": "Soon", "mitigation_owner": 999_999}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values=given)
    assert codes(refusal) == [
        ("OPP-132", "statement"),
        ("OPP-140", "mitigation"),
        ("OPP-140", "mitigation_on"),
        ("OPP-141", "mitigation_owner"),
    ]


def test_rejected_evidence_lowers_what_rests_on_it(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    row = score(by=cast.alice, pk=deal.pk, values=inline(ann))
    with audit.change(by=cast.mona, action="test.reject"):
        assert [one.pk for one in lower([row.evidence])] == [row.pk]
    row.refresh_from_db()
    assert (row.score, row.evidence_id is not None) == (1, True)
    told = OutboxEvent.objects.filter(type="opportunity.meddicc_scored").order_by("pk").last()
    assert (told.payload["before"], told.payload["score"]) == (2, 1)


def test_closed_deal_keeps_what_it_was_qualified_by(cast: Cast, deal: Opportunity) -> None:
    close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        score(by=cast.alice, pk=deal.pk, values={"element": "pain", "score": 1, "statement": SAID})
    assert codes(refusal) == [("OPP-031", "stage")]


@pytest.mark.parametrize(
    ("who", "refusal"), [("rita", access.Forbidden), ("marco", Opportunity.DoesNotExist)]
)
def test_only_who_may_qualify_the_deal_scores(
    cast: Cast, deal: Opportunity, who: str, refusal: type[Exception]
) -> None:
    with unchanged(), pytest.raises(refusal):
        score(by=cast.people[who], pk=deal.pk, values={"element": "pain", "score": 1, "statement": SAID})


def test_program_creates_what_is_new_and_changes_what_stands(cast: Cast, deal: Opportunity) -> None:
    values = {"opportunity": deal.pk, "element": "pain", "score": 1, "statement": SAID}
    first = create_score(by=cast.alice, values=values)
    assert create_score(by=cast.alice, values={**values, "score": 0}).pk == first.pk
    assert list(Meddicc.objects.values_list("element", "score")) == [("pain", 0)]
    with pytest.raises(audit.Blocked) as refusal:
        create_score(by=cast.alice, values={**values, "opportunity": 999_999})
    assert codes(refusal) == [("OPP-003", "opportunity")]


def test_edit_empties_what_is_given_as_empty_and_meets_others(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    held = shown(cast, deal, ann)
    values = {"element": "metrics", "score": 2, "statement": SAID, "evidence": held.pk}
    row = score(by=cast.alice, pk=deal.pk, values=values)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_score(by=cast.alice, pk=row.pk, changes={"evidence": None, "element": "pain"})
    assert codes(refusal) == [("OPP-142", "element"), ("OPP-135", "evidence")]
    assert edit_score(by=cast.alice, pk=row.pk, changes={"evidence": None, "score": 1}).evidence is None
    with pytest.raises(audit.Conflict):
        edit_score(by=cast.alice, pk=row.pk, changes={"score": 0}, version=1)


def test_panel_shows_nine_elements_in_one_statement(
    cast: Cast, deal: Opportunity, ann: Contact, settled_organisation: None, django_assert_num_queries: Any
) -> None:
    """What tells the rights of a reader is asked once a page; besides it is one, with one row and with three."""
    score(by=cast.alice, pk=deal.pk, values=inline(ann))
    for number, element in enumerate(("", "pain", "metrics")):
        values = {"element": element, "score": 1, "statement": SAID}
        if element:
            score(by=cast.alice, pk=deal.pk, values=values)
        with access.remembered():
            qualification(deal, cast.alice)
            with django_assert_num_queries(1):
                found = qualification(deal, cast.alice)
        assert (len(found.lines), found.known, found.evidenced, found.may_score) == (9, number + 1, 1, True)
    line = next(one for one in found.lines if one.element == Element.CHAMPION)
    said = (line.shown.said_by, line.shown.state, line.shown.url)
    assert (line.word, line.person, said) == ("Evidenced", "Ann", ("Ann", "waits", LINK))


def test_panel_hides_people_whom_the_reader_does_not_see(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    score(by=cast.alice, pk=deal.pk, values=inline(ann))
    assert not Contact.objects.filter(pk=ann.pk).visible_to(cast.eddie).exists()
    line = next(one for one in qualification(deal, cast.eddie).lines if one.element == Element.CHAMPION)
    assert (line.has_person, line.person, line.shown.said_by) == (True, "", "")


def test_lock_asks_for_the_right_to_qualify(
    cast: Cast, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unwired, anybody who sees the deal scores it."""
    monkeypatch.setattr(qualifying.access, "require", lambda *given: None)
    score(by=cast.rita, pk=deal.pk, values={"element": "pain", "score": 0, "statement": SAID})
    assert Meddicc.objects.count() == 1
