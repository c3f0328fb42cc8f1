"""The Python back-end: a rule over the facts of one record. Pure, total, linear; reads nothing but its arguments.

A null operand makes a comparison unknown; only `is_null` and `not_null` look at null. A collection whose items are
partly unknown counts as a range, and a comparison is decided only if every number of the range decides it alike.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from revops.kernel.folding import fold
from revops.kernel.policies.durations import Duration, organisation_date, organisation_zone
from revops.kernel.policies.facts import Fact
from revops.kernel.policies.kinds import CHANGE, WEEKDAYS, FactKind
from revops.kernel.policies.rules import patterns
from revops.kernel.policies.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Const,
    Count,
    Literal,
    Named,
    Node,
    Not,
    Open,
    Operand,
    OtherFact,
    Outcome,
    Rule,
)
from revops.kernel.policies.rules.parsing import parse
from revops.kernel.policies.rules.verdicts import Leaf, Verdict

TRUE, FALSE, UNKNOWN = Outcome.TRUE, Outcome.FALSE, Outcome.UNKNOWN


def evaluate(
    rule: Rule,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    params: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> Verdict:
    """Return what the rule says about these facts at `now`, with every leaf.

    `before` holds the facts as they were, for `changed_from` and `changed_to`; without it those are unknown. Raises
    TypeError when a fact the rule reads is not in `facts`, RuleError when a parameter is missing or does not fit.
    """
    bound = bind(rule, params)
    run = _Run(facts, now, before)
    outcome = run.node(bound.root)
    return Verdict(outcome, rule.key, rule.version, tuple(run.leaves), now)


def bind(rule: Rule, params: Mapping[str, Any] | None) -> Rule:
    """Return the rule with its open parameters filled in, each checked like a literal in its place."""
    if not rule.open_params:
        return rule
    filled = params if params is not None else {}
    return parse(rule.body, rule.schema, params=filled, refs=rule.refs, key=rule.key, version=rule.version)


@dataclass(slots=True)
class _Run:
    facts: Mapping[str, Any]
    now: datetime
    before: Mapping[str, Any] | None
    leaves: list[Leaf] = field(default_factory=list)

    def node(self, node: Node) -> Outcome:
        """Return the outcome of a node; every part of it is asked, so that every leaf is told."""
        if isinstance(node, All):
            return _all([self.node(part) for part in node.parts])
        if isinstance(node, AnyOf):
            return _all([self.node(part).opposite for part in node.parts]).opposite
        if isinstance(node, Not):
            return self.node(node.part).opposite
        if isinstance(node, Named):
            return self.node(node.part)
        if isinstance(node, Const):
            return node.outcome
        return self.count(node) if isinstance(node, Count) else self.compare(node)

    def value(self, fact: Fact) -> Any:
        """Return a fact's value. Raises TypeError when it was not gathered."""
        try:
            return fact.clean(self.facts[fact.path])
        except KeyError:
            raise TypeError(f"The fact {fact.path} was not gathered: use Rule.paths.") from None

    def operand(self, operand: Operand, kind: FactKind) -> Any:
        """Return what a comparison compares with, now."""
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, OtherFact):
            return self.value(operand.fact)
        if isinstance(operand, Open):
            raise TypeError(f"The parameter {operand.key} is open.")
        return shift(self.now, operand.duration, kind)

    def compare(self, node: Compare) -> Outcome:
        fact, actual = node.fact, self.value(node.fact)
        expected = [self.operand(operand, fact.kind) for operand in node.operands]
        if not node.operands:
            outcome = Outcome.of((actual is None) == (node.op == "is_null"))
        elif actual is None or any(value is None for value in expected):
            outcome = UNKNOWN
        elif node.op in CHANGE:
            outcome = self.change(fact, node.op, actual, expected[0])
        else:
            outcome = Outcome.of(self.holds(node, actual, expected))
        self.tell(fact.path, node.op, expected, actual, outcome, fact)
        return outcome

    def holds(self, node: Compare, actual: Any, expected: Sequence[Any]) -> bool:
        fact, op = node.fact, node.op
        if op in ("within", "older_than"):
            edge = shift(self.now, expected[0], fact.kind, back=True)
            return bool(actual >= edge) == (op == "within")
        if op == "weekday_in":
            return weekday(actual) in expected[0]
        if op == "like":
            return patterns.matches(fact.comparable(actual), expected[0])
        other = next((o.fact for o in node.operands if isinstance(o, OtherFact)), None)
        if fact.folded and (other is None or other.folded):
            actual = fact.comparable(actual)
            expected = [_folded(value) if other is None else other.comparable(value) for value in expected]
        return _COMPARISONS[op](actual, *expected)

    def change(self, fact: Fact, op: str, actual: Any, expected: Any) -> Outcome:
        """Compare with the value before: a change from (or to) a value is one that has it on that side only."""
        held = None if self.before is None else fact.comparable(self.before.get(fact.path))
        if held is None:
            return UNKNOWN
        now, wanted = fact.comparable(actual), fact.comparable(expected)
        changed = held == wanted != now if op == "changed_from" else held != wanted == now
        return Outcome.of(changed)

    def count(self, node: Count) -> Outcome:
        """Count the items for which the condition holds, and those for which it may."""
        try:
            items = self.facts[node.over.path]
        except KeyError:
            raise TypeError(f"The collection {node.over.path} was not gathered: use Rule.paths.") from None
        outcomes = [
            TRUE if node.where is None else _Run(item, self.now, None).node(node.where) for item in items
        ]
        least = outcomes.count(TRUE)
        most = least + outcomes.count(UNKNOWN)
        expected = [self.operand(operand, FactKind.INTEGER) for operand in node.operands]
        outcome = UNKNOWN
        if all(value is not None for value in expected):
            outcome = _of_range(node.op, least, most, expected)
        actual = least if least == most else [least, most]
        self.tell(node.over.path, node.op, expected, actual, outcome, node.number)
        return outcome

    def tell(
        self, path: str, op: str, expected: Sequence[Any], actual: Any, outcome: Outcome, fact: Fact
    ) -> None:
        shown = expected[0] if len(expected) == 1 else tuple(expected) or None
        if isinstance(shown, Duration):
            shown = shift(self.now, shown, fact.kind, back=True)
        self.leaves.append(Leaf(path, op, shown, actual, outcome, fact))


def _all(outcomes: Sequence[Outcome]) -> Outcome:
    if FALSE in outcomes:
        return FALSE
    return UNKNOWN if UNKNOWN in outcomes else TRUE


def shift(now: datetime, duration: Duration, kind: FactKind, *, back: bool = False) -> Any:
    """Return now moved by a duration, as an instant or as the organisation's date."""
    if kind == FactKind.DATE:
        return duration.from_date(organisation_date(now), back=back)
    return duration.from_instant(now, back=back)


def weekday(value: date) -> str:
    """Return the day of the week; of an instant, where the organisation is."""
    if isinstance(value, datetime):
        value = value.astimezone(organisation_zone())
    return WEEKDAYS[value.weekday()]


def _folded(literal: Any) -> Any:
    return tuple(fold(item) for item in literal) if isinstance(literal, tuple) else fold(literal)


def _of_range(op: str, least: int, most: int, expected: Sequence[int]) -> Outcome:
    """Compare a count that lies between `least` and `most`."""
    if op == "ne":
        return _of_range("eq", least, most, expected).opposite
    if op in ("lt", "lte"):
        return _of_range({"lt": "gte", "lte": "gt"}[op], least, most, expected).opposite
    low = expected[0] + (op == "gt")
    high = {"eq": expected[0], "between": expected[-1]}.get(op)
    if least >= low and (high is None or most <= high):
        return TRUE
    return FALSE if most < low or (high is not None and least > high) else UNKNOWN


_COMPARISONS: dict[str, Callable[..., bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "before": operator.lt,
    "after": operator.gt,
    "between": lambda value, low, high: low <= value <= high,
    "in": lambda value, held: value in held,
    "not_in": lambda value, held: value not in held,
    "contains": lambda value, part: part in value,
    "starts_with": lambda value, part: value.startswith(part),
    "ends_with": lambda value, part: value.endswith(part),
}
