"""Shown-by 5 for activities: who sees, logs and corrects them, on every surface, as the specification's row says.

The row: SDR, AE "T c e(own, 24 h)"; SE, CSM, RENEWALS "O c e(own, 24 h)"; managers "S c"; operations, executives and
enablement "A"; FINANCE, LEGAL, DEAL_DESK "O"; everybody else nothing. Operations bring them in by import.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.actions import create_account, create_contact, edit_activity, log_activity
from accounts.actions.activities import draft_activity, write_activity
from accounts.models import Account, Activity, ActivityAttendee, Contact
from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import Role
from revops.kernel.records import timeline
from tests.cast import Cast
from tests.evidence import rolled_back, unchanged

pytestmark = pytest.mark.django_db
BACKEND = "revops.kernel.people.backends.SignInBackend"
REACH = {
    "-": set(),
    "O": {"own"},
    "T": {"own", "mate"},
    "S": {"own", "report"},
    "A": {"own", "mate", "report", "other"},
}
EDITED = {"subject", "body", "occurred_at", "duration_s", "direction", "outcome"}
SET = EDITED | {"kind", "account", "lead", "contacts"}


class Row(NamedTuple):
    """One role: how far it sees, whether it logs, corrects its own, finishes its meetings, and imports."""

    view: str
    logs: bool = False
    corrects: bool = False
    finishes: bool = False
    imports: bool = False


TABLE: dict[str, Row] = {
    **dict.fromkeys(("SDR", "AE"), Row("T", True, True, True)),
    **dict.fromkeys(("SE", "CSM", "RENEWALS", "AM"), Row("O", True, True, True)),
    **dict.fromkeys(("SALES_MGR", "DIRECTOR", "VP_SALES", "CS_LEAD"), Row("S", True, False, True)),
    **dict.fromkeys(("SALES_OPS", "REVOPS"), Row("A", imports=True)),
    **dict.fromkeys(("MKT_OPS", "EXEC", "CRO", "CFO", "COUNCIL", "AUDITOR", "ADMIN", "ENABLEMENT"), Row("A")),
    **dict.fromkeys(("FINANCE", "LEGAL", "DEAL_DESK"), Row("O")),
    **dict.fromkeys(("PARTNER", "PARTNER_MGR", "PRIVACY", "PRODUCT", "SECURITY"), Row("-")),
}


class World(NamedTuple):
    """Somebody of a role, and an activity of theirs, of a mate, of a report on another team, and of another team."""

    role: str
    user: User
    account: Account
    found: dict[str, Activity]


def activity_of(cast: Cast, owner: User, account: Account, contact: Contact, subject: str) -> Activity:
    """Write an activity of somebody, whatever their role: as an import would."""
    values = {"kind": "note", "subject": f"ZQ1 {subject}", "contacts": [contact.pk]}
    with audit.change(by=cast.rita, action="test.log"):
        draft = draft_activity(values, by=cast.rita, account=account)
        draft.given["owner"] = owner
        return write_activity(draft, cast.rita)


def make_world(cast: Cast, role: str) -> World:
    user = actions.create_user(
        by=cast.ada, email="asker@example.com", name="Asker", roles=[role], team=cast.teams["East"]
    )
    report = actions.create_user(
        by=cast.ada, email="rep@example.com", name="Rep", roles=["AE"], team=cast.teams["West"], manager=user
    )
    account = create_account(by=cast.rita, values={"name": "Acme", "owner": cast.charlie.pk})
    owners = {"own": user, "mate": cast.bob, "report": report, "other": cast.charlie}
    organisation.forget()
    them = create_contact(by=cast.charlie, values={"last_name": "Them", "account": account.pk})
    found = {place: activity_of(cast, owner, account, them, place) for place, owner in owners.items()}
    return World(role, user, account, found)


@pytest.fixture(scope="module", name="world", params=[str(role) for role in Role])
def world_of_role(
    request: pytest.FixtureRequest, cast_of_module: Cast, django_db_blocker: Any
) -> Iterator[World]:
    with django_db_blocker.unblock(), rolled_back():
        organisation.forget()
        yield make_world(cast_of_module, request.param)


def test_table_names_every_role() -> None:
    assert set(TABLE) == set(Role.values)


def test_activities_are_seen_and_written_as_the_table_says(cast: Cast, world: World) -> None:
    row, user = TABLE[world.role], world.user
    places = {activity.pk: place for place, activity in world.found.items()}
    seen = {places[pk] for pk in Activity.objects.visible_to(user).values_list("pk", flat=True)}
    assert seen == REACH[row.view]
    parts = {places[one.pk] for part in Activity.objects.visible_parts(user) for one in part}
    assert parts == seen
    rows = ActivityAttendee.objects.visible_to(user).values_list("activity_id", flat=True)
    assert {places[pk] for pk in rows} == seen
    for place, activity in world.found.items():
        mine = place == "own"
        assert access.editable(user, activity) == (EDITED if mine and row.corrects else set()), place
        assert access.allowed(user, "record_outcome", activity) == (mine and row.finishes), place
        assert access.allowed(user, "set_attendees", activity) == (mine and row.corrects), place
        assert access.allowed(user, "import", activity) == row.imports, place
    assert access.rights(user, "accounts.activity").creatable == (SET if row.logs else set())
    assert not {"owner", "team", "qualifies_buyer"} & SET


def test_pages_and_api_answer_as_the_table_says(cast: Cast, world: World) -> None:
    row, client = TABLE[world.role], Client()
    client.force_login(world.user, backend=BACKEND)
    for place, activity in world.found.items():
        seen = place in REACH[row.view]
        for base in ("/activities/", "/api/v1/activities/"):
            assert client.get(f"{base}{activity.pk}/").status_code == (200 if seen else 404), (base, place)
        corrects = place == "own" and row.corrects
        wanted = 200 if corrects else 403 if seen else 404
        with rolled_back():
            answered = client.patch(
                f"/api/v1/activities/{activity.pk}/",
                json.dumps({"subject": "Changed"}),
                "application/json",
                headers={"If-Match": f'"{activity.version}"'},
            )
            assert answered.status_code == wanted, place
    listed = client.get("/api/v1/activities/")
    assert listed.status_code == (200 if REACH[row.view] else 404)
    page = client.get("/activities/").content.decode()
    for place in world.found:
        assert (f"ZQ1 {place}" in page) == (place in REACH[row.view]), place


def test_timelines_show_what_the_reader_sees(cast: Cast, world: World) -> None:
    page = timeline.page(world.account, world.user, kinds=["note"])
    assert {entry.title.label for entry in page.entries} == {
        f"ZQ1 {one}" for one in REACH[TABLE[world.role].view]
    }


def test_denied_writes_change_nothing(cast: Cast, world: World) -> None:
    row = TABLE[world.role]
    values = {"kind": "note", "subject": "Mine", "account": world.account.pk}
    with unchanged():
        if not row.logs:
            with pytest.raises(access.Forbidden):
                log_activity(by=world.user, values=values)
        for name in ("owner", "team", "qualifies_buyer", "created_at"):
            with pytest.raises(access.Forbidden):
                log_activity(by=world.user, values={**values, name: "1"})
        for place, activity in world.found.items():
            if place == "own" and row.corrects:
                continue
            denied: Any = access.Forbidden if place in REACH[row.view] else Activity.DoesNotExist
            with pytest.raises(denied):
                edit_activity(by=world.user, pk=activity.pk, changes={"subject": "Changed"})
