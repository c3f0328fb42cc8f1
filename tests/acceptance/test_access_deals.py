"""Shown-by 5 for deals: for every role and position what the table says, in actions, pages, API and search."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.actions import create_account, create_product
from opportunities.actions import assign_opportunity, create_opportunity, edit_opportunity
from opportunities.models import (
    DealReviewStatus,
    Meddicc,
    NameHistory,
    OppContactRole,
    Opportunity,
    OpportunityActivity,
    StageEvidence,
    StageInterval,
    UseCase,
)
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import OwnerRole, Role
from tests.acceptance import deal_expectations as expected
from tests.cast import Cast
from tests.evidence import rolled_back, unchanged
from tests.opportunities.conftest import ADVANCE, lay_lists, make_ready

pytestmark = pytest.mark.django_db
ROLES = [str(role) for role in Role]
BACKEND = "revops.kernel.people.backends.SignInBackend"
WHY = "Because the test wants it so"


WORKED_ON = (StageEvidence, Meddicc, DealReviewStatus)
PARTS = (OppContactRole, StageInterval, NameHistory, OpportunityActivity, *WORKED_ON)


@dataclass(frozen=True)
class World:
    """The person who asks, and a deal in each position."""

    role: str
    user: User
    deals: dict[str, Opportunity]


def make_world(cast: Cast, role: str) -> World:
    lay_lists()
    user = actions.create_user(
        by=cast.ada, email="asker@example.com", name="Asker", roles=[role], team=cast.teams["East"]
    )
    report = actions.create_user(
        by=cast.ada, email="r@example.com", name="Report", roles=["AE"], team=cast.teams["West"], manager=user
    )
    account = create_account(by=cast.rita, values={"name": "Edge", "owner": cast.charlie.pk})
    product = create_product(by=cast.rita, values={"name": "Platform", "code": "P1"})
    holders: dict[str, dict[str, Any]] = {
        "own": {"owner": user},
        "held": {"owner": cast.charlie},
        "mate": {"owner": cast.bob},
        "report": {"owner": report},
        "other": {"owner": cast.charlie},
        "queue": {"queue": cast.west_queue},
    }
    deals = {}
    for number, (position, to) in enumerate(holders.items()):
        values = {
            "account": account.pk,
            "primary_product": product.pk,
            "use_case": UseCase.objects.get(code="IntelQQL").pk,
            "source": "web",
            "close_date": "2027-08-15",
            "start_date": "2027-09-01",
            "amount": "100",
            "description": f"ZD{number:02} {position}",
        }
        deal = create_opportunity(by=cast.charlie, values=values)
        make_ready(cast, deal)
        edit_opportunity(
            by=cast.charlie,
            pk=deal.pk,
            changes={"close_date": "2027-11-15", "slip_reason": "buyer_delayed"},
        )
        deals[position] = assign_opportunity(by=cast.rita, pk=deal.pk, reason=WHY, **to)
    assign_opportunity(by=cast.rita, pk=deals["held"].pk, owner=user, role=OwnerRole.CSM, reason=WHY)
    return World(role, user, {key: Opportunity.objects.get(pk=one.pk) for key, one in deals.items()})


@pytest.fixture(scope="module", name="world")
def world_of_deals(
    request: pytest.FixtureRequest, cast_of_module: Cast, django_db_blocker: Any
) -> Iterator[World]:
    from tests.evidence import rolled_back as undone

    with django_db_blocker.unblock(), undone():
        organisation.forget()
        yield make_world(cast_of_module, request.param)


def for_roles(*roles: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", roles, indirect=True, scope="module")


def test_table_names_every_role_and_every_field() -> None:
    assert set(expected.DEALS) == set(ROLES)
    declared = access.declarations()["opportunities.opportunity"]
    assert declared.fields == expected.EDITED | expected.TECHNICAL | expected.NEVER_EDITED
    assert declared.actions == set(expected.ACTIONS)


@for_roles(*ROLES)
def test_deals_and_their_parts_are_seen_and_written_as_the_table_says(cast: Cast, world: World) -> None:
    row = expected.DEALS[world.role]
    reach = expected.REACH[row.view]
    places = {deal.pk: position for position, deal in world.deals.items()}
    seen = Opportunity.objects.visible_to(world.user).values_list("pk", flat=True)
    assert {places[pk] for pk in seen} == reach
    for model in PARTS:
        parts = model.objects.visible_to(world.user).values_list("opportunity_id", flat=True)
        assert {places[pk] for pk in parts} == reach, model
    for model in WORKED_ON:
        rights = access.rights(world.user, model._meta.label_lower)
        assert bool(rights.creatable) == bool(rights.edits) == ("qualify" in row.actions), model
    for position, deal in world.deals.items():
        fields = row.fields if position in expected.REACH[row.edit] else set()
        assert access.editable(world.user, deal) == fields, position
        for action in expected.ACTIONS:
            may = position in expected.REACH[row.actions.get(action, "-")]
            assert access.allowed(world.user, action, deal) == may, (position, action)
    held = access.rights(world.user, "opportunities.opportunity")
    assert (held.creatable, held.readable) == (row.create, held.declaration.fields)
    roles = access.rights(world.user, "opportunities.oppcontactrole")
    assert bool(roles.creatable) == bool(roles.edits) == ("contact_roles" in row.actions)
    assert not access.rights(world.user, "opportunities.stageinterval").creatable


@for_roles(*ROLES)
def test_pages_api_and_search_answer_as_the_table_says(cast: Cast, world: World) -> None:
    row = expected.DEALS[world.role]
    reach = expected.REACH[row.view]
    client = Client()
    client.force_login(world.user, backend=BACKEND)
    found, wanted = {}, {}
    for position, deal in world.deals.items():
        for path in (f"/opportunities/{deal.pk}/", f"/opportunities/{deal.pk}/history/"):
            for address in (path, f"/api/v1{path}"):
                found[address] = client.get(address).status_code
                wanted[address] = 200 if position in reach else 404
        number = client.get("/api/v1/search/", {"q": f"OPP-{deal.pk:06d}"}).content.decode()
        found[position], wanted[position] = deal.name in number, position in reach
    for path in ("/opportunities/", "/api/v1/opportunities/", "/api/v1/opportunity-contacts/"):
        found[path], wanted[path] = client.get(path).status_code, 200 if reach else 404
    found["new"] = client.get("/opportunities/new/").status_code
    wanted["new"] = 200 if row.create else 403 if reach else 404
    assert found == wanted
    if reach:
        listed = client.get("/api/v1/opportunities/?limit=50").json()["results"]
        assert {one["id"] for one in listed} == {world.deals[position].pk for position in reach}
    old = client.get("/search/", {"q": "intelqql-q3"}).content.decode()
    assert {key for key, deal in world.deals.items() if f"/opportunities/{deal.pk}/" in old} == reach


@for_roles(*ROLES)
def test_writes_are_answered_as_the_table_says(cast: Cast, world: World) -> None:
    row = expected.DEALS[world.role]
    client = Client()
    client.force_login(world.user, backend=BACKEND)
    deeds: dict[str, tuple[str, dict[str, Any]]] = {
        "move_stage": ("transition", {"to": "discovery", "reason_code": ADVANCE}),
        "close_won": ("transition", {}),
        "close_lost": (
            "transition",
            {"reason_code": "price", "competitor": "none", "last_buyer_contact_on": "2026-01-06"},
        ),
        "push": ("", {"close_date": "2027-11-01"}),
        "assign": ("reassign", {"owner": cast.bob.pk, "reason": WHY}),
    }

    def send(method: str, path: str, body: dict[str, Any], version: int) -> int:
        return client.generic(
            method, path, json.dumps(body), "application/json", headers={"If-Match": f'"{version}"'}
        ).status_code

    for position in ("own", "held", "mate", "report", "other"):
        deal = world.deals[position]
        base, seen = f"/api/v1/opportunities/{deal.pk}/", position in expected.REACH[row.view]
        edits = row.fields if position in expected.REACH[row.edit] else set()
        for name, value in {"description": "New", "technical_note": "New", "stage": "closed_won"}.items():
            status = 404 if not seen else 200 if name in edits else 403
            with rolled_back():
                assert send("PATCH", base, {name: value}, deal.version) == status, (position, name)
        for deed, (right, body) in deeds.items():
            may = position in expected.REACH[row.actions.get(right, "-")]
            if deed == "push":
                may = "close_date" in edits
            status = 404 if not seen else 200 if may else 403
            with rolled_back():
                assert send("POST", f"{base}{deed}/", body, deal.version) == status, (position, deed)


@for_roles("SDR", "SE", "SALES_MGR", "REVOPS", "FINANCE", "AUDITOR", "PARTNER")
def test_creation_is_refused_to_who_may_not(cast: Cast, world: World) -> None:
    with unchanged(), pytest.raises(access.Forbidden):
        create_opportunity(by=world.user, values={"description": "X"})


@for_roles("AE")
def test_stage_intervals_are_written_by_nobody(cast: Cast, world: World) -> None:
    client = Client()
    client.force_login(world.user, backend=BACKEND)
    one = StageInterval.objects.filter(opportunity=world.deals["own"]).first()
    assert one is not None
    assert client.get(f"/api/v1/stage-intervals/{one.pk}/").status_code == 200
    headers = {"If-Match": f'"{one.version}"'}
    with unchanged():
        body = json.dumps({"stage": "closed_won"})
        for method, path in (("POST", ""), ("PATCH", f"{one.pk}/")):
            answer = client.generic(
                method, f"/api/v1/stage-intervals/{path}", body, "application/json", headers=headers
            )
            assert answer.status_code == 403, method


@for_roles("AE")
@pytest.mark.control
def test_table_tells_a_view_scope_that_is_too_wide(
    cast: Cast, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(Opportunity.objects.all()), "visible_to", lambda rows, user: rows)
    assert Opportunity.objects.all().visible_to(world.user).count() == len(world.deals)
