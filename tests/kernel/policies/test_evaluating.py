"""A rule over the facts of one record: three values, every leaf told, nothing but the arguments read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from revops.kernel.policies import rules
from revops.kernel.policies.rules import Outcome
from tests.kernel.policies.specimens import NOW, SUBJECT

T, F, U = {"const": True}, {"const": False}, {"const": None}


def outcome(body: Any, facts: dict[str, Any] | None = None, **given: Any) -> str:
    rule = rules.parse(body, SUBJECT)
    return rules.evaluate(rule, facts or {}, NOW, **given).outcome.value


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"all": [T, T]}, "true"),
        ({"all": [T, U]}, "unknown"),
        ({"all": [U, F]}, "false"),
        ({"all": [T, F]}, "false"),
        ({"any": [F, F]}, "false"),
        ({"any": [F, U]}, "unknown"),
        ({"any": [U, T]}, "true"),
        ({"not": T}, "false"),
        ({"not": F}, "true"),
        ({"not": U}, "unknown"),
    ],
)
def test_logic_has_three_values(body: Any, expected: str) -> None:
    assert outcome(body) == expected


def test_null_makes_a_comparison_unknown_and_presence_looks_at_it() -> None:
    missing = {"s.number": None, "s.name": "", "s.big": 1}
    for op in ("eq", "ne", "lt", "gte"):
        assert outcome({"f": "s.number", "op": op, "v": 1}, missing) == "unknown"
        assert outcome({"not": {"f": "s.number", "op": op, "v": 1}}, missing) == "unknown"
        assert outcome({"f": "s.big", "op": op, "v": {"f": "s.number"}}, missing) == "unknown"
    assert outcome({"f": "s.number", "op": "not_in", "v": [1]}, missing) == "unknown"
    assert outcome({"f": "s.number", "op": "is_null"}, missing) == "true"
    assert outcome({"f": "s.number", "op": "not_null"}, missing) == "false"
    assert outcome({"f": "s.name", "op": "is_null"}, missing) == "true"  # empty text is no value
    assert outcome({"f": "s.name", "op": "ne", "v": "x"}, missing) == "unknown"


@pytest.mark.parametrize(
    ("name", "op", "value", "expected"),
    [
        ("Société GÉNÉRALE", "eq", "societe generale", "true"),
        ("Société GÉNÉRALE", "contains", "GENER", "true"),
        ("Société GÉNÉRALE", "starts_with", "soc", "true"),
        ("Société GÉNÉRALE", "ends_with", "soc", "false"),
        ("Société GÉNÉRALE", "like", "SOC* g?nerale", "true"),
        ("Société GÉNÉRALE", "in", ["ACME", "Societe Generale"], "true"),
        ("100%", "like", "100%", "true"),
        ("100x", "like", "100%", "false"),
        ("Acme", "changed_to", "acme", "unknown"),
    ],
)
def test_folded_text_is_compared_without_case_and_accents(
    name: str, op: str, value: Any, expected: str
) -> None:
    assert outcome({"f": "s.name", "op": op, "v": value}, {"s.name": name}) == expected


def test_text_without_folded_column_is_compared_exactly() -> None:
    assert outcome({"f": "s.code", "op": "eq", "v": "us"}, {"s.code": "US"}) == "false"
    assert outcome({"f": "s.code", "op": "eq", "v": "US"}, {"s.code": "US"}) == "true"


def test_times_are_told_from_now_and_from_where_the_organisation_is() -> None:
    # 02:30 UTC on Monday is Sunday evening in New York.
    held = {"s.moment": datetime(2026, 3, 9, 2, 30, tzinfo=UTC), "s.day": date(2026, 3, 8)}
    assert outcome({"f": "s.moment", "op": "weekday_in", "v": ["sun"]}, held) == "true"
    assert outcome({"f": "s.day", "op": "eq", "v": {"now": "P0D"}}, held) == "true"
    assert outcome({"f": "s.day", "op": "within", "v": "P0D"}, held) == "true"
    assert outcome({"f": "s.day", "op": "older_than", "v": "P0D"}, held) == "false"
    edge = {"s.moment": datetime(2026, 2, 23, 2, 30, tzinfo=UTC)}
    assert outcome({"f": "s.moment", "op": "within", "v": "P14D"}, edge) == "true"
    assert outcome({"f": "s.moment", "op": "older_than", "v": "P14D"}, edge) == "false"
    assert outcome({"f": "s.moment", "op": "before", "v": {"now": "-P14D"}}, edge) == "false"
    assert outcome({"f": "s.day", "op": "eq", "v": {"now": "-P1M"}}, {"s.day": date(2026, 2, 8)}) == "true"


def test_change_needs_the_value_before() -> None:
    to, away = ({"f": "s.size", "op": op, "v": "ENT"} for op in ("changed_to", "changed_from"))
    now = {"s.size": "ENT"}
    assert outcome(to, now, before={"s.size": "MM"}) == "true"
    assert outcome(to, now, before={"s.size": "ENT"}) == "false"
    assert outcome(to, now, before={"s.size": None}) == "unknown"
    assert outcome(to, now) == "unknown"
    assert outcome(away, {"s.size": "MM"}, before=now) == "true"
    assert outcome(away, {"s.size": "MM"}, before={"s.size": "SMB"}) == "false"
    assert outcome(away, now, before=now) == "false"


def counting(op: str, value: Any) -> Any:
    where = {"f": "kind", "op": "eq", "v": "MM"}
    return {"count": {"over": "s.items", "where": where}, "op": op, "v": value}


@pytest.mark.parametrize(
    ("kinds", "op", "value", "expected"),
    [
        (["MM", "MM"], "gte", 2, "true"),
        (["MM", None], "gte", 2, "unknown"),
        (["MM", "SMB"], "gte", 2, "false"),
        (["MM", None], "gte", 1, "true"),
        (["MM", None], "lt", 1, "false"),
        (["MM", None], "lte", 2, "true"),
        (["MM", None], "eq", 1, "unknown"),
        (["MM", None], "ne", 3, "true"),
        (["MM", None], "between", [1, 2], "true"),
        (["MM", None], "between", [2, 5], "unknown"),
        (["MM", None], "between", [3, 5], "false"),
        ([], "eq", 0, "true"),
        (["MM"], "gt", {"f": "s.number"}, "unknown"),
    ],
)
def test_count_of_partly_unknown_items_is_a_range(
    kinds: list[str | None], op: str, value: Any, expected: str
) -> None:
    facts = {"s.items": [{"kind": kind} for kind in kinds], "s.number": None}
    assert outcome(counting(op, value), facts) == expected


def test_verdict_tells_every_leaf_and_stores_as_plain_data() -> None:
    body = {
        "any": [
            {"f": "s.number", "op": "gte", "v": 100},
            {"f": "s.moment", "op": "within", "v": "P14D"},
            counting("gte", 1),
        ]
    }
    rule = rules.parse(body, SUBJECT, key="specimens.big", version=3)
    held = {"s.number": 101, "s.moment": datetime(2026, 1, 2, tzinfo=UTC), "s.items": [{"kind": "SMB"}]}
    verdict = rules.evaluate(rule, held, NOW)
    assert verdict.outcome == Outcome.TRUE
    assert verdict.as_json() == {
        "outcome": "true",
        "rule_key": "specimens.big",
        "version": 3,
        "now": "2026-03-09T02:30:00+00:00",
        "leaves": [
            {
                "path": "s.number",
                "op": "gte",
                "expected": 100,
                "actual": 101,
                "outcome": "true",
                "sentence": "Number is 101 pieces",
            },
            {
                "path": "s.moment",
                "op": "within",
                "expected": "2026-02-23T02:30:00+00:00",
                "actual": "2026-01-02T00:00:00+00:00",
                "outcome": "false",
                "sentence": "Moment is 2026-01-02 00:00 UTC; needs 2026-02-23 02:30 UTC or later",
            },
            {
                "path": "s.items",
                "op": "gte",
                "expected": 1,
                "actual": 0,
                "outcome": "false",
                "sentence": "Number of items with Kind is Middle is 0; needs at least 1",
            },
        ],
    }


def test_same_facts_and_instant_give_the_same_verdict() -> None:
    rule = rules.parse({"f": "s.number", "op": "gte", "v": 100}, SUBJECT)
    first, again = (rules.evaluate(rule, {"s.number": 80}, NOW).as_json() for _ in range(2))
    assert first == again


def test_fact_that_was_not_gathered_is_a_mistake_of_the_caller() -> None:
    rule = rules.parse(
        {"all": [{"f": "s.number", "op": "gte", "v": {"f": "s.big"}}, counting("gte", 1)]}, SUBJECT
    )
    assert rule.paths == ("s.number", "s.big", "s.items")
    with pytest.raises(TypeError, match=r"s\.big was not gathered"):
        rules.evaluate(rule, {"s.number": 1, "s.items": []}, NOW)
    with pytest.raises(TypeError, match=r"s\.items was not gathered"):
        rules.evaluate(rule, {"s.number": 1, "s.big": 1}, NOW)
