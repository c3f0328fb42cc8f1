"""People in the Django admin: the door each role finds, one action a form, refusals that keep what was typed."""

import pytest
from django.test import Client

from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people import access
from revops.kernel.people.models import Queue, Team
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BACKEND = "revops.kernel.people.backends.SignInBackend"


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize(
    ("who", "page", "status"),
    [
        ("ada", "/admin/identity/user/", 200),
        ("ada", "/admin/identity/user/add/", 200),
        ("rita", "/admin/identity/user/", 200),
        ("rita", "/admin/identity/user/add/", 403),
        ("rita", "/admin/people/queue/add/", 200),
        ("rita", "/admin/people/customrole/add/", 403),
        ("rita", "/admin/clocks/fiscalperiod/add/", 200),
        ("ada", "/admin/clocks/fiscalperiod/add/", 403),
        ("ada", "/admin/people/customrole/add/", 200),
    ],
)
def test_admin_page_opens_for_the_roles_it_is_for(cast: Cast, who: str, page: str, status: int) -> None:
    assert signed_in(getattr(cast, who)).get(page).status_code == status


@pytest.mark.parametrize("who", ["alice", "mona", "fin", "otto", "cleo"])
def test_admin_is_closed_to_everybody_else(cast: Cast, who: str) -> None:
    assert signed_in(getattr(cast, who)).get("/admin/identity/user/").status_code in (302, 403)


def test_admin_gives_a_role_by_one_action(cast: Cast) -> None:
    page = f"/admin/identity/user/{cast.bob.pk}/change/"
    answer = signed_in(cast.ada).post(
        page, {"deed": "grant", "grant-role": "SE", "grant-reason": "Covers demos in May"}
    )
    assert answer.status_code == 302
    assert access.roles_of(cast.bob) == frozenset({"AE", "SE"})
    event = ChangeEvent.objects.filter(action="role.grant").latest("id")
    assert (event.actor_id, event.source, event.reason) == (cast.ada.pk, "admin", "Covers demos in May")


def test_admin_refusal_comes_back_with_what_was_typed(cast: Cast) -> None:
    page = f"/admin/identity/user/{cast.alice.pk}/change/"
    before = ChangeEvent.objects.count()
    answer = signed_in(cast.ada).post(
        page, {"deed": "grant", "grant-role": "AE", "grant-reason": "Twice by mistake"}
    )
    assert answer.status_code == 422
    assert "holds the role AE already" in answer.content.decode()
    assert "Twice by mistake" in answer.content.decode()
    assert ChangeEvent.objects.count() == before


def test_admin_lets_nobody_change_their_own_roles(cast: Cast) -> None:
    page = f"/admin/identity/user/{cast.ada.pk}/change/"
    answer = signed_in(cast.ada).post(
        page, {"deed": "grant", "grant-role": "REVOPS", "grant-reason": "Because"}
    )
    assert answer.status_code == 422
    assert access.roles_of(cast.ada) == frozenset({"ADMIN"})


def test_admin_creates_teams_and_queues_for_operations(cast: Cast) -> None:
    client = signed_in(cast.rita)
    client.post("/admin/people/team/add/", {"deed": "create", "create-name": "North"})
    client.post(
        "/admin/people/queue/add/",
        {"deed": "create", "create-name": "Inbound", "create-members": [cast.bob.pk]},
    )
    assert Team.objects.get(name="North").version == 1
    assert Queue.objects.get(key="inbound").memberships.count() == 1


def test_admin_deletes_nothing(cast: Cast) -> None:
    page = f"/admin/identity/user/{cast.bob.pk}/delete/"
    assert signed_in(cast.ada).post(page, {"post": "yes"}).status_code == 403


def test_admin_defines_a_custom_role_and_names_what_is_wrong(cast: Cast) -> None:
    given = {
        "deed": "define",
        "define-code": "ANALYST",
        "define-name": "Analyst",
        "define-reason": "Reads accounts",
    }
    client = signed_in(cast.ada)
    page = "/admin/people/customrole/add/"
    wrong = client.post(page, given | {"define-grants": '{"accounts.account": {"view": "Z"}}'})
    assert (wrong.status_code, "one of" in wrong.content.decode()) == (422, True)
    right = client.post(page, given | {"define-grants": '{"accounts.account": {"view": "A"}}'})
    assert right.status_code == 302
