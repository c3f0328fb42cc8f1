"""Reviews by others: one step at a time, and why where it is another way."""

import pytest

from opportunities.actions.review_statuses import create_review, edit_review, set_review
from opportunities.models import DealReviewStatus, Opportunity
from opportunities.queries.plans import plans
from revops.kernel import audit, clocks
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import codes, instant

NOW = instant(2026, 6, 1, 9)


def stand(cast: Cast, deal: Opportunity, *states: str, note: str = "") -> DealReviewStatus:
    for day, state in enumerate(states):
        with clocks.at(instant(2026, 6, 1 + day, 9)):
            values = {"kind": "security", "state": state, "note": note}
            row = set_review(by=cast.alice, pk=deal.pk, values=values)
    return row


def test_review_goes_from_state_to_state_and_says_since_when(cast: Cast, deal: Opportunity) -> None:
    row = stand(cast, deal, "in_review")
    assert (row.state, row.state_since, row.owner_id) == ("in_review", NOW, None)
    with clocks.at(instant(2026, 6, 3, 9)):
        row = set_review(by=cast.alice, pk=deal.pk, values={"kind": "security", "owner": cast.sven.pk})
    assert (row.state, row.state_since, row.owner_id) == ("in_review", NOW, cast.sven.pk)
    row = set_review(
        by=cast.alice, pk=deal.pk, values={"kind": "security", "state": "blocked", "note": "No report"}
    )
    assert (row.note, row.owner_id) == ("No report", cast.sven.pk)
    told = OutboxEvent.objects.filter(type="opportunity.review_changed").order_by("pk")
    assert [(one.payload["before"], one.payload["state"]) for one in told] == [
        ("not_started", "in_review"),
        ("in_review", "in_review"),
        ("in_review", "blocked"),
    ]


@pytest.mark.parametrize(
    ("way", "to", "note", "found"),
    [
        ((), "approved", "", [("OPP-146", "state")]),
        ((), "blocked", "Because", [("OPP-146", "state")]),
        (("in_review",), "blocked", "", [("OPP-147", "note")]),
        (("in_review",), "not_started", "", [("OPP-147", "note")]),
        (("in_review", "approved"), "in_review", "", [("OPP-147", "note")]),
        (("in_review",), "doubtful", "", [("VAL-002", "state")]),
    ],
)
def test_other_ways_are_refused(
    cast: Cast, deal: Opportunity, way: tuple[str, ...], to: str, note: str, found: list[tuple[str, str]]
) -> None:
    if way:
        stand(cast, deal, *way)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        set_review(by=cast.alice, pk=deal.pk, values={"kind": "security", "state": to, "note": note})
    assert codes(refusal) == found


def test_review_goes_back_with_a_note_that_does_not_outlive_its_state(cast: Cast, deal: Opportunity) -> None:
    stand(cast, deal, "in_review")
    row = stand(cast, deal, "blocked", note="They lack the report")
    row = stand(cast, deal, "in_review", note="The report has come")
    assert (row.state, row.note) == ("in_review", "The report has come")
    assert stand(cast, deal, "approved").note == ""


def test_blocked_review_keeps_saying_what_blocks_it(cast: Cast, deal: Opportunity) -> None:
    stand(cast, deal, "in_review")
    row = stand(cast, deal, "blocked", note="They lack the report")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_review(by=cast.alice, pk=row.pk, changes={"note": "", "kind": "legal"})
    assert codes(refusal) == [("OPP-142", "kind"), ("OPP-147", "note")]
    with pytest.raises(audit.Conflict):
        edit_review(by=cast.alice, pk=row.pk, changes={"note": "Other"}, version=1)
    assert edit_review(by=cast.alice, pk=row.pk, changes={"note": "Still"}).note == "Still"


def test_program_creates_what_is_new_and_changes_what_stands(cast: Cast, deal: Opportunity) -> None:
    values = {"opportunity": deal.pk, "kind": "legal", "state": "in_review"}
    first = create_review(by=cast.alice, values=values)
    assert create_review(by=cast.alice, values={**values, "state": "approved"}).pk == first.pk
    assert list(DealReviewStatus.objects.values_list("kind", "state")) == [("legal", "approved")]


@pytest.mark.parametrize(
    ("who", "refusal"), [("rita", access.Forbidden), ("marco", Opportunity.DoesNotExist)]
)
def test_only_who_may_qualify_the_deal_sets_it(
    cast: Cast, deal: Opportunity, who: str, refusal: type[Exception]
) -> None:
    with unchanged(), pytest.raises(refusal):
        set_review(by=cast.people[who], pk=deal.pk, values={"kind": "legal", "state": "in_review"})


def test_panel_shows_every_review(cast: Cast, deal: Opportunity) -> None:
    stand(cast, deal, "in_review")
    shown = [(one.kind, one.word, one.since) for one in plans(deal, cast.alice).reviews]
    assert shown == [
        ("legal", "Not started", None),
        ("security", "In review", NOW),
        ("procurement", "Not started", None),
    ]
