"""A clock's life: started, signalled, paused, stopped, corrected, reopened; what it keeps and what it tells."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.actions import edit_account
from accounts.enums import Segment
from revops.kernel import audit, clocks, sla
from revops.kernel.clocks import calendars
from revops.kernel.policies import store
from revops.kernel.policies.models import Policy, PolicyVersion
from revops.kernel.sla import reading
from revops.kernel.sla.models import SlaClock, SlaEvent, SlaSegment, SlaSignal
from tests.kernel.sla.conftest import MONDAY, REPLY, World, at


def spans(clock: SlaClock) -> list[tuple[str, object, object, int]]:
    clock.refresh_from_db()
    return [(one.kind, one.since, one.until, one.seconds) for one in reading.segments(clock)]


def test_start_keeps_version_terms_target_and_holder(world: World) -> None:
    clock = world.start()
    assert (clock.policy_ref, clock.terms["stop_on"], clock.target_s) == (
        f"{REPLY}@0",
        ["account.answered"],
        3_600,
    )
    assert (clock.state, clock.due_at, clock.next_at) == ("running", at(10), at(9, 30))
    assert (clock.owner, clock.team_id, clock.subject) == (
        world.cast.alice,
        world.account.team_id,
        f"ACC-{world.account.pk:06d}",
    )
    assert spans(clock) == [("run", MONDAY, None, 0)]
    assert world.told() == [("sla.started", "running")]


def test_start_outside_a_change_is_a_mistake(world: World) -> None:
    with pytest.raises(TypeError):
        sla.start(REPLY, world.account)


def test_start_of_a_running_clock_lets_it_run(world: World) -> None:
    first = world.start()
    assert world.start(when=at(9, 20)).pk == first.pk
    assert SlaSignal.objects.count() == 1


def test_target_follows_the_facts_and_unknown_ones_match_nothing(world: World) -> None:
    assert world.start(facts={"account.segment": Segment.ENT}).target_s == 1_800
    world.signal("account.answered", at(9, 1))
    assert world.start(when=at(9, 2), facts={}).target_s == 3_600


def test_target_reads_the_record_where_no_facts_are_given(world: World) -> None:
    with clocks.at(MONDAY), audit.change(by=world.cast.rita, action="test.edit"):
        account = audit.lock(type(world.account).objects.all(), pk=world.account.pk)
        account.segment = Segment.ENT
        audit.write(account)
    world.account.refresh_from_db()
    assert world.start().target_s == 1_800


def test_pause_and_resume_move_the_due_time(world: World) -> None:
    clock = world.start()
    world.signal("account.waits", at(9, 10))
    clock.refresh_from_db()
    assert (clock.state, clock.due_at, clock.next_at) == ("paused", None, None)
    assert sla.status(clock, at(12)).remaining == 3_000
    world.signal("account.back", at(10))
    assert spans(clock) == [
        ("run", MONDAY, at(9, 10), 600),
        ("pause", at(9, 10), at(10), 0),
        ("run", at(10), None, 0),
    ]
    assert clock.due_at == at(10, 50)


@pytest.mark.parametrize(("second", "state"), [(0, "met"), (1, "breached")])
def test_stop_exactly_at_the_target_is_met(world: World, second: int, state: str) -> None:
    clock = world.start()
    world.signal("account.answered", at(10, second=second))
    clock.refresh_from_db()
    assert (clock.state, clock.stopped_at, clock.used_s) == (state, at(10, second=second), 3_600 + second)
    assert clock.breached_at == (at(10) if second else None)
    assert world.told()[1:] == [(f"sla.{state}", state)]


def test_evidence_that_does_not_qualify_stops_nothing_and_is_kept(world: World) -> None:
    clock = world.start()
    world.signal("account.answered", at(9, 5), evidence={"by": "robot"})
    clock.refresh_from_db()
    assert (clock.state, clock.stopped_at) == ("running", None)
    assert list(SlaSignal.objects.filter(clock=clock, kind="stop").values_list("counts", "evidence")) == [
        (False, {"by": "robot"})
    ]
    world.signal("account.answered", at(9, 6), evidence={"by": "alice"})
    clock.refresh_from_db()
    assert clock.state == "met"


@pytest.mark.parametrize("event", ["account.edited", "account.assigned"])
def test_other_events_move_no_clock(world: World, event: str) -> None:
    world.start()
    assert world.signal(event, at(9, 5)) == []


def test_event_starts_the_clocks_that_name_it(world: World) -> None:
    (clock,) = world.signal("account.asked", MONDAY)
    assert (clock.policy_key, clock.state, clock.started_at) == (REPLY, "running", MONDAY)
    assert world.signal("account.asked", at(9, 5)) == []


def test_cancelled_clock_says_when_and_starts_anew_as_another_cycle(world: World) -> None:
    clock = world.start()
    with clocks.at(at(9, 30)), audit.change(by=world.cast.alice, action="test.cancel"):
        sla.cancel(world.account, REPLY)
    clock.refresh_from_db()
    assert (clock.state, clock.stopped_at, clock.next_at) == ("cancelled", at(9, 30), None)
    again = world.start(when=at(11))
    assert (again.cycle, again.started_at) == (2, at(11))


def test_clock_that_counts_on_keeps_what_it_used(world: World) -> None:
    clock = world.start("tests.day")
    world.signal("account.done", at(15))
    again = world.start("tests.day", when=at(9, day=11))
    assert (again.pk, again.state, again.used_s) == (clock.pk, "running", 6 * 3_600)
    assert again.due_at == at(9, day=11) + timedelta(hours=18)


def test_late_evidence_takes_a_breach_back(world: World) -> None:
    clock = world.start()
    sla.poll(at(12))
    clock.refresh_from_db()
    assert (clock.state, clock.breached_at) == ("breached", at(10))
    world.signal("account.answered", at(9, 40), known=at(15))
    clock.refresh_from_db()
    assert (clock.state, clock.breached_at, clock.stopped_at) == ("met", None, at(9, 40))
    assert world.told()[-2:] == [("sla.met", "met"), ("sla.corrected", "met")]
    assert spans(clock) == [("run", MONDAY, at(9, 40), 2_400)]


def test_late_pause_of_a_clock_that_is_over_takes_its_breach_back(world: World) -> None:
    clock = world.start()
    world.signal("account.answered", at(10, 30))
    world.signal("account.waits", at(9, 10), known=at(16))
    world.signal("account.back", at(9, 50), known=at(16, 1))
    clock.refresh_from_db()
    assert (clock.state, clock.used_s, clock.generation) == ("met", 50 * 60, 3)
    assert spans(clock) == [
        ("run", MONDAY, at(9, 10), 600),
        ("pause", at(9, 10), at(9, 50), 0),
        ("run", at(9, 50), at(10, 30), 2_400),
    ]
    assert SlaSegment.objects.filter(clock=clock, generation__lt=F("clock__generation")).count() == 3


def test_late_stop_that_becomes_too_late_by_another_is_a_breach(world: World) -> None:
    """A pause is taken back by a resume that was known late: what was met is breached after all."""
    clock = world.start()
    world.signal("account.waits", at(9, 10))
    world.signal("account.answered", at(11))
    clock.refresh_from_db()
    assert clock.state == "met"
    world.signal("account.back", at(9, 20), known=at(12))
    clock.refresh_from_db()
    assert (clock.state, clock.breached_at) == ("breached", at(10, 10))
    assert world.told()[-2:] == [("sla.breached", "breached"), ("sla.corrected", "breached")]


def test_what_has_not_happened_yet_is_refused(world: World) -> None:
    world.start()
    with pytest.raises(audit.Blocked) as refusal:
        world.signal("account.answered", at(9, 30), known=at(9, 20))
    assert [one.code for one in refusal.value.findings] == ["SLA-001"]


def test_signal_belongs_to_the_cycle_that_ran_then(world: World) -> None:
    first = world.start()
    world.signal("account.answered", at(10, 30))
    second = world.start(when=at(13))
    world.signal("account.answered", at(9, 50), known=at(13, 10))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.stopped_at, second.state) == ("met", at(9, 50), "running")


def test_new_calendar_counts_from_its_date_on_and_never_for_what_was_measured(world: World) -> None:
    calendars.revise(
        key="default", tz="America/New_York", weekly={str(day): [[540, 1020]] for day in range(5)},
        effective_from=MONDAY - timedelta(days=9),
    )  # fmt: skip
    clock = world.start(when=at(16, 30))  # due on Tuesday at 9:30
    assert clock.due_at == at(9, 30, day=10)
    calendars.revise(
        key="default", weekly={str(day): [[480, 1020]] for day in range(5)}, effective_from=at(0, day=10)
    )
    assert str(sla.poll(at(18))) == "0 clocks past a threshold, 1 counted anew"
    clock.refresh_from_db()
    assert (clock.due_at, clock.calendar_version) == (at(8, 30, day=10), 2)
    world.signal("account.answered", at(8, 20, day=10))
    assert [(one.until, one.calendar_ref, one.seconds) for one in reading.segments(clock)] == [
        (at(0, day=10), "default@1", 1_800),
        (at(8, 20, day=10), "default@2", 1_200),
    ]
    assert str(sla.poll(at(9, day=10))) == "0 clocks past a threshold, 0 counted anew"


def test_new_version_of_a_policy_leaves_running_clocks_alone(world: World) -> None:
    from revops.kernel.policies import actions

    clock = world.start()
    body = {**clock.terms, "target": sla.length(5, "minutes"), "targets": [], "stop_on": ["account.closed"]}
    with clocks.at(at(9, 10)):
        draft = actions.draft_version(by=world.cast.rita, key=REPLY, body=body, source_note="Faster")
        actions.activate_version(by=world.cast.rita, pk=draft.pk)
    store.forget()
    world.signal("account.closed", at(9, 20))
    clock.refresh_from_db()
    assert (clock.state, clock.target_s) == ("running", 3_600)
    world.signal("account.answered", at(9, 30))
    again = world.start(when=at(9, 40))
    assert (again.policy_version_id, again.target_s) == (draft.pk, 300)


def test_terms_that_cannot_be_read_give_way_to_the_shipped_ones(world: World) -> None:
    from revops.kernel.guard import permit

    with permit():
        stamp = {"version": 1, "created_at": MONDAY, "updated_at": MONDAY}
        policy = Policy.objects.create(key=REPLY, domain="tests", **stamp)
        PolicyVersion.objects.create(
            policy=policy, n=1, body={"target": "soon"}, status="active", mode="enforce", authority="RFC-000001",
            effective_from=MONDAY - timedelta(days=1), source_note="By hand", **stamp,
        )  # fmt: skip
    store.forget()
    clock = world.start()
    assert (clock.policy_ref, clock.target_s) == (f"{REPLY}@0", 3_600)
    store.forget()


def test_target_that_no_calendar_reaches_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from revops.kernel.sla import starting

    monkeypatch.setattr(starting, "_target", lambda *given: starting.Length(amount=9_000_000, unit="hours"))
    with pytest.raises(audit.Blocked) as refusal:
        world.start()
    assert [one.code for one in refusal.value.findings] == ["SLA-002"]


def test_business_days_become_seconds_by_the_calendar_of_the_start(world: World) -> None:
    sla.document(key="tests.days", title="Days", target=sla.length(5, "business_days"), source="The tests")
    friday_evening = at(18, day=13)
    assert world.start("tests.days", when=friday_evening).due_at == at(17, day=20)


def test_clock_follows_the_owner_of_its_record_unless_its_owner_was_named(world: World) -> None:
    followed, named = world.start(), world.start("tests.day", owner=world.cast.rita)
    edit_owner(world)
    followed.refresh_from_db()
    named.refresh_from_db()
    assert (followed.owner, named.owner) == (world.cast.charlie, world.cast.rita)
    assert followed.team_id == world.cast.teams["West"].pk


def edit_owner(world: World) -> None:
    from revops.kernel.people import ownership
    from revops.kernel.people.enums import AssignReason

    with audit.change(by=world.cast.rita, action="test.assign"):
        holder = ownership.holder(owner=world.cast.charlie)
        account = audit.lock(type(world.account).objects.all(), pk=world.account.pk)
        ownership.assign(account, to=holder, reason=AssignReason.MANUAL)
        audit.write(account)


@pytest.mark.parametrize(
    ("person", "sees"), [("alice", True), ("mona", True), ("rita", True), ("charlie", False)]
)
def test_clock_is_seen_by_whoever_answers_for_it(world: World, person: str, sees: bool) -> None:
    clock = world.start()
    assert list(SlaClock.objects.visible_to(world.cast.people[person])) == ([clock] if sees else [])


@pytest.mark.parametrize("count", [1, 3])
def test_status_of_many_clocks_costs_the_same(world: World, count: int, django_assert_num_queries) -> None:
    calendars.revise(key="default", tz="America/New_York", weekly={"0": [[540, 1020]]}, effective_from=MONDAY)
    for number in range(count):
        world.start(when=at(9, number))
        world.signal("account.answered", at(9, number, second=30))
    rows = list(SlaClock.objects.order_by("pk"))
    with django_assert_num_queries(2):
        found = reading.statuses(rows, at(12))
    assert [found[clock.pk].elapsed for clock in rows] == [30] * count


def test_status_of_an_earlier_instant_reads_the_signals(world: World) -> None:
    clock = world.start()
    world.signal("account.waits", at(9, 10))
    world.signal("account.back", at(10))
    clock.refresh_from_db()
    assert (sla.status(clock, at(9, 40)).elapsed, sla.status(clock, at(9, 40)).state) == (600, "paused")


def test_running_clocks_of_records_come_in_one_query(world: World, django_assert_num_queries) -> None:
    clock = world.start()
    world.start("tests.day")
    world.signal("account.done", at(9, 10))
    with django_assert_num_queries(1):
        found = sla.running([world.account])
    assert found == {("accounts.account", world.account.pk): [clock]}


def test_change_that_is_rolled_back_leaves_no_clock(world: World) -> None:
    def refused() -> None:
        with audit.change(by=world.cast.alice, action="test.no"):
            sla.start(REPLY, world.account)
            raise audit.Blocked([audit.Finding("TST-001", "No.")])

    with pytest.raises(audit.Blocked):
        refused()
    assert (SlaClock.objects.count(), SlaEvent.objects.count()) == (0, 0)


def test_edit_of_a_record_without_clocks_is_not_held_up(world: World) -> None:
    edit_account(by=world.cast.alice, pk=world.account.pk, changes={"description": "New"})
    assert world.told() == []
