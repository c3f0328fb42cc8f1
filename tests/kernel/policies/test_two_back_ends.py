"""One rule, two back-ends, one meaning: Python over a row and SQL over the table select the same rows (M2)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revops.kernel.policies import rules
from revops.kernel.policies.rules import Outcome, Rule
from tests.kernel.policies import generating
from tests.kernel.policies.specimens import NOW, SUBJECT, Subject

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("specimens")]

# 600 rules, each over 120 rows: 72,000 pairs an engine.
BATCHES = [range(start, start + 100) for start in range(1_000, 1_600, 100)]
Rows = dict[int, dict[str, Any]]


@pytest.fixture
def rows(db: None) -> Rows:
    every = [fact.path for fact in SUBJECT.facts] + [one.path for one in SUBJECT.collections]
    return SUBJECT.fetch(Subject.objects.all(), every)


def in_python(rule: Rule, rows: Rows) -> dict[Outcome, set[int]]:
    found: dict[Outcome, set[int]] = {outcome: set() for outcome in Outcome}
    for pk, facts in rows.items():
        found[rules.evaluate(rule, facts, NOW).outcome].add(pk)
    return found


def in_sql(rule: Rule) -> dict[Outcome, set[int]]:
    return {outcome: ids(rules.to_q(rule, NOW, outcome)) for outcome in Outcome}


def ids(where: Q) -> set[int]:
    return set(Subject.objects.filter(where).values_list("pk", flat=True))


def agrees(body: Any, rows: Rows) -> dict[Outcome, set[int]]:
    rule = rules.parse(body, SUBJECT)
    python = in_python(rule, rows)
    assert in_sql(rule) == python, body
    assert ids(rules.to_q_unless_false(rule, NOW)) == python[Outcome.TRUE] | python[Outcome.UNKNOWN], body
    return python


@pytest.mark.parametrize("seeds", BATCHES, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_random_rules_select_the_same_rows_in_python_and_sql(seeds: range, rows: Rows) -> None:
    met: set[Outcome] = set()
    for seed in seeds:
        found = agrees(generating.rule(seed), rows)
        met |= {outcome for outcome, pks in found.items() if pks}
    assert met == set(Outcome)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), depth=st.integers(1, 3))
def test_any_rule_selects_the_same_rows_in_python_and_sql(seed: int, depth: int, rows: Rows) -> None:
    agrees(generating.rule(seed, depth), rows)


def leaves() -> Iterator[tuple[str, Any]]:
    """Yield one rule for each operator of each fact."""
    for fact in SUBJECT.facts:
        for number, op in enumerate(fact.operators):
            maker = generating._Maker(generating.random.Random(number))
            body: dict[str, Any] = {"f": fact.path, "op": op}
            if op not in ("is_null", "not_null"):
                body["v"] = maker.value(fact, op, SUBJECT.facts)
            yield f"{fact.path}-{op}", body


def test_every_operator_of_every_fact_selects_the_same_rows(rows: Rows) -> None:
    for _name, body in leaves():
        agrees(body, rows)
        agrees({"not": body}, rows)


HOSTILE = ("x' OR '1'='1", "%(x)s", "');--", '"; DROP TABLE x; --', "{0.__class__}", "pg_sleep(2)")


@pytest.mark.parametrize("text", HOSTILE)
def test_values_reach_the_database_as_parameters(rows: Rows, text: str) -> None:
    folded = ("eq", "ne", "contains", "starts_with", "ends_with", "like", "in", "not_in")
    leaves = [{"f": "s.name", "op": op, "v": [text] if op.endswith("in") else text} for op in folded]
    items = {"over": "s.items", "where": {"f": "label", "op": "contains", "v": text}}
    body = {"any": [*leaves, {"f": "s.code", "op": "eq", "v": text}, {"count": items, "op": "gte", "v": 1}]}
    agrees(body, rows)
    plain = {"any": [*leaves, {"f": "s.code", "op": "eq", "v": "x"}, {"count": items, "op": "gte", "v": 1}]}
    statements = {statement(one) for one in (body, plain)}
    assert len(statements) == 1
    assert text not in statements.pop()


def statement(body: Any) -> str:
    where = rules.to_q(rules.parse(body, SUBJECT), NOW)
    return str(Subject.objects.filter(where).query.sql_with_params()[0])


def test_largest_rule_runs_on_both_engines(rows: Rows) -> None:
    """A hundred nodes and eight levels, with long lists, stay within what the databases parse."""
    many = {"f": "s.number", "op": "not_in", "v": list(range(500))}
    wide = {"all": [many] * 20 + [{"any": [{"f": "s.code", "op": "ne", "v": "us"}] * 60}]}
    agrees(wide, rows)
    deep: Any = {"any": [{"f": "s.name", "op": "contains", "v": "a"}] * 40}
    for _ in range(3):
        deep = {"not": {"all": [deep, {"const": None}]}}
    agrees(deep, rows)


@pytest.mark.control
def test_naive_negation_takes_unknown_for_true(rows: Rows) -> None:
    """`~Q` of a rule is not its negation: most random rules come out wrong, the pair is right for all of them."""
    wrong = 0
    for seed in range(1_000, 1_040):
        rule = rules.parse(generating.rule(seed), SUBJECT)
        naive = ids(~rules.to_q(rule, NOW, Outcome.TRUE))
        wrong += naive != ids(rules.to_q(rule, NOW, Outcome.FALSE))
    assert wrong > 10
