"""What came of a rule for one record, leaf by leaf: stored with the decision, shown as its reason."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from revops.kernel.policies.durations import Duration
from revops.kernel.policies.facts import Fact
from revops.kernel.policies.rules import words
from revops.kernel.policies.rules.nodes import Outcome


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison: what was asked, what was needed, what was found."""

    path: str
    op: str
    expected: Any
    actual: Any
    outcome: Outcome
    fact: Fact

    @property
    def sentence(self) -> str:
        """Say it in words: what is, and unless that is enough, what is needed."""
        return words.sentence(self.fact, self.op, self.expected, self.actual, self.outcome)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a rule with every leaf of it, and the instant it was asked at."""

    outcome: Outcome
    rule_key: str
    version: int
    leaves: tuple[Leaf, ...]
    now: datetime

    def as_json(self) -> dict[str, Any]:
        """Return what a decision stores."""
        return {
            "outcome": self.outcome.value,
            "rule_key": self.rule_key,
            "version": self.version,
            "now": plain(self.now),
            "leaves": [
                {
                    "path": leaf.path,
                    "op": leaf.op,
                    "expected": plain(leaf.expected),
                    "actual": plain(leaf.actual),
                    "outcome": leaf.outcome.value,
                    "sentence": leaf.sentence,
                }
                for leaf in self.leaves
            ],
        }


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: amounts and numbers as text, instants in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Duration):
        return value.text
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
