"""The SQL back-end: a rule over a table of records, as the pair (definitely true, definitely false).

NOT swaps the pair; unknown is neither. Every condition is built of parts that are true or not true, never by
negating a whole: `~Q` of a rule would take unknown for true. Source: architecture §4, addenda (M2).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Expression,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models import lookups as sql
from django.db.models.functions import Coalesce, ExtractIsoWeekDay

from revops.kernel.folding import fold
from revops.kernel.policies.durations import organisation_zone
from revops.kernel.policies.facts import Collection, Fact
from revops.kernel.policies.kinds import CHANGE, WEEKDAYS, WORDED, FactKind
from revops.kernel.policies.rules import patterns
from revops.kernel.policies.rules.evaluating import bind, shift
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

# A condition, or one that is known already.
Part = Q | bool
Pair = tuple[Part, Part]


def to_q(
    rule: Rule, now: datetime, outcome: Outcome = Outcome.TRUE, *, params: Mapping[str, Any] | None = None
) -> Q:
    """Return the condition that selects the records for which the rule has this outcome at `now`."""
    true, false = _Compiler(now).node(bind(rule, params).root)
    if outcome == Outcome.TRUE:
        return _whole(true)
    return _whole(false) if outcome == Outcome.FALSE else _neither(true, false)


def to_q_unless_false(rule: Rule, now: datetime, *, params: Mapping[str, Any] | None = None) -> Q:
    """Return the condition of the records for which the rule is true or unknown: where unknown must fire."""
    _, false = _Compiler(now).node(bind(rule, params).root)
    return _neither(false)


def _whole(part: Part) -> Q:
    if isinstance(part, bool):
        return Q(pk__isnull=False) if part else Q(pk__in=[])
    return part


def _neither(*parts: Part) -> Q:
    """Return the condition that none of `parts` is true; null is not true."""
    held = _any(parts)
    if isinstance(held, bool):
        return _whole(not held)
    one = Case(When(held, then=Value(0)), default=Value(1), output_field=IntegerField())
    return Q(sql.Exact(one, 1))


def _every(parts: Iterable[Part]) -> Part:
    joined: Part = True
    for part in parts:
        if part is False:
            return False
        if part is not True:
            joined = part if isinstance(joined, bool) else joined & part
    return joined


def _any(parts: Iterable[Part]) -> Part:
    joined: Part = False
    for part in parts:
        if part is True:
            return True
        if part is not False:
            joined = part if isinstance(joined, bool) else joined | part
    return joined


@dataclass(frozen=True, slots=True)
class _Compiler:
    now: datetime

    def node(self, node: Node) -> Pair:
        if isinstance(node, All | AnyOf):
            pairs = [self.node(part) for part in node.parts]
            true, false = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            if isinstance(node, All):
                return _every(true), _any(false)
            return _any(true), _every(false)
        if isinstance(node, Not):
            true_part, false_part = self.node(node.part)
            return false_part, true_part
        if isinstance(node, Named):
            return self.node(node.part)
        if isinstance(node, Const):
            return node.outcome == Outcome.TRUE, node.outcome == Outcome.FALSE
        return self.count(node) if isinstance(node, Count) else self.compare(node)

    def compare(self, node: Compare) -> Pair:
        fact = node.fact
        known = _known(fact)
        if not node.operands:
            absent = Q(sql.IsNull(fact.expression, True))
            if fact.kind in WORDED:
                absent |= Q(sql.Exact(fact.expression, ""))
            return (absent, known) if node.op == "is_null" else (known, absent)
        if node.op in CHANGE:
            return False, False  # a table holds no value from before
        others = [operand.fact for operand in node.operands if isinstance(operand, OtherFact)]
        sides = [known, *(_known(other) for other in others)]
        held = self.holds(node, others)
        return _every([*sides, held]), _every([*sides, ~held])

    def holds(self, node: Compare, others: list[Fact]) -> Q:
        """Return the condition for values that are known."""
        fact, op = node.fact, node.op
        folded = bool(fact.folded) and all(other.folded for other in others)
        left = fact.compared if folded else fact.expression
        right = [self.operand(operand, fact.kind, folded=folded) for operand in node.operands]
        if op in ("within", "older_than"):
            edge = shift(self.now, right[0], fact.kind, back=True)
            return Q((sql.GreaterThanOrEqual if op == "within" else sql.LessThan)(left, edge))
        if op == "weekday_in":
            zone = organisation_zone() if fact.kind == FactKind.INSTANT else None
            day = ExtractIsoWeekDay(left, tzinfo=zone)
            return Q(sql.In(day, sorted({WEEKDAYS.index(name) + 1 for name in right[0]})))
        if op == "like":
            pattern = self.operand(node.operands[0], fact.kind, folded=False)
            return Q(_Like(left, Value(patterns.as_sql_pattern(pattern))))
        if op == "between":
            return Q(sql.GreaterThanOrEqual(left, right[0])) & Q(sql.LessThanOrEqual(left, right[1]))
        if op in ("ne", "not_in"):
            return ~Q(_LOOKUPS[op](left, right[0]))
        return Q(_LOOKUPS[op](left, right[0]))

    def operand(self, operand: Operand, kind: FactKind, *, folded: bool) -> Any:
        if isinstance(operand, OtherFact):
            return operand.fact.compared if folded else operand.fact.expression
        if isinstance(operand, Open):
            raise TypeError(f"The parameter {operand.key} is open.")
        if not isinstance(operand, Literal):
            return shift(self.now, operand.duration, kind)
        value = operand.value
        if isinstance(value, tuple):
            return [fold(item) if folded else item for item in value]
        return fold(value) if folded else value

    def count(self, node: Count) -> Pair:
        """Compare a count that lies between the items that count for certain and those that may."""
        least, most = self.bounds(node)
        sides: list[Part] = [_known(o.fact) for o in node.operands if isinstance(o, OtherFact)]
        low, *rest = (self.operand(o, FactKind.INTEGER, folded=False) for o in node.operands)
        true, false = _of_range(node.op, least, most, low, rest[0] if rest else low)
        return _every([*sides, true]), _every([*sides, false])

    def bounds(self, node: Count) -> tuple[Expression, Expression]:
        if node.where is None:
            return (_number(node.over, True),) * 2
        true, false = self.node(node.where)
        return _number(node.over, true), _number(node.over, True) - _number(node.over, false)


def _known(fact: Fact) -> Q:
    if fact.kind in WORDED:
        return Q(sql.GreaterThan(fact.expression, ""))
    return Q(sql.IsNull(fact.expression, False))


def _number(over: Collection, where: Part) -> Any:
    """Return how many items fulfil a condition, in SQL; null never reaches the comparison."""
    if where is False:
        return Value(0, output_field=IntegerField())
    items = over.rows().filter(**{over.link: OuterRef("pk")}).order_by()
    if where is not True:
        items = items.filter(where)
    counted = items.annotate(number_=Func(F("pk"), function="COUNT", output_field=IntegerField()))
    return Coalesce(Subquery(counted.values("number_")), 0, output_field=IntegerField())


def _of_range(op: str, least: Any, most: Any, low: Any, high: Any) -> Pair:
    if op in ("ne", "lt", "lte"):
        true, false = _of_range({"ne": "eq", "lt": "gte", "lte": "gt"}[op], least, most, low, high)
        return false, true
    if op in ("gt", "gte"):
        above, below = {
            "gt": (sql.GreaterThan, sql.LessThanOrEqual),
            "gte": (sql.GreaterThanOrEqual, sql.LessThan),
        }[op]
        return Q(above(least, low)), Q(below(most, low))
    inside = Q(sql.GreaterThanOrEqual(least, low)) & Q(sql.LessThanOrEqual(most, high))
    outside = Q(sql.LessThan(most, low)) | Q(sql.GreaterThan(least, high))
    return inside, outside


class _Like(Func):
    """LIKE with `\\` as its escape, as a pattern made by `as_sql_pattern` needs it."""

    template = r"(%(expressions)s ESCAPE '\')"
    arg_joiner = " LIKE "
    output_field = BooleanField()


_LOOKUPS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": sql.Exact,
    "ne": sql.Exact,
    "in": sql.In,
    "not_in": sql.In,
    "lt": sql.LessThan,
    "lte": sql.LessThanOrEqual,
    "gt": sql.GreaterThan,
    "gte": sql.GreaterThanOrEqual,
    "before": sql.LessThan,
    "after": sql.GreaterThan,
    "contains": sql.Contains,
    "starts_with": sql.StartsWith,
    "ends_with": sql.EndsWith,
}
