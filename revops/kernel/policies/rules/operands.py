"""The right side of a comparison: literals, other facts, parameters, and times relative to now."""

from collections.abc import Mapping
from typing import Any

from revops.kernel.folding import fold
from revops.kernel.policies.durations import Duration, parse_duration
from revops.kernel.policies.facts import Fact
from revops.kernel.policies.kinds import (
    EQUALITY,
    MAX_TEXT,
    ORDER,
    PRESENCE,
    TEXTUAL,
    WEEKDAYS,
    FactKind,
    Unfit,
    alike,
    read_literal,
)
from revops.kernel.policies.rules.nodes import Literal, Open, Operand, OtherFact, Shifted
from revops.kernel.policies.rules.problems import Problems, shown, step

MAX_LIST = 500
MANY = frozenset({"in", "not_in"})
LENGTHS = frozenset({"within", "older_than"})
# These may look at another fact, and at now where they compare times.
COMPARING = frozenset({*EQUALITY, *ORDER, "before", "after"}) - MANY
_NOTHING = Literal(None)


class Operands:
    """Reads the `v` of comparisons; `open` collects the parameters that are given later."""

    def __init__(self, problems: Problems, params: Mapping[str, Any] | None) -> None:
        self.problems = problems
        self.params = params
        self.open: set[str] = set()

    def read(
        self, fact: Fact, op: str, raw: dict[str, Any], at: str, facts: Mapping[str, Fact]
    ) -> tuple[Operand, ...]:
        """Read what `op` compares `fact` with; two operands for `between`, none for `is_null`."""
        place = step(at, "v")
        if op in PRESENCE:
            if "v" in raw:
                self.problems.add(place, f"“{op}” compares with nothing", raw["v"], "no “v”")
            return ()
        if "v" not in raw:
            self.problems.add(place, f"“{op}” compares with a value", "nothing", "a “v”")
            return (_NOTHING,)
        if op == "between":
            return self._pair(fact, raw["v"], place, facts)
        return (self._one(fact, op, raw["v"], place, facts),)

    def _pair(self, fact: Fact, raw: Any, at: str, facts: Mapping[str, Fact]) -> tuple[Operand, ...]:
        if not isinstance(raw, list) or len(raw) != 2:
            self.problems.add(at, "“between” has two ends", raw, "a list of two values")
            return (_NOTHING, _NOTHING)
        return tuple(self._one(fact, "between", raw[n], step(at, n), facts) for n in (0, 1))

    def _one(self, fact: Fact, op: str, raw: Any, at: str, facts: Mapping[str, Fact]) -> Operand:
        if not isinstance(raw, dict):
            return self._literal(fact, op, raw, at)
        if set(raw) == {"param"}:
            return self._param(fact, op, raw["param"], step(at, "param"))
        if set(raw) == {"f"} and op in COMPARING:
            return self._other(fact, raw["f"], step(at, "f"), facts)
        if set(raw) == {"now"} and op in COMPARING and fact.kind in (FactKind.DATE, FactKind.INSTANT):
            duration = self._duration(fact, raw["now"], step(at, "now"))
            return _NOTHING if duration is None else Shifted(duration)
        ways = ["a value", '{"param": key}']
        if op in COMPARING:
            ways.append('{"f": path}')
            if fact.kind in (FactKind.DATE, FactKind.INSTANT):
                ways.append('{"now": "-P30D"}')
        self.problems.add(at, f"“{op}” cannot compare {fact.label} with this", raw, ", ".join(ways))
        return _NOTHING

    def _param(self, fact: Fact, op: str, key: Any, at: str) -> Operand:
        if not isinstance(key, str) or not 0 < len(key) <= MAX_TEXT:
            self.problems.add(at, "A parameter has a name", key, "text in quotes")
            return _NOTHING
        if self.params is None:
            self.open.add(key)
            return Open(key)
        if key not in self.params:
            known = ", ".join(sorted(self.params)[:12]) or "none: there are none here"
            self.problems.add(at, "There is no such parameter", key, known)
            return _NOTHING
        return self._literal(fact, op, self.params[key], at)

    def _other(self, fact: Fact, path: Any, at: str, facts: Mapping[str, Fact]) -> Operand:
        fitting = {name: one for name, one in facts.items() if alike(one.kind, fact.kind)}
        if not isinstance(path, str) or path not in fitting:
            known = ", ".join(sorted(fitting)[:12])
            what = f"{fact.label} ({fact.kind}) cannot be compared with this"
            self.problems.add(at, what, path, f"a fact of a like type: {known}")
            return _NOTHING
        return OtherFact(fitting[path])

    def _literal(self, fact: Fact, op: str, raw: Any, at: str) -> Operand:
        """Read a literal by what `op` takes: one value, a list, a length of time, days of the week."""
        if op in LENGTHS:
            duration = self._duration(fact, raw, at, backwards=False)
            return _NOTHING if duration is None else Literal(duration)
        if op in MANY or op == "weekday_in":
            return self._list(fact, op, raw, at)
        value = self._value(fact, raw, at)
        if op in TEXTUAL and op != "like" and isinstance(value, str) and not fold(value):
            self.problems.add(at, "Nothing is left of this text once it is folded", raw, "letters or digits")
        return Literal(value)

    def _list(self, fact: Fact, op: str, raw: Any, at: str) -> Operand:
        if not isinstance(raw, list) or not 0 < len(raw) <= MAX_LIST:
            self.problems.add(at, f"“{op}” compares with a list", raw, f"a list of 1 to {MAX_LIST} values")
            return Literal(())
        if op != "weekday_in":
            return Literal(tuple(self._value(fact, item, step(at, n)) for n, item in enumerate(raw)))
        for number, item in enumerate(raw):
            if not isinstance(item, str) or item not in WEEKDAYS:
                self.problems.add(step(at, number), "This is no day of the week", item, ", ".join(WEEKDAYS))
        return Literal(tuple(item for item in raw if isinstance(item, str)))

    def _value(self, fact: Fact, raw: Any, at: str) -> Any:
        try:
            return read_literal(fact.kind, raw, fact.choices)
        except Unfit as needed:
            self.problems.add(at, f"{fact.label} ({fact.kind}) cannot be this", raw, str(needed))
            return None

    def _duration(self, fact: Fact, raw: Any, at: str, *, backwards: bool = True) -> Duration | None:
        needed = "a duration such as P14D" + (" or -P30D" if backwards else "") + ", at most a hundred years"
        duration = parse_duration(raw) if isinstance(raw, str) else None
        if duration is None or (not backwards and raw.startswith("-")):
            self.problems.add(at, "This is no length of time", shown(raw), needed)
            return None
        if fact.kind == FactKind.DATE and not duration.whole_days:
            self.problems.add(at, f"{fact.label} is a date", raw, "a duration of whole days")
            return None
        return duration
