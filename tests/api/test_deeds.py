from typing import Any

from accounts.models import Account, AccountDomain
from revops.kernel.audit.models import ChangeEvent
from tests.api.conftest import Cast, fields_of, problem

REASON = "Charlie takes over the whole region"


def test_special_action_is_done_through_the_apps_own_call(as_: Any, cast: Cast, account: Any) -> None:
    made = account()
    path = f"accounts/{made.pk}/assign/"
    response = as_("rita").post(path, {"owner": cast.charlie.pk, "reason": REASON}, If_Match='"1"')
    assert response.status_code == 200, response.content
    assert response.json()["owner"] == {"id": cast.charlie.pk, "name": "Charlie Chen"}
    assert response.headers["ETag"] == '"2"'
    event = ChangeEvent.objects.get(action="account.assign")
    assert (event.actor_id, event.source, event.reason) == (cast.rita.pk, "api", REASON)


def test_special_action_needs_version_right_and_scope(as_: Any, cast: Cast, account: Any) -> None:
    made, foreign = account(), account("Foreign", by=cast.charlie)
    body = {"owner": cast.bob.pk, "reason": REASON}
    problem(as_("rita").post(f"accounts/{made.pk}/assign/", body), 428, "precondition-required")
    problem(as_("rita").post(f"accounts/{made.pk}/assign/", {**body, "version": 9}), 409, "conflict")
    problem(as_("alice").post(f"accounts/{made.pk}/assign/", {**body, "version": 1}), 403, "forbidden")
    problem(as_("alice").post(f"accounts/{foreign.pk}/assign/", {**body, "version": 1}), 404, "not-found")
    problem(as_("rita").post("accounts/424242/assign/", {**body, "version": 1}), 404, "not-found")
    assert set(Account.objects.values_list("version", flat=True)) == {1}


def test_special_action_names_what_does_not_fit(as_: Any, cast: Cast, account: Any) -> None:
    made = account()
    for body, field in (
        ({"owner": cast.bob.pk, "reason": "short"}, "reason"),
        ({"owner": 424242, "reason": REASON}, "owner"),
        ({"owner": [1], "reason": REASON}, "owner"),
        ({"owner": cast.bob.pk, "role": "king", "reason": REASON}, "role"),
        ({"team": cast.west.pk, "reason": REASON}, "team"),
    ):
        response = as_("rita").post(f"accounts/{made.pk}/assign/", {**body, "version": 1})
        assert fields_of(problem(response, 422, "blocked")) == [field]
    assert Account.objects.get().version == 1


def test_domains_are_added_and_released(as_: Any, account: Any) -> None:
    made = account()
    rita, path = as_("rita"), f"accounts/{made.pk}/"
    added = rita.post(f"{path}add_domain/", {"domain": "contoso.com", "version": 1})
    assert added.json()["primary_domain"] == "contoso.com"
    released = rita.post(f"{path}release_domain/", {"domain": "contoso.com"}, If_Match=added.headers["ETag"])
    assert released.json()["primary_domain"] == ""
    assert not AccountDomain.objects.filter(is_active=True).exists()
    assert fields_of(problem(rita.post(f"{path}add_domain/", {"version": 3}), 422, "blocked")) == ["domain"]
