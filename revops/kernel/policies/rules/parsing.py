"""From JSON to a rule: whatever is not exactly the condition language is refused, with its place and what is allowed.

Nothing of the JSON is ever executed or looked up by attribute: a path is a key of the fact schema, an operator a key
of a table, everything else a typed literal. A rule stored by an older version is parsed again when it runs, so what
is refused today is refused then. Source: M2, B11.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from revops.kernel.policies.facts import Collection, Fact, FactSchema
from revops.kernel.policies.kinds import COUNTING, FactKind
from revops.kernel.policies.rules import words
from revops.kernel.policies.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Const,
    Count,
    Named,
    Node,
    Not,
    Outcome,
    Rule,
)
from revops.kernel.policies.rules.operands import Operands
from revops.kernel.policies.rules.problems import Problems, RuleError, shown, step

MAX_DEPTH = 8
MAX_NODES = 100
SHAPES = (
    '{"all": [...]}, {"any": [...]}, {"not": {...}}, {"f": path, "op": operator, "v": value}, '
    '{"count": {"over": path, "where": {...}}, "op": operator, "v": value}, {"ref": name} or {"const": true}'
)
_UNKNOWN = Const(Outcome.UNKNOWN)
_CONSTANTS = {True: Outcome.TRUE, False: Outcome.FALSE, None: Outcome.UNKNOWN}


def parse(
    body: Any,
    schema: FactSchema,
    *,
    params: Mapping[str, Any] | None = None,
    refs: Mapping[str, Any] | None = None,
    key: str = "",
    version: int = 0,
    at: str = "",
    refs_at: str = "/rules",
) -> Rule:
    """Read one rule against a fact schema; `refs` holds the rules it may name, `params` the values it may use.

    Without `params` its parameters stay open and are given when it runs. `at` is where the rule stands in its
    document, `refs_at` where the named rules stand: positions begin there. Raises RuleError with every problem.
    """
    parser = _Parser(schema, params, refs or {}, refs_at)
    root = parser.node(body, at, 1, parser.scope)
    parser.problems.raise_any()
    return Rule(schema, root, body, key, version, frozenset(parser.operands.open), dict(refs or {}))


class _Scope:
    """The facts in sight: those of the record, or those of one item of a collection."""

    def __init__(self, facts: Mapping[str, Fact], collections: Mapping[str, Collection]) -> None:
        self.facts = facts
        self.collections = collections


class _Parser:
    def __init__(
        self, schema: FactSchema, params: Mapping[str, Any] | None, refs: Mapping[str, Any], refs_at: str
    ) -> None:
        self.problems = Problems()
        self.operands = Operands(self.problems, params)
        self.scope = _Scope(schema.by_path, schema.collections_by_path)
        self.refs = refs
        self.refs_at = refs_at
        self.nodes = 0
        self.inside: list[str] = []

    def node(self, raw: Any, at: str, depth: int, scope: _Scope) -> Node:
        """Read one node and what is below it."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.problems.add(at, "The rule is too big", f"more than {MAX_NODES} nodes", f"{MAX_NODES} nodes")
            raise RuleError(self.problems.found)
        if depth > MAX_DEPTH:
            return self._wrong(at, "The rule is nested too deep", f"level {depth}", f"{MAX_DEPTH} levels")
        if not isinstance(raw, dict):
            return self._wrong(at, "This is no condition", raw, SHAPES)
        keys = frozenset(raw)
        if keys in ({"all"}, {"any"}):
            (name,) = raw
            return self._several(name, raw[name], step(at, name), depth, scope)
        if keys == {"not"}:
            return Not(self.node(raw["not"], step(at, "not"), depth + 1, scope))
        if keys == {"const"}:
            return self._const(raw["const"], step(at, "const"))
        if keys == {"ref"}:
            return self._named(raw["ref"], step(at, "ref"), depth, scope)
        if keys == {"count", "op", "v"}:
            return self._count(raw, at, depth, scope)
        if keys in ({"f", "op"}, {"f", "op", "v"}):
            return self._compare(raw, at, scope)
        return self._wrong(at, "This is no condition", ", ".join(sorted(map(str, keys))) or "{}", SHAPES)

    def _wrong(self, at: str, what: str, found: Any, needed: str) -> Node:
        self.problems.add(at, what, found, needed)
        return _UNKNOWN

    def _several(self, name: str, raw: Any, at: str, depth: int, scope: _Scope) -> Node:
        if not isinstance(raw, list) or not raw:
            return self._wrong(at, f"“{name}” needs conditions", raw, "a list of one or more conditions")
        parts = tuple(self.node(part, step(at, number), depth + 1, scope) for number, part in enumerate(raw))
        return All(parts) if name == "all" else AnyOf(parts)

    def _const(self, raw: Any, at: str) -> Node:
        if raw is not None and not isinstance(raw, bool):
            return self._wrong(at, "A constant is an outcome", raw, "true, false or null (unknown)")
        return Const(_CONSTANTS[raw])

    def _named(self, raw: Any, at: str, depth: int, scope: _Scope) -> Node:
        if scope is not self.scope:
            return self._wrong(at, "A named rule asks about the record", raw, "no “ref” inside “where”")
        if not isinstance(raw, str) or raw not in self.refs:
            return self._wrong(at, "There is no rule of this name", raw, allowed(raw, self.refs))
        if raw in self.inside:
            circle = " → ".join((*self.inside, raw))
            return self._wrong(at, "The rule leads back to itself", circle, "rules without a circle")
        self.inside.append(raw)
        part = self.node(self.refs[raw], step(self.refs_at, raw), depth + 1, scope)
        self.inside.pop()
        return Named(raw, part)

    def _compare(self, raw: dict[str, Any], at: str, scope: _Scope) -> Node:
        fact = self._fact(raw["f"], step(at, "f"), scope)
        if fact is None:
            return _UNKNOWN
        op = raw["op"]
        if not isinstance(op, str) or op not in fact.operators:
            what = f"{fact.label} ({fact.kind}) has no such operator"
            return self._wrong(step(at, "op"), what, op, ", ".join(fact.operators))
        operands = self.operands.read(fact, op, raw, at, scope.facts)
        return Compare(fact, op, operands)

    def _fact(self, raw: Any, at: str, scope: _Scope) -> Fact | None:
        if isinstance(raw, str) and raw in scope.facts:
            return scope.facts[raw]
        what = "There is no such fact"
        if isinstance(raw, str) and raw in scope.collections:
            what = "This is a collection; count it"
        self.problems.add(at, what, raw, allowed(raw, scope.facts))
        return None

    def _count(self, raw: dict[str, Any], at: str, depth: int, scope: _Scope) -> Node:
        counted, op, inner = raw["count"], raw["op"], step(at, "count")
        if not isinstance(counted, dict) or set(counted) not in ({"over"}, {"over", "where"}):
            needed = '{"over": path} or {"over": path, "where": {...}}'
            return self._wrong(inner, "“count” says what it counts", counted, needed)
        over = counted["over"]
        if not isinstance(over, str) or over not in scope.collections:
            place = step(inner, "over")
            return self._wrong(place, "There is no such collection", over, allowed(over, scope.collections))
        collection = scope.collections[over]
        if not isinstance(op, str) or op not in COUNTING:
            return self._wrong(step(at, "op"), "A count has no such operator", op, ", ".join(COUNTING))
        number = Fact(over, collection.label, FactKind.INTEGER)
        operands = self.operands.read(number, op, raw, at, scope.facts)
        where = None
        if "where" in counted:
            items = _Scope(collection.by_path, {})
            where = self.node(counted["where"], step(inner, "where"), depth + 1, items)
        number = Fact(over, words.counted(collection, where), FactKind.INTEGER)
        return Count(collection, where, op, operands, number)


def allowed(raw: Any, names: Iterable[str]) -> str:
    """Say which names are allowed: the closest ones where there are many."""
    known = sorted(names)
    if len(known) <= 12:
        return "one of " + ", ".join(known) if known else "none: there are none here"
    close = difflib.get_close_matches(shown(raw), known, n=5, cutoff=0.4) or known[:12]
    return f"one of {', '.join(close)} … ({len(known)} in all)"
