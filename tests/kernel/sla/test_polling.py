"""The poller: each threshold once, at its own instant, however late, often or doubled it runs."""

from datetime import timedelta

import pytest

from accounts.actions import create_account
from revops.kernel import clocks, sla
from revops.kernel.outbox import jobs
from revops.kernel.sla import polling
from revops.kernel.sla.models import SlaEvent
from tests.kernel.sla.conftest import World, at


def told(world: World) -> list[tuple[str, object]]:
    rows = SlaEvent.objects.exclude(kind="started").order_by("at", "pk")
    return [(one.threshold, one.at) for one in rows]


def test_poll_tells_each_threshold_once_and_when_it_was_passed(world: World) -> None:
    clock = world.start()
    for minute in (29, 30, 31, 46):
        sla.poll(at(9, minute))
        sla.poll(at(9, minute))
    assert told(world) == [("warn:50", at(9, 30)), ("warn:75", at(9, 45)), ("escalate:75:owner", at(9, 45))]
    clock.refresh_from_db()
    assert (clock.state, clock.next_at) == ("running", at(10, second=1))


def test_late_poll_tells_the_same_as_a_punctual_one(world: World) -> None:
    clock = world.start()
    sla.poll(at(15))
    assert told(world) == [
        ("warn:50", at(9, 30)),
        ("warn:75", at(9, 45)),
        ("escalate:75:owner", at(9, 45)),
        ("breach", at(10)),
        ("escalate:100:manager", at(10)),
        ("escalate:100:owner", at(10)),
        ("warn:200", at(11)),
        ("escalate:200:director", at(11)),
    ]
    clock.refresh_from_db()
    assert (clock.state, clock.breached_at, clock.due_at, clock.next_at) == ("breached", at(10), at(10), None)
    assert [kind for kind, _ in world.told()].count("sla.warned") == 1


def test_clock_at_its_target_has_not_breached(world: World) -> None:
    clock = world.start()
    sla.poll(at(10))
    clock.refresh_from_db()
    assert (clock.state, clock.next_at) == ("running", at(10, second=1))
    sla.poll(at(10, second=1))
    clock.refresh_from_db()
    assert (clock.state, clock.breached_at) == ("breached", at(10))


def test_poll_has_nothing_to_do_with_clocks_that_stand_still(world: World) -> None:
    world.start()
    world.signal("account.waits", at(9, 10))
    assert sla.poll(at(15)).looked_at == 0
    world.signal("account.back", at(16))
    world.signal("account.answered", at(16, 5))
    assert sla.poll(at(17)).looked_at == 0


def test_closed_hours_pass_no_threshold(world: World) -> None:
    world.start(when=at(16, 45))
    assert sla.poll(at(23)).looked_at == 0
    assert sla.poll(at(9, 15, day=10)).looked_at == 1


def test_poll_goes_on_after_a_full_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "BATCH", 1)
    world.start()
    world.start("tests.day")
    assert sla.poll(at(9, day=12)).looked_at == 2


def test_poller_is_a_job_of_revenue_operations_every_minute(world: World) -> None:
    known = next(one for one in jobs.registered() if one.key == "sla.poll")
    assert (known.owner, known.cadence.schedule()) == ("REVOPS", timedelta(seconds=60))
    world.start()
    with clocks.at(at(11)):
        run = jobs.run_job("sla.poll")
        assert jobs.run_job("sla.poll") is None
    assert (run.state, run.result) == ("done", "1 clocks past a threshold, 0 counted anew")


@pytest.mark.parametrize("number", [1, 3])
def test_poll_costs_the_same_for_one_clock_and_for_three(
    world: World, number: int, django_assert_num_queries, settled_organisation: None
) -> None:
    world.start()
    sla.poll(at(9, 31))
    for n in range(number):
        account = create_account(by=world.cast.alice, values={"name": f"Account {n}"})
        World(world.cast, account).start(when=at(10))
    with django_assert_num_queries(16):
        sla.poll(at(10, 31))
