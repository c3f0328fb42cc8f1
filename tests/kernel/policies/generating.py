"""Random rules over the specimens, the same for the same seed: every node, every operator, every kind of value."""

import random
from typing import Any

from revops.kernel.policies.facts import Fact
from revops.kernel.policies.kinds import COUNTING, WEEKDAYS, FactKind, alike
from tests.kernel.policies.specimens import (
    AMOUNTS,
    BIGS,
    CODES,
    DAYS,
    MOMENTS,
    NUMBERS,
    RATES,
    SIZES,
    SUBJECT,
    TEXTS,
)

ITEMS = SUBJECT.collections[0]
DURATIONS = ("P0D", "P1D", "P14D", "P1M", "P1Y2M", "P30D")
PATTERNS = ("a*", "*e", "*c*e*", "?", "a?me", "*%*", "*_*", "*\\*", "a b*", "*", "acme\\*", "s*e  g*")
POOLS: dict[FactKind, tuple[Any, ...]] = {
    FactKind.INTEGER: (*NUMBERS, *BIGS),
    FactKind.DECIMAL: (*RATES[:-2], "-0.5", 2),
    FactKind.MONEY: AMOUNTS,
    FactKind.DATE: tuple(day.isoformat() for day in DAYS),
    FactKind.INSTANT: tuple(moment.isoformat() for moment in MOMENTS),
    FactKind.BOOLEAN: (True, False),
    FactKind.CHOICE: tuple(key for key, _ in SIZES),
    FactKind.REFERENCE: tuple(range(1, 30)),
}


def rule(seed: int, depth: int = 4) -> Any:
    """Return the random rule of this seed."""
    return _Maker(random.Random(seed)).node(depth)


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def node(self, depth: int) -> Any:
        roll = self.chance.random()
        if depth <= 1 or roll < 0.35:
            return self.leaf()
        if roll < 0.85:
            parts = [self.node(depth - 1) for _ in range(self.chance.randint(1, 3))]
            return {self.chance.choice(("all", "any")): parts}
        return {"not": self.node(depth - 1)}

    def leaf(self) -> Any:
        roll = self.chance.random()
        if roll < 0.04:
            return {"const": self.chance.choice((True, False, None))}
        if roll < 0.2:
            return self.count()
        return self.compare(SUBJECT.facts)

    def compare(self, facts: tuple[Fact, ...]) -> Any:
        fact = self.chance.choice(facts)
        op = self.chance.choice(fact.operators)
        if op in ("is_null", "not_null"):
            return {"f": fact.path, "op": op}
        return {"f": fact.path, "op": op, "v": self.value(fact, op, facts)}

    def value(self, fact: Fact, op: str, facts: tuple[Fact, ...]) -> Any:
        if op == "between":
            return [self.one(fact, op, facts), self.one(fact, op, facts)]
        if op in ("in", "not_in"):
            return [self.literal(fact) for _ in range(self.chance.randint(1, 4))]
        if op in ("within", "older_than"):
            return self.chance.choice(DURATIONS)
        if op == "weekday_in":
            return self.chance.sample(WEEKDAYS, self.chance.randint(1, 4))
        if op == "like":
            return self.chance.choice(PATTERNS)
        if op in ("contains", "starts_with", "ends_with"):
            text = str(self.chance.choice(TEXTS))
            start = self.chance.randrange(len(text))
            return text[start : start + 2].strip() or "a"
        return self.literal(fact) if op.startswith("changed") else self.one(fact, op, facts)

    def one(self, fact: Fact, op: str, facts: tuple[Fact, ...]) -> Any:
        roll = self.chance.random()
        if roll < 0.2:
            return {"f": self.chance.choice([one.path for one in facts if alike(one.kind, fact.kind)])}
        if roll < 0.5 and fact.kind in (FactKind.DATE, FactKind.INSTANT):
            return {"now": self.chance.choice(("", "-")) + self.chance.choice(DURATIONS)}
        return self.literal(fact)

    def literal(self, fact: Fact) -> Any:
        if fact.kind == FactKind.TEXT:
            text = str(self.chance.choice(TEXTS if fact.folded else CODES))
            return self.chance.choice((text, text.upper())) if fact.folded else text
        return self.chance.choice(POOLS[fact.kind])

    def count(self) -> Any:
        counted: dict[str, Any] = {"over": ITEMS.path}
        if self.chance.random() < 0.8:
            counted["where"] = self.where(2)
        op = self.chance.choice(COUNTING)
        if op == "between":
            return {"count": counted, "op": op, "v": [self.chance.randint(0, 2), self.chance.randint(0, 3)]}
        value: Any = self.chance.randint(0, 3)
        if self.chance.random() < 0.2:
            value = {"f": "s.number"}
        return {"count": counted, "op": op, "v": value}

    def where(self, depth: int) -> Any:
        roll = self.chance.random()
        if depth <= 1 or roll < 0.6:
            return self.compare(ITEMS.facts)
        if roll < 0.8:
            return {"not": self.where(depth - 1)}
        return {self.chance.choice(("all", "any")): [self.where(1), self.where(1)]}
