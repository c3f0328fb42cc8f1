"""Next steps: an open deal has exactly one, the obligation and the deal say the same, and each door asks for it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import (
    assign_opportunity,
    close_lost,
    edit_opportunity,
    many,
    reopen,
    set_next_step,
)
from opportunities.actions.next_steps import jobs, keeping, through
from opportunities.models import Opportunity
from opportunities.policies import next_steps as policy
from revops.kernel import audit, clocks
from revops.kernel.audit import changes
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange import reverting
from revops.kernel.exchange.models import ImportRun
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets import actions as tasks
from revops.kernel.packets.models import Obligation
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.policies.enums import Mode
from revops.kernel.records.many import Row
from tests.cast import Cast
from tests.evidence import ledger_faults
from tests.opportunities.conftest import ENDED, codes, lay_lists, make_account, open_deal
from tests.opportunities.files import ACCOUNTS, CONTACTS, DEALS, bring
from tests.opportunities.people import make_contact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 15, tzinfo=UTC)
TODAY = date(2026, 6, 10)
SHOW: dict[str, Any] = {"next_step": "Show the integration", "next_step_on": "2026-06-15"}


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clocks.at(NOW):
        yield


def later(**ahead: int) -> Any:
    return clocks.at(NOW + timedelta(**ahead))


def step_of(deal: Opportunity) -> Obligation:
    """Return the one open next step of a deal, which both sides name."""
    held = Obligation.objects.get(subject_id=deal.pk, kind="next_step", state="open")
    assert Opportunity.objects.get(pk=deal.pk).next_step_task == held
    return held


def ended(deal: Opportunity) -> list[tuple[str, str, str]]:
    rows = Obligation.objects.filter(subject_id=deal.pk, kind="next_step").exclude(state="open")
    return list(rows.order_by("pk").values_list("text", "state", "outcome"))


def unwire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing keep next steps: neither those who write deals nor the hook on every change."""
    monkeypatch.delitem(changes._first, keeping.OWNER)
    monkeypatch.setattr("opportunities.actions.next_steps.begin", lambda deals: None, raising=False)
    monkeypatch.setattr("opportunities.actions.next_steps.place", lambda deals: None, raising=False)


def test_inv_2_3_an_opened_deal_has_what_was_said_or_something_to_agree_on(cast: Cast) -> None:
    said, silent = open_deal(cast, **SHOW), open_deal(cast)
    step, placeholder = step_of(said), step_of(silent)
    assert (step.text, step.due_on, step.owner, step.source_ref) == (
        "Show the integration",
        date(2026, 6, 15),
        cast.alice,
        "",
    )
    assert (placeholder.text, placeholder.due_on, placeholder.source_ref) == (
        "Agree with the buyer on what happens next",
        TODAY + timedelta(days=3),
        "opening",
    )
    assert (silent.next_step, silent.next_step_on, silent.version, said.version) == ("", None, 1, 1)
    assert (step.subject, step.subject_type) == (f"OPP-{said.pk:06d}", "opportunities.opportunity")
    assert (
        OwnershipInterval.objects.get(record_type="packets.obligation", record_id=step.pk).explicit is False
    )
    assert OutboxEvent.objects.filter(subject_type="packets.obligation").count() == 0


def test_other_words_end_the_step_and_another_day_moves_it(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    first = step_of(deal)
    deal = edit_opportunity(by=cast.alice, pk=deal.pk, changes={"next_step_on": "2026-06-18"})
    assert (step_of(deal).pk, step_of(deal).due_on, deal.version) == (first.pk, date(2026, 6, 18), 2)
    deal = edit_opportunity(by=cast.alice, pk=deal.pk, changes={"next_step": "Send the revised offer"})
    assert (step_of(deal).text, step_of(deal).due_on, deal.version) == (
        "Send the revised offer",
        date(2026, 6, 18),
        3,
    )
    assert ended(deal) == [("Show the integration", "cancelled", "Next: Send the revised offer")]
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"next_step": "", "next_step_on": ""})
    assert step_of(deal).source_ref == "opening"


def test_set_next_step_says_what_came_of_the_former_one(cast: Cast) -> None:
    deal = open_deal(cast)
    deal = set_next_step(by=cast.alice, pk=deal.pk, values={**SHOW, "next_step_side": "buyer"})
    assert ended(deal) == [
        ("Agree with the buyer on what happens next", "done", "Next: Show the integration")
    ]
    more = {"next_step": "Meet their architects", "next_step_on": "2026-06-20", "done": "They liked it"}
    with later(days=1):
        deal = set_next_step(by=cast.mona, pk=deal.pk, values={**more, "next_step_kind": "meeting"})
    assert ended(deal)[-1] == ("Show the integration", "done", "They liked it")
    assert (step_of(deal).counterparty_side, deal.next_step_kind) == ("buyer", "meeting")
    with later(days=2):
        same = set_next_step(by=cast.alice, pk=deal.pk, values={**more, "done": "They came, and come again"})
    assert ended(same)[-1] == ("Meet their architects", "done", "They came, and come again")
    done = Obligation.objects.get(outcome="They liked it")
    assert (done.done_by, done.done_at) == (cast.mona, NOW + timedelta(days=1))


def test_every_fault_of_a_next_step_is_told_at_once(cast: Cast) -> None:
    deal = open_deal(cast)
    stranger = make_contact(cast, "Eve", account=make_account(cast, "Other"))
    values = {"next_step": "Call", "next_step_on": "2026-07-26", "next_step_contact": stranger.pk}
    with pytest.raises(audit.Blocked) as refusal:
        set_next_step(by=cast.alice, pk=deal.pk, values=values)
    assert codes(refusal) == [
        ("OPP-111", "next_step"),
        ("OPP-110", "next_step_on"),
        ("OPP-113", "next_step_contact"),
    ]
    assert [one.needed for one in refusal.value.findings][:2] == ["10 characters", "2026-07-25 or earlier"]
    with pytest.raises(audit.Blocked) as refusal:
        set_next_step(by=cast.alice, pk=deal.pk, values={"next_step_on": "2026-06-09"})
    assert sorted(codes(refusal)) == [("OPP-013", "next_step_on"), ("OPP-114", "next_step")]
    with pytest.raises(audit.Blocked) as refusal:
        open_deal(cast, next_step="Call", next_step_on="2026-07-26")
    assert codes(refusal) == [("OPP-111", "next_step"), ("OPP-110", "next_step_on")]
    assert step_of(deal).source_ref == "opening"


def test_horizon_follows_the_segment_and_a_policy_that_only_warns_refuses_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [policy.horizon(one) for one in ("SMB", "MM", "ENT", "STRAT")] == [30, 30, 45, 45]
    far: dict[str, Any] = {"next_step": "Call", "next_step_on": "2026-12-24"}
    shipped = policy.in_force("ENT")
    mild = type(shipped)(shipped.key, 0, shipped.document, shipped.raw, Mode.WARN)
    monkeypatch.setattr(policy, "in_force", lambda segment: mild)
    assert step_of(open_deal(cast, **far)).due_on == date(2026, 12, 24)


def test_from_evaluation_on_a_step_names_a_buyer_and_keeps_them(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    with audit.change(by=cast.rita, action="test.stage"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.description = "Seen"
        audit.write(held)
    body = policy.of("ENT")
    assert [body.needs_contact(stage) for stage in ("discovery", "evaluation", "closed_won")] == [
        False,
        True,
        False,
    ]
    from opportunities.actions.next_steps.checking import check
    from revops.kernel.records.drafting import Draft

    buyer = make_contact(cast, "Ann", account=deal.account)
    held.stage = "evaluation"
    draft = Draft(held, {"next_step": "Send the revised offer"})
    check(draft)
    assert [(one.code, one.remedies[0].label) for one in draft.findings] == [("OPP-112", "Set the next step")]
    held.next_step_contact = buyer
    kept = Draft(held, {"next_step": "Send the revised offer"})
    check(kept)
    assert kept.findings == []
    quiet = Draft(Opportunity.objects.get(pk=deal.pk), {"description": "x"}, derived={"to": "evaluation"})
    check(quiet)
    assert quiet.findings == []


def test_closed_deal_has_no_step_and_an_open_one_again_has_another(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    with later(days=1):
        close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    assert Obligation.objects.filter(kind="next_step", state="open").count() == 0
    assert ended(deal) == [("Show the integration", "cancelled", "Closed lost: Price.")]
    with later(days=20):
        again = reopen(by=cast.alice, pk=deal.pk, reason_code="buyer_returned")
        assert (step_of(deal).source_ref, again.next_step, again.next_step_on) == ("opening", "", None)
    assert ledger_faults() == []


@pytest.mark.control
def test_without_the_keeper_deals_and_obligations_part(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = open_deal(cast, **SHOW)
    unwire(monkeypatch)
    close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    assert Obligation.objects.filter(kind="next_step", state="open").count() == 1
    assert Obligation.objects.filter(subject_id=open_deal(cast).pk).count() == 0


def test_step_follows_the_owner_of_its_deal_unless_somebody_was_named(cast: Cast) -> None:
    deal, named = open_deal(cast, **SHOW), open_deal(cast, **SHOW)
    with later(hours=1):
        tasks.assign_task(by=cast.mona, pk=step_of(named).pk, owner=cast.mona)
    for one in (deal, named):
        with later(hours=2):
            assign_opportunity(by=cast.mona, pk=one.pk, owner=cast.bob, reason="He takes over this account")
    assert (step_of(deal).owner, step_of(named).owner) == (cast.bob, cast.mona)
    told = OutboxEvent.objects.filter(type="obligation.assigned")
    assert [event.payload["owner"] for event in told] == [cast.mona.pk]
    assert ledger_faults() == []


def test_what_is_done_from_the_tasks_goes_through_the_deal(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    step = step_of(deal)
    tasks.reschedule(by=cast.alice, pk=step.pk, due_on=date(2026, 6, 20))
    deal.refresh_from_db()
    assert (deal.next_step_on, step_of(deal).pk) == (date(2026, 6, 20), step.pk)
    changes = {"text": "Show the integration twice", "priority": "high", "due_on": date(2026, 6, 22)}
    held = tasks.edit_task(by=cast.alice, pk=step.pk, changes=changes)
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on) == ("Show the integration twice", date(2026, 6, 22))
    assert (held.pk, held.text, held.priority, held.due_on) == (
        step.pk,
        "Show the integration twice",
        "high",
        date(2026, 6, 22),
    )
    values = {"next_step": "Send the revised offer", "next_step_on": "2026-06-25", "done": "Both were there"}
    gone = through.finish(by=cast.alice, pk=step.pk, values=values)
    assert (gone.state, gone.outcome) == ("done", "Both were there")
    assert step_of(deal).text == "Send the revised offer"
    types = OutboxEvent.objects.filter(subject_type="packets.obligation").values_list("type", flat=True)
    assert sorted(types) == ["task.edited", "task.rescheduled"]


def test_step_is_not_done_given_up_or_put_too_far_off_by_itself(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    pk, silent = step_of(deal).pk, step_of(open_deal(cast)).pk
    deeds: list[tuple[Any, dict[str, Any], str]] = [
        (tasks.complete_task, {"pk": pk, "outcome": "Done"}, "TSK-014"),
        (tasks.cancel_task, {"pk": pk, "reason": "No more"}, "TSK-014"),
        (tasks.reopen_task, {"pk": pk}, "TSK-014"),
        (tasks.reschedule, {"pk": pk, "due_on": date(2026, 9, 1)}, "OPP-110"),
        (tasks.reschedule, {"pk": silent, "due_on": date(2026, 6, 20)}, "TSK-014"),
        (tasks.edit_task, {"pk": pk, "changes": {"text": "Call"}}, "OPP-111"),
        (tasks.edit_task, {"pk": pk, "changes": {"due_at": NOW + timedelta(days=2)}}, "TSK-015"),
    ]
    for deed, given, code in deeds:
        with pytest.raises(audit.Blocked) as refusal:
            deed(by=cast.alice, **given)
        assert [one.code for one in refusal.value.findings] == [code], given
        with pytest.raises(Obligation.DoesNotExist):
            deed(by=cast.charlie, **given)
    assert (step_of(deal).pk, step_of(deal).version) == (pk, 1)


def test_inv_2_3_an_overdue_step_stands_against_what_is_forecast_until_one_is_said(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    with later(days=6):
        for changes in ({"amount": "60000"}, {"close_date": "2027-08-14"}):
            with pytest.raises(audit.Blocked) as refusal:
                edit_opportunity(by=cast.alice, pk=deal.pk, changes=changes)
            assert codes(refusal) == [("OPP-014", "next_step_on")]
            assert refusal.value.findings[0].remedies[0].url.endswith("/do/set_next_step/")
        with audit.change(by=cast.alice, action="test.bulk"):
            rows = [Row(held, {"amount": "1"}) for held in lock_many(Opportunity.objects.all())]
            many._weigh(rows, cast.alice, "")
        assert [[one.code for one in row.findings] for row in rows] == [["OPP-014"]]
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"description": "Nothing of the forecast"})
        said = {"next_step": "Send the revised offer", "next_step_on": "2026-06-20"}
        deal = edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "60000", **said})
    assert step_of(deal).text == "Send the revised offer"


def test_import_brings_steps_as_they_stand_and_its_revert_leaves_none(cast: Cast, tmp_path: Path) -> None:
    lay_lists()
    steps = iter(("NextStep", "Old", "Ask the buyer for the day of signature", "", "", ""))
    deals = "".join(f"{line},{next(steps)}\n" for line in DEALS.splitlines())
    for kind, content in (("account", ACCOUNTS), ("contact", CONTACTS), ("opportunity", deals)):
        bring(tmp_path, cast.rita, kind, content)
    open_ones = Opportunity.objects.filter(closed_at__isnull=True).order_by("pk")
    assert [step_of(deal).text for deal in open_ones] == [
        "Ask the buyer for the day of signature",
        "Agree with the buyer on what happens next",
    ]
    assert Obligation.objects.count() == 2
    changed = deals.replace("Ask the buyer for the day of signature", "Walk through the contract")
    bring(tmp_path, cast.rita, "opportunity", changed)
    assert step_of(open_ones[0]).text == "Walk through the contract"
    for many_left in (2, 0):
        run = ImportRun.objects.filter(record_type="opportunities.opportunity").exclude(state="reverted")
        reverting.run(run.latest("pk"), cast.rita)
        assert Obligation.objects.filter(state="open").count() == many_left
        if many_left:
            assert step_of(open_ones[0]).text == "Ask the buyer for the day of signature"
    assert (Obligation.objects.count(), Opportunity.objects.count(), ledger_faults()) == (0, 0, [])


def test_deals_of_before_get_their_step_at_night_in_a_constant_number_of_statements(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        unwire(patch)
        deals = [open_deal(cast, **(SHOW if number else {})) for number in range(5)]
    assert Obligation.objects.count() == 0
    counts = []
    for some in (deals[:1], deals[1:4]):
        with CaptureQueriesContext(connection) as queries:
            jobs.place([deal.pk for deal in some])
        counts.append(len(queries))
    assert counts[0] == counts[1]
    touched = edit_opportunity(by=cast.alice, pk=deals[4].pk, changes={"description": "Touched"})
    assert (step_of(touched).text, touched.version) == ("Show the integration", 2)
    assert jobs.give() == "0 deals were given a next step"
    assert Obligation.objects.filter(state="open").count() == 5


def test_owner_and_then_manager_hear_of_an_overdue_step_once(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    with clocks.at(NOW.replace(day=1)):
        open_deal(cast, next_step="Imported long ago", next_step_on="2026-06-01")
    Obligation.objects.get(text="Imported long ago")
    told = []
    for day in (15, 16, 17, 18, 19, 19):
        with clocks.at(NOW.replace(day=day)):
            jobs.overdue(clocks.now())
        notes = Notification.objects.filter(kind=jobs.KIND, subject_id=deal.pk).order_by("pk")
        told.append([note.recipient.name for note in notes])
    assert told == [[], ["Alice"], ["Alice"], ["Alice", "Mona"], ["Alice", "Mona"], ["Alice", "Mona"]]
    events = OutboxEvent.objects.filter(type=jobs.KIND, subject_id=step_of(deal).pk).order_by("pk")
    assert [(one.payload["level"], one.payload["days"]) for one in events] == [("owner", 1), ("manager", 3)]
    with clocks.at(NOW.replace(day=19)):
        set_next_step(by=cast.alice, pk=deal.pk, values={**SHOW, "next_step_on": "2026-06-20"})
        assert step_of(deal).overdue_told == 0


def test_changes_without_deals_cost_nothing(cast: Cast) -> None:
    deal = open_deal(cast, **SHOW)
    with (
        audit.change(by=cast.rita, action="test.nothing") as change,
        CaptureQueriesContext(connection) as queries,
    ):
        keeping.keep(change)
    assert len(queries) == 0
    with audit.change(by=cast.rita, action="test.deal") as change:
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.description = "Seen"
        audit.write(held)
        with CaptureQueriesContext(connection) as queries:
            keeping.keep(change)
    assert len(queries) == 0
