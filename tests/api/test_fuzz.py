"""Whatever is sent, the answer is a page, a record or a problem: never a fault of ours, never half a write."""

import os
import string
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from accounts.records.account import ACCOUNT
from revops.api.people.table import DEEDS
from revops.api.problems import TYPES
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people import access
from revops.kernel.records import listing
from tests.api.conftest import Api, Cast

URNS = {each.urn: each.status for each in TYPES}
# A nightly run asks for more: FUZZ_EXAMPLES=2000.
FUZZ = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "25")),
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = [field.name for field in ACCOUNT.fields]
NASTY = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "\u200b",
        "\u202egnp.exe",
        "NaN",
        "-Infinity",
        "1e999",
        "1e-999",
        "0x10",
        "१२",
        "1_000",
        "−5",
        "0000-01-01",
        "9999-12-31",
        "10000-01-01",
        "2026-02-30",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "24:00",
        "https://",
        "http://[::1",
        "http://a:99999/",
        "javascript:alert(1)",
        "аpple.com",
        "mıke",
        "ﬁ",
        "x" * 30_000,
        "'; DROP TABLE x;--",
        "{{settings}}",
        "%(x)s",
        "true",
        "null",
        "[]",
        str(2**63),
        str(-(2**63) - 1),
        "9" * 40,
        "US",
        "USD",
        "XXX",
        "prospect",
        "customer",
        "2026-01-01",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | NASTY
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=12), VALUES, max_size=6)
OPERATORS = [
    f"{name}{suffix}"
    for name in NAMES
    for suffix in ("", "__gte", "__lte", "__not", "__starts", "__empty", "__contains")
]
PARAMETERS = st.dictionaries(
    st.sampled_from([*OPERATORS, *listing.RESERVED, "fields"]) | st.text(string.printable, max_size=10),
    NASTY.map(lambda text: text[:2_000].replace("\ud800", "?"))
    | st.text(max_size=30).map(lambda t: t.encode("utf-8", "replace").decode()),
    max_size=4,
)


def check(response: Any) -> None:
    """Refuse every answer that is no success and no problem."""
    assert response.status_code < 500, response.content
    if response.status_code < 400:
        return
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    body = response.json()
    if body["type"] != "about:blank":  # the door's own refusal of bytes that are no text
        assert URNS[body["type"]] == body["status"] == response.status_code
    for finding in body.get("findings", ()):
        assert finding["message"]
        assert set(finding) == {"code", "field", "message", "found", "needed", "remedies"}


def is_consistent() -> None:
    """Refuse a stored record that no read or no history can show."""
    for record in Account.objects.order_by("-pk")[:3]:
        assert record.name.strip()
        assert record.annual_revenue is None or record.annual_revenue.is_finite()
        assert record.history.count() == record.version


@pytest.mark.slow
@pytest.mark.parametrize("who", ["rita", "alice", "otto"])
@FUZZ
@given(body=BODIES)
def test_create_survives_every_body(cast: Cast, who: str, body: dict[str, Any]) -> None:
    user = getattr(cast, who)
    before = Account.objects.count(), ChangeEvent.objects.count()
    response = Api(user).post("accounts/", {"name": "Contoso", **body})
    check(response)
    after = Account.objects.count(), ChangeEvent.objects.count()
    assert after == ((before[0] + 1, before[1] + 1) if response.status_code == 201 else before)
    if response.status_code == 201:
        allowed = access.rights(user, "accounts.account").creatable
        assert set(body) <= allowed
        check(Api(user).get(f"accounts/{response.json()['id']}/"))
    is_consistent()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["rita", "alice"])
@FUZZ
@given(
    body=BODIES,
    version=VALUES | st.just(1),
    header=st.sampled_from([None, '"1"', "*", "1", '"x"', 'W/"1"', '"9999999999999"', "ü", '""']),
)
def test_edit_survives_every_body(
    cast: Cast, account: Any, who: str, body: dict[str, Any], version: Any, header: str | None
) -> None:
    made = account()
    before = Account.objects.values().get(pk=made.pk)
    headers = {} if header is None else {"If_Match": header}
    path = f"accounts/{made.pk}/"
    api = Api(getattr(cast, who))
    response = api.patch(path, {**body, "version": version}, **headers)
    check(response)
    if response.status_code != 200:
        assert Account.objects.values().get(pk=made.pk) == before
    check(
        api.post(
            f"{path}restore/", {"to_version": version, "fields": list(body), "version": version}, **headers
        )
    )
    check(api.post(f"{path}restore/", {**body, "to_version": 1}, **headers))
    is_consistent()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["rita", "alice"])
@FUZZ
@given(parameters=PARAMETERS)
def test_reads_survive_every_parameter(
    cast: Cast, account: Any, who: str, parameters: dict[str, str]
) -> None:
    made = Account.objects.first() or account()
    api, query = Api(getattr(cast, who)), urlencode(parameters)
    for path in ("accounts/", f"accounts/{made.pk}/", f"accounts/{made.pk}/history/", "search/", "tokens/"):
        check(api.get(f"{path}?{query}"))
    for name, text in parameters.items():
        check(api.get(f"accounts/?{urlencode({name: text})}"))
        check(api.get(f"search/?{urlencode({'q': text})}"))


@pytest.mark.slow
@FUZZ
@given(
    content=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
)
def test_bytes_that_are_no_json_are_refused(cast: Cast, content: bytes) -> None:
    for path in ("accounts/", "accounts/1/restore/", "tokens/"):
        check(Api(cast.rita).send("POST", path, content))


@pytest.mark.slow
@pytest.mark.parametrize("who", ["admin", "rita", "alice"])
@FUZZ
@given(data=st.data())
def test_every_deed_survives_every_body(cast: Cast, account: Any, who: str, data: st.DataObject) -> None:
    made = Account.objects.first() or account()
    paths = {
        f"accounts/{made.pk}/{deed.name}/": [field.name for field in deed.fields] for deed in ACCOUNT.actions
    }
    for deed in DEEDS:
        tail = "" if deed.name == "" else f"{cast.bob.pk}/" + ("" if deed.name == "edit" else f"{deed.name}/")
        paths[f"{deed.resource.slug}/{tail}"] = [argument.name for argument in deed.arguments]
    path = data.draw(st.sampled_from(sorted(paths)))
    names = st.sampled_from([*paths[path], "version", "reason"]) | st.text(max_size=8)
    ids = st.sampled_from([user.pk for user in (cast.alice, cast.bob, cast.rita)])
    body = data.draw(st.dictionaries(names, VALUES | ids | st.just("AE"), max_size=6))
    api = Api(getattr(cast, who))
    check((api.patch if path.count("/") == 2 and "accounts" not in path else api.post)(path, body))
    check(api.get("users/"))
