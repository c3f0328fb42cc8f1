"""Bulk changes: what is asked for is frozen, what one record refuses a thousand refuse, and the way back."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import edit_lead
from accounts.models import Lead
from revops.kernel import audit
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.exchange.bulk import asking, chunks, deeds, marking, previewing, reporting, working
from revops.kernel.exchange.bulk.models import BulkItem, BulkRun
from revops.kernel.exchange.claims import Superseded
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people import actions as people
from tests.cast import Cast
from tests.kernel.exchange.bulk_runs import WHY, ask, counts, do, finish, leads, outcomes, undo

pytestmark = pytest.mark.django_db

# Each deed with its values, and a field that it changes in every lead of Alice's.
DEEDS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("edit", {"company": "Orchard Ltd"}, "company", "Orchard Ltd"),
    ("edit", {"email": "ann@orchard.example"}, "email", "ann@orchard.example"),
    ("accept", {}, "status", "accepted"),
    ("disqualify", {"disposition": "not_icp"}, "status", "disqualified"),
]


def test_edit_of_many_is_written_as_an_edit_of_each(cast: Cast) -> None:
    made = leads(cast.alice, 3)
    run = do(cast.alice, [one.pk for one in made], {"company": "Orchard Ltd"})
    assert (run.state, counts(run), run.finished_at is not None) == ("done", (3, 0, 0, 0), True)
    event = ChangeEvent.objects.get(source="bulk")
    assert (event.action, event.reason, event.actor, event.request_id) == (
        "lead.edit",
        WHY,
        cast.alice,
        f"bulk:{run.pk}",
    )
    assert {(row.record_id, row.row_version) for row in event.rows.filter(record_type="accounts.lead")} == {
        (one.pk, 2) for one in made
    }
    assert list(Lead.history.filter(version=2).values_list("company", flat=True)) == ["Orchard Ltd"] * 3
    told = OutboxEvent.objects.filter(type="lead.edited").values_list("subject_id", "payload")
    assert dict(told) == {one.pk: {"fields": ["company"], "by": cast.alice.pk} for one in made}
    assert list(Lead.objects.values_list("company_key", flat=True)) == ["orchard ltd"] * 3
    told_of = Notification.objects.get(kind="bulk.done")
    assert (told_of.recipient, told_of.url) == (cast.alice, f"/bulk/{run.pk}/")


@pytest.mark.parametrize(("deed", "values", "field", "value"), DEEDS)
def test_mixed_list_touches_nothing_out_of_reach(
    cast: Cast, deed: str, values: dict[str, Any], field: str, value: Any
) -> None:
    """A13: in reach, out of sight, missing, named twice, no id at all; and one that is seen but may not be changed."""
    mine, foreign = leads(cast.alice, 2), leads(cast.charlie, 2)
    of_team = leads(cast.bob, 1)
    missing = max(one.pk for one in of_team) + 1_000
    named = [mine[0].pk, foreign[0].pk, missing, str(mine[0].pk), "Farmers", of_team[0].pk, foreign[1].pk]
    run = do(cast.alice, named, values, deed=deed)
    unseen = ("denied", ["BLK-010"])
    assert outcomes(run) == {
        mine[0].pk: ("changed", []),
        foreign[0].pk: unseen,
        missing: unseen,
        "Farmers": unseen,
        of_team[0].pk: ("denied", ["BLK-011"]),
        foreign[1].pk: unseen,
    }
    assert (run.total, run.repeated, counts(run)) == (6, 1, (1, 0, 0, 5))
    assert set(Lead.objects.filter(**{field: value}).values_list("pk", flat=True)) == {mine[0].pk}
    assert set(Lead.objects.filter(version__gt=1).values_list("pk", flat=True)) == {mine[0].pk}


def test_whole_list_is_frozen_as_it_was_asked_for(cast: Cast) -> None:
    made = leads(cast.alice, 3)
    leads(cast.charlie, 1)
    run = asking.request_bulk(
        by=cast.alice,
        record_type="leads",
        deed="edit",
        values={"city": "Ghent"},
        parameters={"company": "Farmers Coop", "sort": "-name", "after": "x"},
    )
    late = leads(cast.alice, 1)
    finish(run)
    assert counts(run) == (3, 0, 0, 0)
    assert list(Lead.objects.filter(city="Ghent").order_by("pk")) == made
    assert late[0].pk not in run.items.values_list("record_id", flat=True)


def test_more_than_the_most_is_refused_with_the_number(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST", 2)
    made = leads(cast.alice, 3)
    for chosen in ({"ids": [one.pk for one in made]}, {"parameters": {}}):
        with pytest.raises(audit.Blocked) as refusal:
            asking.request_bulk(
                by=cast.alice, record_type="leads", deed="edit", values={"city": "Ghent"}, **chosen
            )
        assert [(one.code, one.found) for one in refusal.value.findings] == [("BLK-002", "3")]
    assert BulkRun.objects.count() == 0


def test_everything_wrong_with_a_request_is_told_at_once(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        ask(cast.alice, [], {"employees": "many", "colour": "red"}, reason="x" * 501)
    codes = [finding.code for finding in refusal.value.findings]
    assert codes == ["BLK-006", "VAL-002", "VAL-001", "BLK-003"]


def test_request_needs_a_right_that_exists(cast: Cast) -> None:
    made = leads(cast.alice, 1)
    with pytest.raises(access.Forbidden):
        ask(cast.alice, [made[0].pk], {"intent_score": "5"})
    with pytest.raises(access.Forbidden):
        ask(cast.otto, [made[0].pk], {"company": "Orchard"})
    with pytest.raises(LookupError):
        ask(cast.alice, [made[0].pk], {}, deed="convert")
    assert BulkRun.objects.count() == 0


def test_every_record_that_refuses_says_why(cast: Cast) -> None:
    made = leads(cast.alice, 2) + leads(cast.alice, 1, country="DE")
    edit_lead(by=cast.alice, pk=made[0].pk, changes={"company": "Orchard Ltd"})
    run = do(cast.alice, [one.pk for one in made], {"company": "Orchard Ltd", "industry": "other"})
    assert outcomes(run) == {one.pk: ("refused", ["LEA-006"]) for one in made}
    assert run.items.first().findings[0]["field"] == "industry_note"


def test_preview_says_what_the_work_will_find_and_writes_nothing(cast: Cast) -> None:
    made = leads(cast.alice, 2) + leads(cast.bob, 1)
    edit_lead(by=cast.alice, pk=made[0].pk, changes={"city": "Ghent"})
    run = ask(cast.alice, [*(one.pk for one in made), "x"], {"city": "Ghent"})
    before = ChangedRow.objects.count()
    seen = previewing.preview(run, cast.alice)
    assert dict(seen.counts) == {"changed": 1, "unchanged": 1, "denied": 2}
    assert [(line.field.name, line.before, line.after) for line in seen.examples[0].lines] == [
        ("city", "", "Ghent")
    ]
    assert (seen.is_whole, ChangedRow.objects.count(), run.items.filter(outcome="waiting").count()) == (
        True,
        before,
        3,
    )
    finish(run)
    assert counts(run) == (1, 1, 0, 2)


def test_right_that_is_lost_before_the_work_denies_it(cast: Cast) -> None:
    """A17: the work asks for the rights of the moment at which it is done."""
    made = leads(cast.alice, 2)
    run = ask(cast.mona, [one.pk for one in made], {"city": "Ghent"})
    started = working.start(by=cast.mona, pk=run.pk)
    people.revoke_role(by=cast.ada, user=cast.mona, role="SALES_MGR")
    working.work(run.pk, str(started.token))
    run.refresh_from_db()
    assert (run.state, run.trouble[0]["code"], counts(run)) == ("denied", "BLK-013", (0, 0, 0, 0))
    assert set(Lead.objects.values_list("version", flat=True)) == {1}
    assert Notification.objects.get(kind="bulk.denied").recipient == cast.mona


def test_undo_brings_back_what_nobody_wrote_since(cast: Cast) -> None:
    """D24: former values return, what was edited meanwhile stays and is told, and both stay in the history."""
    made = leads(cast.alice, 3)
    edit_lead(by=cast.alice, pk=made[1].pk, changes={"city": "Mons"})
    run = do(cast.alice, [one.pk for one in made], {"city": "Ghent", "region": "East"})
    edit_lead(by=cast.alice, pk=made[2].pk, changes={"city": "Bruges"})
    back = undo(cast.alice, run)
    assert list(Lead.objects.order_by("pk").values_list("city", "region")) == [
        ("", ""),
        ("Mons", ""),
        ("Bruges", "East"),
    ]
    assert outcomes(back)[made[2].pk] == ("refused", ["BLK-020"])
    assert f"by {cast.alice.name} on " in back.items.get(record_id=made[2].pk).findings[0]["message"]
    assert counts(back) == (2, 0, 1, 0)
    assert list(Lead.history.filter(id=made[0].pk).order_by("version").values_list("city", flat=True)) == [
        "",
        "Ghent",
        "",
    ]
    with pytest.raises(audit.Blocked) as refusal:
        asking.request_undo(by=cast.alice, pk=run.pk)
    assert [finding.code for finding in refusal.value.findings] == ["BLK-008"]
    assert undo(cast.alice, back).changed == 2
    assert list(Lead.objects.order_by("pk").values_list("city", flat=True)) == ["Ghent", "Ghent", "Bruges"]


def test_undo_gives_records_back_to_their_former_holders(cast: Cast) -> None:
    made = leads(cast.alice, 1) + leads(cast.bob, 1)
    run = do(cast.mona, [one.pk for one in made], {"owner": str(cast.sam.pk)}, deed="reassign")
    assert (counts(run), set(Lead.objects.values_list("owner", flat=True))) == ((2, 0, 0, 0), {cast.sam.pk})
    undo(cast.mona, run)
    assert list(Lead.objects.order_by("pk").values_list("owner", flat=True)) == [cast.alice.pk, cast.bob.pk]


def test_deed_without_a_way_back_says_so(cast: Cast) -> None:
    run = do(cast.alice, [leads(cast.alice, 1)[0].pk], {}, deed="accept")
    with pytest.raises(audit.Blocked) as refusal:
        asking.request_undo(by=cast.alice, pk=run.pk)
    assert [finding.code for finding in refusal.value.findings] == ["BLK-009"]


def test_nobody_else_sees_or_starts_a_run(cast: Cast) -> None:
    run = ask(cast.alice, [leads(cast.alice, 1)[0].pk], {"city": "Ghent"})
    with pytest.raises(BulkRun.DoesNotExist):
        working.start(by=cast.bob, pk=run.pk)
    with pytest.raises(access.Forbidden):
        working.start(by=cast.rita, pk=run.pk)
    finish(run)
    with pytest.raises(audit.Blocked):
        working.start(by=cast.alice, pk=run.pk)
    assert asking.visible(cast.rita).get().pk == run.pk


@pytest.mark.parametrize("deed", ["edit", "accept"])
def test_worker_that_was_given_up_writes_nothing(cast: Cast, deed: str) -> None:
    made = leads(cast.alice, 2)
    run = ask(cast.alice, [one.pk for one in made], {"city": "Ghent"} if deed == "edit" else {}, deed=deed)
    started = working.start(by=cast.alice, pk=run.pk)
    lost = chunks.Worker(run, started.token, deeds.find(run.record_type, run.deed), cast.alice)
    BulkRun.objects.filter(pk=run.pk).update(token="00000000-0000-0000-0000-000000000001")
    with pytest.raises(Superseded):
        lost.take()
    assert set(Lead.objects.values_list("version", flat=True)) == {1}
    assert BulkItem.objects.filter(outcome="waiting").count() == 2


@pytest.mark.control
def test_given_up_worker_writes_without_the_fence(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    made = leads(cast.alice, 1)
    run = ask(cast.alice, [made[0].pk], {"city": "Ghent"})
    started = working.start(by=cast.alice, pk=run.pk)
    lost = chunks.Worker(run, started.token, deeds.find(run.record_type, run.deed), cast.alice)
    BulkRun.objects.filter(pk=run.pk).update(token="00000000-0000-0000-0000-000000000001")
    monkeypatch.setattr(marking, "hold", lambda run, token: None)
    monkeypatch.setattr(marking, "advance", lambda run, token, counts: None)
    lost.take()
    assert Lead.objects.get().city == "Ghent"


@pytest.mark.parametrize(
    ("deed", "values", "statements"),
    [("edit", {"city": "Ghent", "campaign": ""}, 45), ("reassign", {"owner": "sam"}, 55)],
)
def test_chunk_takes_as_many_statements_for_one_as_for_three(
    cast: Cast, deed: str, values: dict[str, Any], statements: int
) -> None:
    given = {name: str(cast.sam.pk) if text == "sam" else text for name, text in values.items()}
    taken = []
    for count in (1, 3):
        run = ask(cast.mona, [one.pk for one in leads(cast.alice, count)], given, deed=deed)
        with CaptureQueriesContext(connection) as caught:
            finish(run)
        assert counts(run) == (count, 0, 0, 0)
        taken.append(len(caught))
    assert taken == [statements, statements]


def test_refused_records_come_as_a_file_that_is_safe(cast: Cast) -> None:
    made = leads(cast.alice, 1, last_name="=1+1")
    run = do(cast.alice, [made[0].pk, "=cmd"], {"industry": "other"})
    lines = "".join(reporting.refused_file(run, cast.alice)).splitlines()
    assert lines[0].lstrip("\ufeff") == "Id,Name,Outcome,Code,Field,Reason,Found,Needed"
    assert [line.split(",")[:4] for line in lines[1:]] == [
        [str(made[0].pk), "·=1+1", "Refused", "LEA-006"],
        ["·=cmd", "", "Denied", "BLK-010"],
    ]
