"""Attempts to pass gates by criterion, within one's scope; who hears of a deal that fails at one again and again."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import gate_alerts, move_stage
from opportunities.models import Opportunity
from opportunities.queries import attempts
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.gates.models import GateAttempt
from revops.kernel.guard import permit
from revops.kernel.notifications.models import Notification
from tests.cast import Cast
from tests.opportunities.conftest import make_account, open_deal
from tests.opportunities.laid import NOW, deal
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
SINCE = NOW - timedelta(days=90)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def lay(cast: Cast, count: int = 1, *, owner: str = "alice", **values: Any) -> list[Opportunity]:
    with permit():
        return list(
            Opportunity.objects.bulk_create(
                deal(cast, make_account(cast), n, owner=owner, **values) for n in range(count)
            )
        )


def refused(cast: Cast, one: Opportunity, *keys: str, excused: str = "", days: int = 0) -> None:
    """Write an attempt: refused for the criteria, or passed with none."""
    found = [
        {"criterion": key, "message": f"{key} is not shown", "field": "", "code": "GAT-001"} for key in keys
    ]
    row = GateAttempt(
        machine="opportunities.stage",
        transition="advance",
        subject_type="opportunities.opportunity",
        subject_id=one.pk,
        from_state="qualification",
        to_state="discovery",
        outcome="refused" if keys else "passed",
        findings=found,
        excused={excused: 1} if excused else {},
        source="page",
        tried_by=one.owner,
        tried_at=NOW - timedelta(days=days),
        owner=one.owner,
        team=one.team,
        created_at=NOW,
        updated_at=NOW,
    )
    with permit():
        GateAttempt.objects.bulk_create([row])


def test_criteria_are_counted_within_scope_and_period(cast: Cast):
    (mine,) = lay(cast, segment="ENT")
    (theirs,) = lay(cast, owner="charlie")
    refused(cast, mine, "need_stated", "contact_with_role")
    refused(cast, mine, "need_stated", days=3)
    refused(cast, mine, excused="need_stated")
    refused(cast, mine, "need_stated", days=200)
    refused(cast, theirs, "need_stated")
    found = attempts.attempts(cast.alice, SINCE, NOW)
    assert (found.total, found.refused, found.percent) == (3, 2, Decimal("66.67"))
    assert [(one.key, one.failed, one.excused, list(one.by_segment)) for one in found.lines] == [
        ("need_stated", 2, 1, [2]),
        ("contact_with_role", 1, 0, [1]),
    ]
    assert found.lines[0].title == attempts.titles()["need_stated"]
    assert attempts.attempts(cast.rita, SINCE, NOW).lines[0].failed == 3
    assert len(attempts.of_criterion(cast.alice, "need_stated", SINCE, NOW)) == 3


def test_what_a_real_attempt_asked_is_counted(cast: Cast):
    one = open_deal(cast)
    with pytest.raises(Blocked) as refusal:
        move_stage(by=cast.alice, pk=one.pk, to="discovery")
    stood = {finding.criterion for finding in refusal.value.findings if finding.criterion}
    found = attempts.attempts(cast.alice, SINCE, NOW)
    assert stood
    assert {one.key for one in found.lines if one.failed and one.key in attempts.titles()} == stood
    observed = {line.key for line in found.lines if line.observed}
    assert "icp_not_d" in observed


def test_the_report_asks_the_same_with_one_attempt_and_with_three(cast: Cast, settled_organisation: None):
    (one,) = lay(cast)
    asked = []
    for count in (1, 2):
        for _ in range(count):
            refused(cast, one, "need_stated")
        attempts.attempts(cast.rita, SINCE, NOW)
        with CaptureQueriesContext(connection) as captured:
            attempts.attempts(cast.rita, SINCE, NOW)
            attempts.of_criterion(cast.rita, "need_stated", SINCE, NOW)
        asked.append(len(captured))
    assert asked == [4, 4]


def told(cast: Cast) -> list[str]:
    rows = Notification.objects.filter(kind=gate_alerts.KIND).order_by("recipient__name")
    return list(rows.values_list("recipient__name", flat=True))


def test_three_refusals_at_one_criterion_are_told_to_the_manager_and_to_enablement_once(cast: Cast):
    (one,) = lay(cast)
    for _ in range(2):
        refused(cast, one, "need_stated")
    assert (gate_alerts.failing_again(NOW), told(cast)) == (0, [])
    refused(cast, one, "need_stated", "contact_with_role")
    assert (gate_alerts.failing_again(NOW), told(cast)) == (1, ["Eddie", "Mona"])
    refused(cast, one, "need_stated")
    gate_alerts.failing_again(NOW)
    assert told(cast) == ["Eddie", "Mona"]


def test_what_a_deal_has_left_behind_is_not_told(cast: Cast):
    (one,) = lay(cast, stage="discovery")
    for _ in range(3):
        refused(cast, one, "need_stated")
    gate_alerts.failing_again(NOW)
    assert told(cast) == []


def test_the_page_of_attempts_opens_those_behind_a_criterion(cast: Cast):
    (one,) = lay(cast)
    refused(cast, one, "need_stated")
    browser = Browser(cast.mona)
    assert "criterion=need_stated" in browser.get("/gate-attempts/").content.decode()
    page = browser.get("/gate-attempts/", {"criterion": "need_stated"}).content.decode()
    assert "need_stated is not shown" in page
    assert browser.get("/gate-attempts/", {"criterion": "no_such", "days": "x"}).status_code == 200
    assert Browser(cast.fin).get("/gate-attempts/").status_code == 404
