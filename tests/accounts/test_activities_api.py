"""Activities over the API: logged, finished, corrected, listed; attendees beside them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actions import create_account, create_contact
from accounts.models import ActivityAttendee
from revops.kernel import clocks
from tests.api.conftest import Api
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Api]:
    return lambda name: Api(cast.people[name])


def test_activity_is_logged_finished_and_listed(cast: Cast, as_: Any) -> None:
    with clocks.at(NOW):
        acme = create_account(by=cast.alice, values={"name": "Acme"})
        ann = create_contact(by=cast.alice, values={"last_name": "Ann", "account": acme.pk})
        alice = as_("alice")
        made = alice.post(
            "activities/",
            {
                "kind": "meeting",
                "subject": "Demo",
                "occurred_at": "2026-06-01T13:00:00Z",
                "contacts": [ann.pk],
            },
        )
        assert made.status_code == 201
        body = made.json()
        assert (body["account"], body["outcome"]) == ({"id": acme.pk, "title": "Acme"}, "planned")
        assert "contacts" not in body
        path = f"activities/{body['id']}/record_outcome/"
        early = alice.post(path, {"outcome": "held", "version": 1})
        assert (early.status_code, early.json()["findings"][0]["code"]) == (422, "ACT-005")
    with clocks.at(NOW + timedelta(hours=2)):
        done = alice.post(path, {"outcome": "held", "duration_s": 1800, "version": 1})
        assert (done.status_code, done.json()["qualifies_buyer"]) == (200, True)
        listed = alice.get("activities/", {"kind": "meeting", "qualifies_buyer": "true"}).json()["results"]
        assert [one["subject"] for one in listed] == ["Demo"]
        attendees = alice.get("activity-attendees/", {"activity": body["id"]}).json()["results"]
        assert [(one["contact"], one["response"]) for one in attendees] == [
            ({"id": ann.pk, "title": "Ann"}, "unknown")
        ]
        row = ActivityAttendee.objects.get()
        changed = alice.patch(f"activity-attendees/{row.pk}/", {"response": "attended", "version": 1})
        assert changed.status_code == 200
        assert alice.post("activity-attendees/", {"contact": ann.pk}).status_code == 403
        assert as_("charlie").get(f"activities/{body['id']}/").status_code == 404


def test_every_finding_of_an_activity_is_told(as_: Any) -> None:
    refused = as_("alice").post("activities/", {"kind": "call", "direction": "none", "contacts": "x"})
    assert refused.status_code == 422
    found = [(one["code"], one["field"]) for one in refused.json()["findings"]]
    assert found == [
        ("VAL-002", "contacts"),
        ("ACT-001", "subject"),
        ("ACT-002", "outcome"),
        ("ACT-016", "direction"),
        ("ACT-007", "account"),
    ]


def test_campaign_and_product_are_served(cast: Cast, as_: Any) -> None:
    for who, slug, body in (
        ("rita", "products", {"name": "Platform", "code": "PLT"}),
        ("mark", "campaigns", {"name": "Spring", "channel": "event"}),
    ):
        made = as_(who).post(f"{slug}/", body)
        assert made.status_code == 201
        assert as_("alice").get(f"{slug}/{made.json()['id']}/").json()["name"] == body["name"]
        assert as_("alice").post(f"{slug}/", body).status_code == 403
        assert as_(who).post(f"{slug}/", body).status_code == 422
