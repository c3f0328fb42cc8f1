"""Two at the same moment: a request goes live once, and never with another content than the one approved.

SQLite lets one writer in at a time, so there is no lock to remove there and the control runs on PostgreSQL.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from governance.actions import rfcs
from governance.actions.rfcs import living, rules
from governance.models import ChangeRequest
from revops.kernel import clocks
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast
from tests.governance.conftest import WAY_BACK, decide_all, draft_of, rfc_of
from tests.meeting import Meeting, kinds, remove_locks, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


def approved(cast: Cast) -> ChangeRequest:
    rfc = rfc_of(cast.olga, draft_of(cast.olga))
    rfcs.submit(by=cast.olga, pk=rfc.pk)
    decide_all(rfc, cast.rita, cast.vera)
    return rfc


def live_versions() -> list[int]:
    return list(PolicyVersion.objects.filter(status="active").order_by("n").values_list("n", flat=True))


def two_go_lives(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    rfc = approved(cast)
    monkeypatch.setattr(rules, "council_agrees", Meeting().after(rules.council_agrees))
    return together(*[lambda: rfcs.go_live(by=cast.rita, pk=rfc.pk)] * 2)


def test_two_who_put_a_request_live_at_once_do_it_once(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kinds(two_go_lives(committed_cast, monkeypatch)) == ["Blocked", "ok"]
    assert live_versions() == [2]


@pytest.mark.control
def test_without_locks_both_try_and_the_version_of_the_row_stops_one(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    results = two_go_lives(committed_cast, monkeypatch)
    assert kinds(results) == ["Conflict", "ok"]
    assert live_versions() == [2]


def _meets(meeting: Meeting, function: Any, verb: str) -> Any:
    """Return `function`, followed by the meeting where it is asked about this verb."""

    def met(*given: Any, **named: Any) -> Any:
        result = function(*given, **named)
        if verb in given:
            meeting.wait()
        return result

    return met


def live_against_edit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[ChangeRequest, list[Any]]:
    rfc = approved(cast)
    meeting = Meeting()
    monkeypatch.setattr(rules, "council_agrees", meeting.after(rules.council_agrees))
    monkeypatch.setattr(rules, "in_state", _meets(meeting, rules.in_state, "changed"))
    changes = {"rollback_plan": WAY_BACK + " And the leads are called."}
    results = together(
        lambda: rfcs.go_live(by=cast.rita, pk=rfc.pk),
        lambda: rfcs.edit_rfc(by=cast.olga, pk=rfc.pk, changes=changes),
    )
    return ChangeRequest.objects.get(pk=rfc.pk), results


def test_going_live_beside_an_edit_never_mixes_the_two(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rfc, results = live_against_edit(committed_cast, monkeypatch)
    assert kinds(results) == ["Blocked", "ok"]
    was_edited = rfc.rollback_plan != WAY_BACK
    assert (rfc.state, live_versions()) == (("draft", [1]) if was_edited else ("live", [2]))


@pytest.mark.control
def test_without_locks_both_write_and_the_version_of_the_row_stops_one(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    assert kinds(live_against_edit(committed_cast, monkeypatch)[1]) == ["Conflict", "ok"]


def test_two_runs_of_the_job_put_a_planned_request_live_once(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rfc = approved(committed_cast)
    now = clocks.now()
    rfcs.schedule(by=committed_cast.rita, pk=rfc.pk, planned_at=now + timedelta(minutes=1))
    later = now + timedelta(minutes=2)
    monkeypatch.setattr(living, "_live_by_itself", Meeting().after(living._live_by_itself))
    results = together(*[lambda: _run(later)] * 2)
    assert sorted(results) == ["0 live, 0 held back", "1 live, 0 held back"]
    assert live_versions() == [2]


def _run(at: Any) -> str:
    with clocks.at(at):
        return rfcs.go_live_due(at)
