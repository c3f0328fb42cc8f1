"""What is not exactly the condition language is refused, with its place; what is refused today does not run (B11)."""

from typing import Any

import pytest

from revops.kernel.policies import rules
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.rules.parsing import MAX_DEPTH, MAX_NODES
from tests.kernel.policies.specimens import NOW, SUBJECT

FINE = {"f": "s.number", "op": "gte", "v": 1}


def parse(body: Any, **given: Any) -> rules.Rule:
    return rules.parse(body, SUBJECT, **given)


def problems(body: Any, **given: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(RuleError) as refusal:
        parse(body, **given)
    return [(one.position, one.found, one.needed) for one in refusal.value.problems]


def positions(body: Any, **given: Any) -> list[str]:
    return [position for position, _, _ in problems(body, **given)]


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (None, ""),
        ([], ""),
        ("true", ""),
        ({}, ""),
        ({"all": [], "any": []}, ""),
        ({"all": []}, "/all"),
        ({"all": {}}, "/all"),
        ({"any": [FINE, 3]}, "/any/1"),
        ({"not": [FINE]}, "/not"),
        ({"not": {"all": [FINE, {"f": "s.number", "op": "gte", "v": "x"}]}}, "/not/all/1/v"),
        ({"const": "true"}, "/const"),
        ({"const": 1}, "/const"),
        ({"f": "s.number"}, ""),
        ({"f": "s.number", "op": "gte", "v": 1, "x": 1}, ""),
        ({"f": "s.number", "op": "gte"}, "/v"),
        ({"f": "s.number", "op": "is_null", "v": None}, "/v"),
        ({"f": "s.number", "op": "gte", "v": None}, "/v"),
        ({"f": "s.number", "op": "gte", "v": 1.5}, "/v"),
        ({"f": "s.number", "op": "gte", "v": True}, "/v"),
        ({"f": "s.number", "op": "gte", "v": 2**63}, "/v"),
        ({"f": "s.number", "op": "GTE", "v": 1}, "/op"),
        ({"f": "s.number", "op": ["gte"], "v": 1}, "/op"),
        ({"f": "s.number", "op": "contains", "v": "1"}, "/op"),
        ({"f": "s.number", "op": "regex", "v": "(a+)+$"}, "/op"),
        ({"f": "s.number", "op": "between", "v": [1]}, "/v"),
        ({"f": "s.number", "op": "between", "v": [1, "2"]}, "/v/1"),
        ({"f": "s.number", "op": "in", "v": []}, "/v"),
        ({"f": "s.number", "op": "in", "v": [1, "2"]}, "/v/1"),
        ({"f": "s.number", "op": "gte", "v": {"f": "s.name"}}, "/v/f"),
        ({"f": "s.number", "op": "gte", "v": {"now": "-P1D"}}, "/v"),
        ({"f": "s.number", "op": "gte", "v": {"f": "s.number", "x": 1}}, "/v"),
        ({"f": "s.number", "op": "in", "v": {"f": "s.number"}}, "/v"),
        ({"f": "s.number", "op": "gte", "v": {"param": 3}}, "/v/param"),
        ({"f": "s.nowhere", "op": "gte", "v": 1}, "/f"),
        ({"f": ["s.number"], "op": "gte", "v": 1}, "/f"),
        ({"f": "s.items", "op": "eq", "v": 1}, "/f"),
        ({"f": "s.name", "op": "gt", "v": "a"}, "/op"),
        ({"f": "s.name", "op": "between", "v": ["a", "b"]}, "/op"),
        ({"f": "s.code", "op": "contains", "v": "a"}, "/op"),
        ({"f": "s.name", "op": "eq", "v": ""}, "/v"),
        ({"f": "s.name", "op": "eq", "v": "a\0b"}, "/v"),
        ({"f": "s.name", "op": "eq", "v": "\ud800"}, "/v"),
        ({"f": "s.name", "op": "contains", "v": "\u0301"}, "/v"),
        ({"f": "s.size", "op": "eq", "v": "HUGE"}, "/v"),
        ({"f": "s.size", "op": "lt", "v": "ENT"}, "/op"),
        ({"f": "s.flag", "op": "eq", "v": "true"}, "/v"),
        ({"f": "s.flag", "op": "in", "v": [True]}, "/op"),
        ({"f": "s.parent", "op": "eq", "v": 0}, "/v"),
        ({"f": "s.parent", "op": "gt", "v": 1}, "/op"),
        ({"f": "s.amount", "op": "gt", "v": 0.1}, "/v"),
        ({"f": "s.amount", "op": "gt", "v": "NaN"}, "/v"),
        ({"f": "s.amount", "op": "gt", "v": "1e999"}, "/v"),
        ({"f": "s.amount", "op": "gt", "v": "1.00001"}, "/v"),
        ({"f": "s.amount", "op": "gt", "v": {"f": "s.number"}}, "/v/f"),
        ({"f": "s.rate", "op": "gt", "v": "1_000"}, "/v"),
        ({"f": "s.rate", "op": "gt", "v": "1234567890123456"}, "/v"),
        ({"f": "s.rate", "op": "gt", "v": "-Infinity"}, "/v"),
        ({"f": "s.day", "op": "gt", "v": "2026-02-30"}, "/v"),
        ({"f": "s.day", "op": "gt", "v": "20260210"}, "/v"),
        ({"f": "s.day", "op": "gt", "v": "0001-01-01"}, "/v"),
        ({"f": "s.day", "op": "within", "v": "PT36H"}, "/v"),
        ({"f": "s.day", "op": "within", "v": "-P1D"}, "/v"),
        ({"f": "s.day", "op": "gt", "v": {"now": "P101Y"}}, "/v/now"),
        ({"f": "s.day", "op": "weekday_in", "v": ["mon", "Tue"]}, "/v/1"),
        ({"f": "s.moment", "op": "gt", "v": "2026-02-10T10:00:00"}, "/v"),
        ({"f": "s.moment", "op": "gt", "v": {"now": "yesterday"}}, "/v/now"),
        ({"count": {"over": "s.items"}, "op": "gte", "v": "1"}, "/v"),
        ({"count": {"over": "s.items"}, "op": "in", "v": [1]}, "/op"),
        ({"count": {"over": "s.number"}, "op": "gte", "v": 1}, "/count/over"),
        ({"count": {"where": FINE}, "op": "gte", "v": 1}, "/count"),
        ({"count": {"over": "s.items", "where": FINE}, "op": "gte", "v": 1}, "/count/where/f"),
        ({"count": {"over": "s.items", "where": {"ref": "big"}}, "op": "gte", "v": 1}, "/count/where/ref"),
        ({"ref": "nowhere"}, "/ref"),
        ({"ref": {}}, "/ref"),
    ],
)
def test_wrong_rule_is_refused_where_it_is_wrong(body: Any, position: str) -> None:
    assert positions(body, refs={"big": FINE}) == [position]


def test_every_problem_is_told_at_once() -> None:
    body = {
        "all": [
            {"f": "s.number", "op": "gte", "v": "x"},
            {"f": "s.nowhere", "op": "eq", "v": 1},
            {"any": [{"f": "s.name", "op": "lt", "v": "a"}, {"f": "s.size", "op": "in", "v": ["ENT", "XL"]}]},
        ]
    }
    assert problems(body)[0] == ("/all/0/v", "x", "a whole number")
    assert positions(body) == ["/all/0/v", "/all/1/f", "/all/2/any/0/op", "/all/2/any/1/v/1"]
    assert problems(body)[3] == ("/all/2/any/1/v/1", "XL", "one of SMB, MM, ENT")


def test_refusal_names_the_operators_of_the_fact() -> None:
    with pytest.raises(RuleError) as refusal:
        parse({"f": "s.code", "op": "lt", "v": "a"})
    assert str(refusal.value) == (
        "/op: Code (text) has no such operator. Found lt; allowed: eq, ne, in, not_in, is_null, not_null, "
        "changed_from, changed_to."
    )
    (finding,) = refusal.value.findings("POL-001")
    assert (finding.code, finding.field, finding.found) == ("POL-001", "body", "lt")


def nested(levels: int) -> Any:
    body: Any = FINE
    for _ in range(levels - 1):
        body = {"not": body}
    return body


def test_depth_is_limited() -> None:
    assert parse(nested(MAX_DEPTH))
    assert positions(nested(MAX_DEPTH + 1)) == ["/not" * MAX_DEPTH]
    assert problems(nested(500))[0][2] == f"{MAX_DEPTH} levels"
    inside = {"count": {"over": "s.items", "where": {"f": "weight", "op": "gt", "v": 1}}, "op": "gte", "v": 1}
    deep: Any = inside
    for _ in range(MAX_DEPTH - 1):
        deep = {"any": [deep]}
    assert positions(deep) == ["/any/0" * (MAX_DEPTH - 1) + "/count/where"]


def test_number_of_nodes_is_limited() -> None:
    assert parse({"all": [FINE] * (MAX_NODES - 1)})
    assert positions({"all": [FINE] * MAX_NODES}) == [f"/all/{MAX_NODES - 1}"]


def test_named_rules_count_where_they_are_used() -> None:
    refs: dict[str, Any] = {"r0": FINE}
    for number in range(1, 6):
        refs[f"r{number}"] = {"all": [{"ref": f"r{number - 1}"}] * 10}
    assert {needed for _, _, needed in problems({"ref": "r5"}, refs=refs)} == {f"{MAX_DEPTH} levels"}
    assert [needed for _, _, needed in problems({"ref": "r2"}, refs=refs)] == [f"{MAX_NODES} nodes"]


def test_lists_and_texts_are_limited() -> None:
    assert parse({"f": "s.number", "op": "in", "v": list(range(500))})
    assert positions({"f": "s.number", "op": "in", "v": list(range(501))}) == ["/v"]
    assert parse({"f": "s.code", "op": "eq", "v": "x" * 500})
    assert positions({"f": "s.code", "op": "eq", "v": "x" * 501}) == ["/v"]
    assert positions({"f": "s.name", "op": "like", "v": "*" * 501}) == ["/v"]


def test_named_rules_are_acyclic() -> None:
    assert positions({"ref": "a"}, refs={"a": {"not": {"ref": "a"}}}) == ["/rules/a/not/ref"]
    circle = {"a": {"ref": "b"}, "b": {"any": [{"ref": "a"}]}}
    assert problems({"ref": "a"}, refs=circle) == [
        ("/rules/b/any/0/ref", "a → b → a", "rules without a circle")
    ]
    assert positions({"ref": "a"}, refs={"a": {"f": "s.x", "op": "eq", "v": 1}}, refs_at="/named") == [
        "/named/a/f"
    ]


def test_parameters_fit_where_they_are_used() -> None:
    body = {"all": [{"f": "s.number", "op": "gte", "v": {"param": "least"}}]}
    assert parse(body, params={"least": 5}).open_params == frozenset()
    assert positions(body, params={"least": "5"}) == ["/all/0/v/param"]
    assert problems(body, params={"most": 5}) == [("/all/0/v/param", "least", "most")]
    assert parse({"f": "s.number", "op": "in", "v": {"param": "some"}}, params={"some": [1, 2]})
    assert positions({"f": "s.number", "op": "in", "v": {"param": "some"}}, params={"some": [1, "x"]}) == [
        "/v/param/1"
    ]
    assert parse({"f": "s.day", "op": "within", "v": {"param": "age"}}, params={"age": "P1M"})


def test_open_parameter_is_checked_when_the_rule_runs() -> None:
    rule = parse({"f": "s.number", "op": "gte", "v": {"param": "least"}})
    assert rule.open_params == {"least"}
    assert rules.evaluate(rule, {"s.number": 3}, NOW, params={"least": 3}).outcome == "true"
    for params in (None, {}, {"least": "3"}, {"least": None}):
        with pytest.raises(RuleError):
            rules.evaluate(rule, {"s.number": 3}, NOW, params=params)
        with pytest.raises(RuleError):
            rules.to_q(rule, NOW, params=params)


def test_position_begins_where_the_rule_stands() -> None:
    assert positions({"not": {"f": "s.x", "op": "eq", "v": 1}}, at="/fields/3/when") == [
        "/fields/3/when/not/f"
    ]
    assert positions({"all": [{"f": "s.number", "op": "in", "v": ["~"]}]}, at="/a~1b") == ["/a~1b/all/0/v/0"]


PAYLOADS = [
    *("__class__", "__import__('os').system('id')", "{0.__class__}", "%(x)s", "');--", "UTC')", "x' OR '1'='1"),
    *("1);COPY t TO PROGRAM 'id'", "pg_sleep(2)--", "lambda: 1", "[x for x in ()]", "f'{1}'", "().__subclasses__()"),
    *("s.number.__class__", "s__number", "s.number__gt", "number", "pk", "ｓ.number", "s．number", "s.number ", "../s"),
    *("{{7*7}}", "{% debug %}", "${7*7}", "\u202es.number", "s.number\0", "OR", "exec", "(a+)+$", "a" * 10_000),
]  # fmt: skip


def slots(payload: Any) -> list[Any]:
    return [
        payload,
        {payload if isinstance(payload, str) else "x": payload},
        {"f": payload, "op": "eq", "v": 1},
        {"f": "s.number", "op": payload, "v": 1},
        {"f": "s.number", "op": "eq", "v": payload},
        {"f": "s.number", "op": "eq", "v": {"f": payload}},
        {"f": "s.number", "op": "eq", "v": {"param": "p"}, payload if isinstance(payload, str) else "x": 1},
        {"f": "s.size", "op": "in", "v": [payload]},
        {"f": "s.day", "op": "within", "v": payload},
        {"f": "s.day", "op": "weekday_in", "v": [payload]},
        {"f": "s.moment", "op": "before", "v": {"now": payload}},
        {"count": {"over": payload}, "op": "eq", "v": 1},
        {"count": {"over": "s.items", "where": payload}, "op": "eq", "v": 1},
        {"ref": payload},
        {"const": payload},
        {"all": [payload]},
    ]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_code_is_refused_data_in_every_slot(payload: str) -> None:
    for body in slots(payload):
        (problem, *_) = problems(body)
        assert len(problem[1]) <= 100


ODD = [[], {}, 1.5, float("nan"), 10**5_000, b"x", {1: 2}, object()]


@pytest.mark.parametrize("payload", ODD, ids=range(len(ODD)))
def test_odd_values_are_refused_in_every_slot(payload: Any) -> None:
    for body in slots(payload):
        assert problems(body)


def test_text_that_looks_like_code_is_only_text() -> None:
    for payload in PAYLOADS:
        if payload.isprintable() and len(payload) <= 500:
            rule = parse({"f": "s.code", "op": "eq", "v": payload})
            assert rules.evaluate(rule, {"s.code": payload}, NOW).outcome == "true"
