"""Shown-by 5: a hidden field cannot be filtered, sorted, searched, shown, restored or guessed; no canary ever leaks."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.actions import edit_account
from accounts.models import Account
from tests.acceptance import expectations as expected
from tests.acceptance.test_access_matrix import ROLES
from tests.acceptance.test_access_surfaces import BACKEND
from tests.acceptance.worlds import HIDDEN_TEXTS, World, for_roles, world_of_role  # noqa: F401
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.records.test_parsing import SPELLINGS

pytestmark = pytest.mark.django_db
BLIND = [
    role for role in ROLES if role not in expected.READERS_OF_BILLING and expected.ACCOUNTS[role].view != "-"
]
TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w+)"')
SECRET = re.compile(r"ZQ7[A-F]\d\d", re.IGNORECASE)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def addresses(world: World, *positions: str) -> list[str]:
    """Return every address that shows accounts in any form; of single records, those in `positions`."""
    found = ["/", "/accounts/", "/accounts/new/", "/accounts/filters/", "/accounts/columns/"]
    found += ["/accounts/?columns=name,city,description", "/accounts/?sort=-annual_revenue&count=exact"]
    found += ["/api/v1/accounts/", "/api/v1/accounts/?count=exact", "/api/v1/schema/", "/api/v1/me/"]
    found += [
        f"{path}?q={text}"
        for path in ("/search/", "/palette/", "/api/v1/search/", "/accounts/options/")
        for text in ("zq1", "zq7", "ZQ7A00TAX", "acc")
    ]
    found += ["/notifications/", "/people/options/?q=a", "/options/people.team/?q=a"]
    for account in (world.records[position] for position in positions):
        one = f"{account.pk}/"
        found += [f"/accounts/{one}", f"/accounts/{one}edit/", f"/accounts/{one}history/"]
        found += [f"/accounts/{one}restore/1/", f"/accounts/{one}restore/2/?field=tax_id"]
        found += [f"/accounts/{one}field/{name}/" for name in ("tax_id", "billing_city", "name")]
        found += [f"/accounts/{one}field/tax_id/?as=text", f"/accounts/{one}do/assign/"]
        found += [f"/api/v1/accounts/{one}", f"/api/v1/accounts/{one}history/"]
        found += [f"/api/v1/accounts/{one}?fields={name}" for name in ("tax_id", "name", "billing_city")]
    return found


@for_roles(*BLIND)
def test_hidden_values_stand_in_no_answer(cast: Cast, world: World) -> None:
    client, htmx = signed_in(world.user), {"HX-Request": "true"}
    leaks = []
    for address in addresses(world, "own", "partner"):
        for headers in ({}, htmx):
            answered = client.get(address, headers=headers)
            assert answered.status_code < 500, address
            said = answered.content.decode() + str(dict(answered.headers))
            # What somebody asked for may stand in the answer as the words they used.
            if SECRET.search(said.replace("ZQ7A00TAX", "")):
                leaks.append(address)
    assert leaks == []


@for_roles("FINANCE")
def test_reader_of_billing_does_see_the_values(cast: Cast, world: World) -> None:
    client = signed_in(world.user)
    pk = world.records["own"].pk
    assert SECRET.search(client.get(f"/accounts/{pk}/").content.decode())
    assert client.get(f"/api/v1/accounts/{pk}/").json()["tax_id"] == "ZQ7A00TAX"


@for_roles(*BLIND)
def test_records_out_of_scope_leave_no_byte(cast: Cast, world: World) -> None:
    reach = expected.REACH[expected.ACCOUNTS[world.role].view]
    unseen = [a for position, a in world.records.items() if position not in reach]
    canaries = [text for a in unseen for text in (a.name, a.description, a.phone, a.city, a.success_note)]
    client = signed_in(world.user)
    leaks = []
    for address in addresses(world, "own", "mate", "other", "partner"):
        said = client.get(address).content.decode()
        leaks += [(address, canary) for canary in canaries if canary in said]
    assert leaks == []


@for_roles("AE", "SALES_MGR", "SALES_OPS", "ADMIN")
def test_hidden_field_is_refused_in_every_spelling_like_an_unknown_one(cast: Cast, world: World) -> None:
    client = signed_in(world.user)

    def said(path: str, parameters: dict[str, str], invented: str, field: str) -> tuple[int, str]:
        answered = client.get(path, parameters)
        text = answered.content.decode().replace(invented, field)
        for noise in (answered.headers.get("X-Request-ID", ""), *TOKEN.findall(text)):
            text = text.replace(noise, "") if noise else text
        return answered.status_code, text

    with unchanged():
        for field in ("tax_id", "billing_city", "credit_status"):
            invented = "q" * len(field)
            for path in ("/api/v1/accounts/", "/accounts/"):
                asks = [{spelling.format("{}"): "ZQ7"} for spelling in SPELLINGS]
                asks += [{"sort": "{}"}, {"sort": "-{}"}, {"sort": "--{}"}, {"sort": "parent__{}"}]
                asks += [{"fields": "name,{}"}] if "api" in path else [{"columns": "name,{}"}]
                for ask in asks:
                    real = {k.format(field): v.format(field) for k, v in ask.items()}
                    fake = {k.format(invented): v.format(invented) for k, v in ask.items()}
                    one, other = said(path, real, invented, field), said(path, fake, invented, field)
                    assert one == other, (path, ask)
                    assert one[0] == 400, (path, ask)


@for_roles("SALES_OPS")
def test_hidden_field_is_not_guessed_bit_by_bit(cast: Cast, world: World) -> None:
    client = signed_in(world.user)
    whole = client.get("/api/v1/accounts/").json()["results"]
    for step in range(64):
        guess = f"ZQ7{chr(65 + step % 26)}{step:02}"
        for name in ("tax_id__starts", "tax_id__gte", "billing_account_ext", "credit_status"):
            assert client.get("/api/v1/accounts/", {name: guess}).status_code == 400
        assert client.get("/api/v1/accounts/", {"q": guess}).json()["results"] == []
    assert client.get("/api/v1/accounts/").json()["results"] == whole


@for_roles("SALES_OPS", "SALES_MGR", "AE")
def test_conflict_does_not_show_a_hidden_field_that_changed(cast: Cast, world: World) -> None:
    position = "own"
    account = world.records[position]
    edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": "ZQ7A99NEW", "billing_city": "ZQ7C99NEW"})
    client, stale = signed_in(world.user), account.version
    answers = [
        client.patch(
            f"/api/v1/accounts/{account.pk}/",
            json.dumps({"description": "Mine"}),
            "application/json",
            headers={"If-Match": f'"{stale}"'},
        ),
        client.post(f"/accounts/{account.pk}/field/description/", {"description": "Mine", "version": stale}),
        client.post(f"/accounts/{account.pk}/edit/", {"description": "Mine", "version": stale}),
    ]
    for answered in answers:
        assert answered.status_code in (409, 412)
        assert not SECRET.search(answered.content.decode())
    assert Account.objects.get(pk=account.pk).description == account.description


@for_roles("SALES_OPS", "AE")
def test_hidden_field_is_neither_restored_nor_set(cast: Cast, world: World) -> None:
    account = world.records["own"]
    edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": ""})
    version = Account.objects.get(pk=account.pk).version
    client = signed_in(world.user)
    with unchanged():
        for path, body in (
            (f"/api/v1/accounts/{account.pk}/restore/", {"to": 2, "fields": ["tax_id"]}),
            (f"/api/v1/accounts/{account.pk}/restore/", {"version": 2, "fields": ["tax_id"]}),
        ):
            answered = client.post(
                path, json.dumps(body), "application/json", headers={"If-Match": f'"{version}"'}
            )
            assert 400 <= answered.status_code < 500
            assert not SECRET.search(answered.content.decode())
        for name in HIDDEN_TEXTS:
            answered = client.patch(
                f"/api/v1/accounts/{account.pk}/",
                json.dumps({name: "X"}),
                "application/json",
                headers={"If-Match": f'"{version}"'},
            )
            assert answered.status_code == 403
        answered = client.post(
            f"/accounts/{account.pk}/restore/2/?field=tax_id",
            {"reason": "I want to know", "version": version},
        )
        assert 400 <= answered.status_code < 500


@for_roles("SALES_OPS")
def test_clash_of_a_hidden_value_does_not_tell_it_over_the_api(cast: Cast, world: World) -> None:
    first, second = world.records["own"], world.records["mate"]
    for account, country in ((first, "DE"), (second, "FR")):
        edit_account(by=cast.rita, pk=account.pk, changes={"country": country})
        edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": "ZQ7A55SAME"})
    answered = signed_in(world.user).patch(
        f"/api/v1/accounts/{second.pk}/",
        json.dumps({"country": "DE"}),
        "application/json",
        headers={"If-Match": f'"{Account.objects.get(pk=second.pk).version}"'},
    )
    assert answered.status_code == 422
    assert not SECRET.search(answered.content.decode())
