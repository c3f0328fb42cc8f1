from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from opportunities.actions import edit_opportunity
from opportunities.actions.closing import close_lost
from opportunities.actions.reviewing import agree, edit_review, freeze, hold
from opportunities.actions.reviewing.downloading import download
from opportunities.actions.reviewing.freezing import is_whole
from opportunities.models import PipelineReview, PipelineRun
from opportunities.queries.pipeline import showing
from opportunities.weeks import week_of
from revops.kernel import audit, clocks
from revops.kernel.exchange.defusing import defused
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from tests.cast import Cast
from tests.opportunities.conftest import ENDED, codes, make_account, open_deal

WEEK = timedelta(days=7)


def review_of(cast: Cast, team: str = "East") -> PipelineReview:
    return PipelineReview.objects.filter(reviewed_team=cast.teams[team]).latest("week")


def changes(run: PipelineRun) -> dict[int, tuple[str, dict[str, str]]]:
    return {row["id"]: (row["change"], row["before"]) for row in run.rows}


def test_freezing_keeps_each_teams_open_deals_once_a_week(cast: Cast) -> None:
    east = open_deal(cast)
    west = open_deal(cast, by="charlie", account=make_account(cast, "Western", owner="charlie"))
    now = clocks.now()
    assert str(freeze(now)) == "2 pipelines frozen, 0 were frozen already"
    assert str(freeze(now + timedelta(minutes=1))) == "0 pipelines frozen, 2 were frozen already"
    runs = {run.team_id: [row["id"] for row in run.rows] for run in PipelineRun.objects.all()}
    assert runs == {cast.teams["East"].pk: [east.pk], cast.teams["West"].pk: [west.pk]}
    held = review_of(cast)
    assert (held.week, held.owner, is_whole(held.run)) == (week_of(now), cast.mona, True)


def test_the_week_after_says_what_changed_came_and_went(cast: Cast) -> None:
    same, moved, lost = open_deal(cast), open_deal(cast), open_deal(cast)
    now = clocks.now()
    freeze(now)
    edit_opportunity(by=cast.alice, pk=moved.pk, changes={"amount": "75000.50"})
    close_lost(by=cast.alice, pk=lost.pk, reason_code="price", **ENDED)
    new = open_deal(cast)
    freeze(now + WEEK)
    run = PipelineRun.objects.select_related("previous").latest("week")
    assert changes(run) == {
        same.pk: ("same", {}),
        moved.pk: ("changed", {"amount": "50000"}),
        new.pk: ("new", {}),
        lost.pk: ("gone", {}),
    }
    assert (run.row_count, run.previous.week, run.rows[-1]["flags"]) == (3, week_of(now), ["closed lost"])
    freeze(now + 2 * WEEK)
    assert lost.pk not in changes(PipelineRun.objects.latest("week"))


def test_flags_say_what_is_wrong_with_a_deal_by_then(cast: Cast) -> None:
    deal = open_deal(cast, close_date=(clocks.now().date() + timedelta(days=10)).isoformat())
    freeze(clocks.now() + timedelta(days=40))
    (row,) = PipelineRun.objects.get().rows
    assert (row["id"], row["flags"][0], "past its close date" in row["flags"], row["risk"]) == (
        deal.pk,
        "idle > 30 days",
        True,
        "none logged",
    )


def test_inv_a_frozen_pipeline_is_refused_every_change_by_the_database(cast: Cast) -> None:
    open_deal(cast)
    freeze(clocks.now())
    run = PipelineRun.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE opportunities_pipelinerun SET row_count = 0")
    assert PipelineRun.objects.get().row_count == 1
    run.rows[0]["amount"] = "1"
    assert is_whole(run) is False


def test_a_reader_gets_the_rows_of_deals_that_they_see(cast: Cast) -> None:
    mine, moved = open_deal(cast), open_deal(cast, by="bob")
    freeze(clocks.now())
    review = review_of(cast)
    with audit.change(by=cast.rita, action="test.move"):
        held: Any = audit.lock(type(moved).objects.all(), pk=moved.pk)
        ownership.assign(
            held, to=ownership.holder(owner=cast.charlie), reason=AssignReason.MANUAL, note="Test"
        )
        audit.write(held)
    seen = {}
    for who in ("alice", "mona", "rita"):
        table = showing.table(review, cast.people[who])
        assert table is not None
        seen[who] = ([line.pk for line in table.lines], table.hidden)
    assert seen["rita"] == ([mine.pk, moved.pk], 0)
    assert seen["alice"] == ([mine.pk], 1)
    assert review not in PipelineReview.objects.visible_to(cast.charlie)
    assert review in PipelineReview.objects.visible_to(cast.dora)


def test_the_file_is_the_same_each_time_names_its_run_and_is_logged(cast: Cast) -> None:
    deal = open_deal(cast)
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"competitor": "=1+1"})
    freeze(clocks.now())
    review = review_of(cast)
    first, again = download(by=cast.mona, pk=review.pk), download(by=cast.mona, pk=review.pk)
    headings, row = first.rows
    assert first == again
    told = dict(zip(headings, row, strict=True))
    assert (told["Run"], told["Checksum"], told["Amount"]) == (
        f"PLR-{review.run_id:06d}",
        review.run.checksum,
        "50000",
    )
    assert [(one.requested_by, one.rows) for one in DataExport.objects.all()] == [(cast.mona, 1)] * 2
    assert defused("=1+1") != "=1+1"
    with pytest.raises(access.Forbidden):
        download(by=cast.otto, pk=review.pk)
    with pytest.raises(PipelineReview.DoesNotExist):
        download(by=cast.charlie, pk=review.pk)


def test_a_file_beyond_what_needs_no_approval_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    open_deal(cast)
    freeze(clocks.now())
    monkeypatch.setattr("opportunities.actions.reviewing.downloading.APPROVAL_ROWS", 0)
    with pytest.raises(audit.Blocked) as refusal:
        download(by=cast.mona, pk=review_of(cast).pk)
    assert codes(refusal) == [("PIP-005", "")]


def test_a_review_is_held_once_and_its_actions_are_obligations(cast: Cast) -> None:
    open_deal(cast)
    freeze(clocks.now())
    review = review_of(cast)
    held = hold(by=cast.mona, pk=review.pk, attendees=[cast.alice.pk, cast.bob.pk], notes="Went through all")
    assert (held.attendees, held.held_at is not None) == ([cast.alice.pk, cast.bob.pk], True)
    with pytest.raises(audit.Blocked) as refusal:
        hold(by=cast.mona, pk=review.pk, attendees=[0], notes="")
    assert codes(refusal) == [("PIP-002", "attendees"), ("PIP-001", "held_at")]
    agree(
        by=cast.mona, pk=review.pk, text="Get the budget owner in", owner=cast.bob.pk, due_on=date(2027, 1, 8)
    )
    (action,) = Obligation.objects.filter(subject_type="opportunities.pipelinereview")
    assert (action.kind, action.owner, action.source_ref) == (
        "decision_action",
        cast.bob,
        f"PRV-{review.pk:06d}",
    )
    edit_review(by=cast.mona, pk=review.pk, changes={"notes": "And what follows"})
    with pytest.raises(access.Forbidden):
        hold(by=cast.alice, pk=review.pk, attendees=[cast.alice.pk], notes="")


def test_freezing_costs_the_same_for_one_deal_and_three(cast: Cast, settled_organisation: None) -> None:
    open_deal(cast)
    now = clocks.now()
    freeze(now)
    counted = []
    for weeks in (1, 2):
        with CaptureQueriesContext(connection) as caught:
            freeze(now + weeks * WEEK)
        counted.append(len(caught))
        for _ in range(2):
            open_deal(cast)
    assert counted[0] == counted[1]
