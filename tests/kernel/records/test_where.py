"""The condition of a list: the language of policies over the fields that its reader may ask about."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.clocks import fiscal
from revops.kernel.clocks.fiscal import month_year
from revops.kernel.records import listing, registry
from revops.kernel.records.listing import where
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ACCOUNTS = "accounts.account"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def found(user: Any, body: Any, **given: str) -> list[str]:
    query = listing.parse(registry.get(ACCOUNTS), user, {"where": json.dumps(body), **given})
    return [row["name"] for row in listing.page(query, user, ["name"]).rows]


def refused(user: Any, text: str) -> list[tuple[str, str]]:
    with pytest.raises(Blocked) as error:
        listing.parse(registry.get(ACCOUNTS), user, {"where": text})
    return [(finding.code, finding.field) for finding in error.value.findings]


@pytest.fixture
def three(cast: Cast, make: Any) -> list[Account]:
    return [
        make("Alpha", employees="10", country="DE", owner=str(cast.alice.pk)),
        make("Beta", employees="200", country="US", owner=str(cast.alice.pk)),
        make("Gamma", country="US", owner=str(cast.bob.pk)),
    ]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"f": "employees", "op": "gte", "v": 100}, ["Beta"]),
        ({"not": {"f": "employees", "op": "gte", "v": 100}}, ["Alpha"]),
        ({"f": "employees", "op": "is_null"}, ["Gamma"]),
        ({"f": "name", "op": "contains", "v": "ETA"}, ["Beta"]),
        ({"f": "country", "op": "in", "v": ["US", "FR"]}, ["Beta", "Gamma"]),
        ({"f": "owner", "op": "eq", "v": {"param": "me"}}, ["Alpha", "Beta"]),
        ({"f": "owner", "op": "ne", "v": {"param": "me"}}, ["Gamma"]),
        (
            {
                "any": [
                    {"f": "country", "op": "eq", "v": "DE"},
                    {"all": [{"f": "employees", "op": "gt", "v": 5}]},
                ]
            },
            ["Alpha", "Beta"],
        ),
    ],
)
def test_condition_selects_what_is_true(three: Any, cast: Cast, body: Any, names: list[str]):
    assert found(cast.alice, body) == names
    assert found(cast.charlie, body) == []


def test_condition_joins_simple_filters_and_pages(three: Any, cast: Cast):
    body = {"f": "country", "op": "in", "v": ["US", "DE"]}
    assert found(cast.alice, body, country="US", sort="-name", limit="1") == ["Gamma"]
    kind = registry.get(ACCOUNTS)
    query = listing.parse(kind, cast.alice, {"where": json.dumps(body), "owner": "me"})
    assert listing.matching(query, cast.alice).count() == 2


def test_condition_costs_no_query_more_per_row(
    three: Any, cast: Cast, settled_organisation: None, django_assert_num_queries: Any
):
    kind, body = registry.get(ACCOUNTS), {"f": "country", "op": "in", "v": ["US", "DE"]}
    for limit in ("1", "3"):
        with django_assert_num_queries(2):  # what one holds in another role, and the rows
            query = listing.parse(kind, cast.alice, {"where": json.dumps(body), "limit": limit})
            listing.page(query, cast.alice, ["name", "owner"])


def test_periods_follow_the_calendar(cast: Cast, make: Any):
    fiscal.define(month_year(2026, datetime(2026, 2, 1, tzinfo=UTC).date()))
    for name, at in (("April", 4), ("May", 5), ("June", 6)):
        with clocks.at(datetime(2026, at, 10, tzinfo=UTC)):
            make(name)

    def during(period: str) -> list[str]:
        ends = [{"param": f"{period}_{end}_at"} for end in ("start", "end")]
        return found(cast.rita, {"f": "created_at", "op": "between", "v": ends})

    with clocks.at(NOON):
        assert [during("this_month"), during("last_month"), during("next_month")] == [
            ["May"],
            ["April"],
            ["June"],
        ]
        # The year begins in February: its second quarter lasts from May to July.
        assert [sorted(during("this_quarter")), during("last_quarter")] == [["June", "May"], ["April"]]
        since = {"f": "created_at", "op": "between", "v": [{"now": "-P30D"}, {"now": "P0D"}]}
        assert found(cast.rita, since) == ["May"]


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[" * 5_000,
        "NaN",
        '{"f": "bogus", "op": "eq", "v": 1}',
        '{"f": "owner__password", "op": "eq", "v": 1}',
        '{"f": "employees", "op": "like", "v": "1*"}',
        '{"f": "owner", "op": "eq", "v": {"param": "you"}}',
        '{"f": "employees", "op": "between", "v": [{"param": "this_quarter_start"}, 5]}',
        json.dumps({"all": [{"const": True}] * 101}),
        json.dumps({"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"const": True}}}}}}}}}),
        json.dumps({"f": "name", "op": "eq", "v": "x" * (where.LONGEST + 1)}),
    ],
)
def test_what_is_no_condition_is_refused_in_words(three: Any, cast: Cast, text: str):
    assert set(refused(cast.alice, text)) == {("LST-001", "where")}


def test_hidden_field_is_no_fact(cast: Cast, make: Any):
    make("Near", owner=str(cast.alice.pk))
    body = {"f": "tax_id", "op": "eq", "v": "DE123"}
    assert refused(cast.alice, json.dumps(body)) == [("LST-001", "where")]
    assert "tax_id" not in where.schema_of(registry.get(ACCOUNTS), cast.alice).by_path


def test_every_filterable_field_can_be_asked(cast: Cast):
    for kind in registry.every():
        askable = where.askable(kind, cast.rita)
        schema = where.schema_of(kind, cast.rita)
        assert [fact.path for fact in schema.facts] == [field.name for field in askable], kind.label
        for fact in schema.facts:
            rule = where.parse(kind, cast.rita, {"f": fact.path, "op": "is_null"})
            from revops.kernel.policies.rules import to_q

            list(kind.model.objects.filter(to_q(rule, NOON))[:1])


def test_list_is_settled_for_somebody_else_to_read(cast: Cast):
    kind, mine = registry.get(ACCOUNTS), {"f": "owner", "op": "eq", "v": {"param": "me"}}
    given = {"where": json.dumps({"all": [mine]}), "owner__not": "me,5", "sort": "name"}
    assert listing.whole(kind, cast.alice, {**given, "name": "me"}) == {
        "where": where.dump({"all": [{"f": "owner", "op": "eq", "v": cast.alice.pk}]}),
        "owner__not": f"{cast.alice.pk},5",
        "sort": "name",
        "name": "me",
    }
    assert listing.whole(kind, cast.alice, {"where": "no json", "view": "999"}) == {
        "where": "no json",
        "view": "999",
    }
