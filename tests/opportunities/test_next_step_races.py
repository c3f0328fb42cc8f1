"""Many who set the next step of one deal at once leave one. The control shows the fault once the lock is gone.

SQLite lets one writer in at a time: there is nothing to race there, and no lock to remove.
"""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from opportunities.actions import set_next_step
from opportunities.actions.next_steps import keeping
from opportunities.models import Opportunity
from revops.kernel import clocks
from revops.kernel.packets.models import Obligation
from tests.cast import Cast
from tests.evidence import ledger_faults
from tests.meeting import Meeting, kinds, remove_locks, together
from tests.opportunities.conftest import open_deal
from tests.opportunities.test_concurrency import forked, postgres

__all__ = ["postgres"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def set_to(cast: Cast, deal: Opportunity, number: int) -> Opportunity:
    on = clocks.today("America/New_York").isoformat()
    values = {"next_step": f"Send the offer number {number}", "next_step_on": on}
    return set_next_step(by=cast.alice if number % 2 else cast.mona, pk=deal.pk, values=values)


def test_inv_2_3_of_twenty_who_set_the_next_step_at_once_one_step_is_left(
    postgres: None, committed_cast: Cast
) -> None:
    deal = open_deal(committed_cast)
    results = forked([partial(set_to, committed_cast, deal, number) for number in range(20)])
    assert Counter(results) == {"ok": 20}
    steps = Obligation.objects.filter(subject_id=deal.pk, kind="next_step")
    assert Counter(steps.values_list("state", flat=True)) == {"open": 1, "cancelled": 19, "done": 1}
    deal.refresh_from_db()
    assert steps.get(state="open").text == deal.next_step
    assert steps.get(state="open") == deal.next_step_task
    assert ledger_faults() == []


@pytest.mark.control
def test_two_steps_without_the_lock_meet_in_the_database(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = open_deal(committed_cast)
    remove_locks(monkeypatch)
    monkeypatch.setattr("tests.meeting.PATIENCE", 30)
    meeting, settle = Meeting(), keeping.settle

    def met(*args: Any) -> None:
        meeting.wait()
        settle(*args)

    monkeypatch.setattr(keeping, "settle", met)
    results = together(*[partial(set_to, committed_cast, deal, number) for number in range(2)])
    assert kinds(results) == ["Conflict", "ok"]
