"""A list's parameters: what is read, and what is refused and how."""

import base64
import json
from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import audit
from revops.kernel.records import listing, registry
from tests.cast import Cast
from tests.kernel.records.conftest import Make

ACCOUNTS = registry.get("accounts.account")


def refusal(user: Any, parameters: dict[str, str]) -> tuple[audit.Finding, ...]:
    with pytest.raises(audit.Blocked) as found:
        listing.parse(ACCOUNTS, user, parameters)
    return found.value.findings


def names(user: Any, parameters: dict[str, str]) -> list[str]:
    query = listing.parse(ACCOUNTS, user, parameters)
    return [row["name"] for row in listing.page(query, user, ["name"]).rows]


HIDDEN = [
    "tax_id",
    "billing_street",
    "billing_city",
    "billing_state",
    "billing_postal_code",
    "billing_country",
    "billing_account_ext",
    "credit_status",
]
SPELLINGS = [
    "{}",
    "{}__starts",
    "{}__empty",
    "{}__not",
    "{}__gte",
    "{}__lte",
    "{}__exact",
    "{}__iexact",
    "{}__contains",
    "{}__startswith",
    "{}__regex",
    "{}__in",
    "{}__isnull",
    "{}__",
    "{}____",
    "-{}",
    "{}.x",
    " {}",
    "parent__{}",
    "ultimate_parent__{}",
    "domains__account__{}",
    "children__{}__startswith",
    "account__{}",
    "pk__{}",
]


@pytest.mark.parametrize("key", ["alice", "mona", "olga", "mark", "ada", "carla"])
def test_hidden_field_is_refused_exactly_like_one_that_does_not_exist(cast: Cast, key: str) -> None:
    user = cast.people[key]
    for field in HIDDEN:
        unknown = "q" * len(field)
        for spelling in SPELLINGS:
            asked, invented = spelling.format(field), spelling.format(unknown)
            for name, value in ((asked, "A"), (asked, "true")):
                (found,) = refusal(user, {name: value})
                (other,) = refusal(user, {invented: value})
                assert found.message == other.message.replace(unknown, field)
                assert found.as_json() == json.loads(json.dumps(other.as_json()).replace(unknown, field))
        for sort in ("{}", "-{}", "--{}", "parent__{}", "{}__name"):
            (found,) = refusal(user, {"sort": sort.format(field)})
            (other,) = refusal(user, {"sort": sort.format(unknown)})
            assert found.message == other.message.replace(unknown, field)


def test_field_one_may_read_but_not_filter_by_is_refused_the_same_way(cast: Cast) -> None:
    (found,) = refusal(cast.fin, {"tax_id": "DE1"})
    (other,) = refusal(cast.fin, {"tax_ix": "DE1"})
    assert found.message == other.message.replace("tax_ix", "tax_id")


def test_traversal_to_people_and_secrets_is_refused(cast: Cast) -> None:
    for name in (
        "owner__password__starts",
        "owner__password",
        "owner__email",
        "pk",
        "id",
        "version",
        "password",
    ):
        (found,) = refusal(cast.rita, {name: "x"})
        assert (found.code, found.field) == ("LST-001", name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("employees__gte", "many"),
        ("employees", "1.5"),
        ("employees", "9" * 30),
        ("employees", "1,x"),
        ("employees__gte", "1,2"),
        ("employees__gte", ","),
        ("annual_revenue__gte", "NaN"),
        ("annual_revenue__gte", "Infinity"),
        ("annual_revenue__gte", "1e999"),
        ("annual_revenue__gte", "1e15"),
        ("annual_revenue", ""),
        ("created_at__gte", "2026-01-01"),
        ("created_at__gte", "2026-01-01T00:00:00"),
        ("created_at__gte", "0001-01-01T00:00:00+14:00"),
        ("created_at__lte", "9999-12-31T23:59:59-14:00"),
        ("created_at__gte", "0000-01-01T00:00:00Z"),
        ("status", "king"),
        ("status", "prospect,king"),
        ("status__empty", "maybe"),
        ("owner", "alice"),
        ("owner", "9" * 25),
        ("parent", str(2**63)),
        ("name", "a\x00"),
        ("name__starts", "\x00"),
        ("country", "D\x00"),
        ("country__not", "\x00"),
        ("primary_domain", "\x00"),
        ("primary_domain__starts", "a\u202e"),
        ("status", "\x00"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "٣"),
        ("limit", "9" * 5_000),
        ("sort", "x" * 5_000),
        ("sort", "\x00"),
    ],
)
def test_value_that_does_not_fit_is_refused_by_name(cast: Cast, name: str, text: str) -> None:
    (found,) = refusal(cast.rita, {name: text})
    assert (found.code, found.field) == ("LST-001", name)
    assert found.message.isprintable()
    assert len(found.message) < 1_500
    assert len(found.found) <= 80


def test_every_parameter_that_does_not_fit_is_told(cast: Cast) -> None:
    found = refusal(
        cast.rita, {"employees": "x", "nothing": "x", "sort": "y", "limit": "z", "status": "king"}
    )
    assert sorted(finding.field for finding in found) == ["employees", "limit", "nothing", "sort", "status"]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"name": "ACME  société"}, ["Acme Société"]),
        ({"name__starts": "acm"}, ["Acme Société"]),
        ({"name__starts": ""}, ["Acme Société", "Beta", "Gamma"]),
        ({"status": "partner"}, ["Beta"]),
        ({"status": "partner,prospect"}, ["Acme Société", "Beta", "Gamma"]),
        ({"status__not": "partner"}, ["Acme Société", "Gamma"]),
        ({"employees": "100"}, ["Beta"]),
        ({"employees__gte": "100"}, ["Beta", "Gamma"]),
        ({"employees__lte": "100"}, ["Beta"]),
        ({"employees__empty": "true"}, ["Acme Société"]),
        ({"employees__empty": "false"}, ["Beta", "Gamma"]),
        ({"annual_revenue__gte": "1000.5"}, ["Gamma"]),
        ({"annual_revenue__lte": "1e3"}, ["Beta"]),
        ({"annual_revenue": "1000.50,1000"}, ["Beta", "Gamma"]),
        ({"country": "DE"}, ["Gamma"]),
        ({"country__not": "DE"}, ["Acme Société", "Beta"]),
        ({"country__empty": "true"}, ["Acme Société"]),
        ({"industry__empty": "true"}, ["Acme Société", "Beta", "Gamma"]),
        ({"primary_domain": "gamma.com"}, ["Gamma"]),
        ({"primary_domain__starts": "gam"}, ["Gamma"]),
        ({"primary_domain__empty": "false"}, ["Gamma"]),
        ({"parent__empty": "true", "status": "prospect"}, ["Acme Société", "Gamma"]),
        ({"created_at__gte": "2000-01-01T00:00:00+02:00"}, ["Acme Société", "Beta", "Gamma"]),
        ({"created_at__lte": "2000-01-01T00:00:00Z"}, []),
        ({"q": "gamma"}, ["Gamma"]),
        ({"q": "societe acm"}, ["Acme Société"]),
        ({"q": "--- !!"}, []),
        ({"sort": "-name", "limit": "2"}, ["Gamma", "Beta"]),
        ({"owner": str(2**62)}, []),
    ],
)
def test_filters_mean_what_they_say(
    cast: Cast, make: Make, parameters: dict[str, str], found: list[str]
) -> None:
    make("Acme Société")
    make("Beta", status="partner", employees="100", annual_revenue="1000", country="FR")
    make("Gamma", employees="5000", annual_revenue="1000.50", country="DE", domain="gamma.com")
    assert names(cast.rita, parameters) == found


def test_filter_stays_within_the_scope(cast: Cast, make: Make) -> None:
    hers, his = make("Hers", by="alice"), make("His", by="charlie")
    assert names(cast.alice, {"owner": str(cast.charlie.pk)}) == []
    assert names(cast.alice, {"name": "His"}) == []
    assert names(cast.alice, {"q": "his"}) == []
    assert names(cast.rita, {"owner": f"{cast.charlie.pk},{cast.alice.pk}"}) == [hers.name, his.name]


def cursor(*content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


TAMPERED = [
    "x",
    "....",
    "\x00",
    "é",
    "=" * 10,
    "A" * 100_000,
    base64.urlsafe_b64encode(b"[" * 2_900).decode(),
    base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b"9" * 2_000).decode(),
    cursor(),
    cursor("name", 0, "a"),
    cursor("name", 0, "a", 1, 2),
    cursor("name", 1, "a", 1),
    cursor("status", 0, "a", 1),
    cursor("tax_id", 0, "a", 1),
    cursor("name", 0, None, 1),
    cursor("name", 0, 5, 1),
    cursor("name", 0, ["a"], 1),
    cursor("name", 0, {"a": 1}, 1),
    cursor("name", 0, "a\x00", 1),
    cursor("name", 0, "\ud800", 1),
    cursor("name", 0, "a", "1"),
    cursor("name", 0, "a", 1.0),
    cursor("name", 0, "a", True),
    cursor("name", 0, "a", -1),
    cursor("name", 0, "a", 2**63),
    cursor("name", 0, "a", None),
    "bnVsbA",
]


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize("text", TAMPERED, ids=range(len(TAMPERED)))
def test_cursor_of_another_list_or_making_is_refused(cast: Cast, make: Make, side: str, text: str) -> None:
    make("Acme")
    query = listing.parse(ACCOUNTS, cast.rita, {side: text})
    with pytest.raises(audit.Blocked) as found:
        listing.page(query, cast.rita, ["name"])
    (finding,) = found.value.findings
    assert (finding.code, finding.field) == ("LST-001", side)
    assert finding.message.isprintable()


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("annual_revenue", "NaN"),
        ("annual_revenue", "1e99"),
        ("annual_revenue", "x"),
        ("created_at", "x"),
        ("created_at", "2026-01-01"),
        ("created_at", None),
        ("created_at", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_cursor_with_a_value_of_another_kind_is_refused(
    cast: Cast, make: Make, sort: str, value: Any
) -> None:
    make("Acme")
    query = listing.parse(ACCOUNTS, cast.rita, {"sort": sort, "after": cursor(sort, 0, value, 1)})
    with pytest.raises(audit.Blocked):
        listing.page(query, cast.rita, ["name"])


def test_forged_cursor_shows_nothing_outside_the_scope(cast: Cast, make: Make) -> None:
    hers, his = make("Hers", by="alice"), make("His", by="charlie")
    query = listing.parse(ACCOUNTS, cast.alice, {"after": cursor("name", 0, "", his.pk - 1)})
    assert [row["id"] for row in listing.page(query, cast.alice, ["name"]).rows] == [hers.pk]
    assert Account.objects.count() == 2
