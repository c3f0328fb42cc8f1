"""A rule as a tree: what parsing makes of the JSON, and all that evaluation and SQL look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from revops.kernel.policies.durations import Duration
from revops.kernel.policies.facts import Collection, Fact, FactSchema


class Outcome(StrEnum):
    """What a rule says about a record: three values, after Kleene."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, truth: bool | None) -> "Outcome":
        return cls.UNKNOWN if truth is None else cls.TRUE if truth else cls.FALSE

    @property
    def opposite(self) -> "Outcome":
        return {Outcome.TRUE: Outcome.FALSE, Outcome.FALSE: Outcome.TRUE}.get(self, self)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of the rule itself, already of the fact's type."""

    value: Any


@dataclass(frozen=True, slots=True)
class OtherFact:
    """The value of another fact of the same record."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Shifted:
    """An instant or date relative to now."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Open:
    """A parameter whose value is given when the rule runs."""

    key: str


Operand = Literal | OtherFact | Shifted | Open


@dataclass(frozen=True, slots=True)
class Compare:
    """A leaf: one fact, one operator, its operands (two for `between`, none for `is_null`)."""

    fact: Fact
    op: str
    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """A leaf: how many items of a collection fulfil a condition, compared with a number."""

    over: Collection
    where: "Node | None"
    op: str
    operands: tuple[Operand, ...]
    number: Fact  # the count itself, labelled with what is counted


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class Const:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Named:
    """Another rule of the same document, by its name."""

    name: str
    part: "Node"


Node = Compare | Count | All | AnyOf | Not | Const | Named


@dataclass(frozen=True)
class Rule:
    """A parsed rule: safe to run, and the only thing the back-ends accept."""

    schema: FactSchema
    root: Node
    body: Any
    key: str = ""
    version: int = 0
    open_params: frozenset[str] = frozenset()
    refs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the facts and collections of the record that the rule reads."""
        return tuple(dict.fromkeys(_paths(self.root)))


def _paths(node: Node) -> Iterator[str]:
    if isinstance(node, Compare | Count):
        yield node.fact.path if isinstance(node, Compare) else node.over.path
        yield from (operand.fact.path for operand in node.operands if isinstance(operand, OtherFact))
    elif isinstance(node, All | AnyOf):
        for part in node.parts:
            yield from _paths(part)
    elif isinstance(node, Not | Named):
        yield from _paths(node.part)
