"""Rules and their leaves in plain English, from the labels and units of the facts."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from revops.kernel.policies.durations import Duration
from revops.kernel.policies.facts import Collection, Fact
from revops.kernel.policies.kinds import FactKind
from revops.kernel.policies.rules.nodes import (
    All,
    AnyOf,
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
)

# What is asked of a value, and what is needed of one.
_ASKED = {
    "eq": "is {}",
    "ne": "is not {}",
    "lt": "is below {}",
    "lte": "is at most {}",
    "gt": "is above {}",
    "gte": "is at least {}",
    "between": "is from {} to {}",
    "in": "is one of {}",
    "not_in": "is none of {}",
    "contains": "contains {}",
    "starts_with": "starts with {}",
    "ends_with": "ends with {}",
    "like": "is like {}",
    "is_null": "is empty",
    "not_null": "is given",
    "before": "is before {}",
    "after": "is after {}",
    "within": "is within the last {}",
    "older_than": "is longer ago than {}",
    "weekday_in": "falls on {}",
    "changed_from": "changes from {}",
    "changed_to": "changes to {}",
}
_NEEDED = {
    "eq": "needs {}",
    "ne": "needs anything but {}",
    "lt": "needs below {}",
    "lte": "needs at most {}",
    "gt": "needs above {}",
    "gte": "needs at least {}",
    "between": "needs {} to {}",
    "in": "needs one of {}",
    "not_in": "needs none of {}",
    "contains": "needs to contain {}",
    "starts_with": "needs to start with {}",
    "ends_with": "needs to end with {}",
    "like": "needs to be like {}",
    "is_null": "needs to be empty",
    "not_null": "needs a value",
    "before": "needs to be before {}",
    "after": "needs to be after {}",
    "within": "needs {} or later",
    "older_than": "needs to be before {}",
    "weekday_in": "needs {}",
    "changed_from": "needs a change from {}",
    "changed_to": "needs a change to {}",
}
_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def sentence(fact: Fact, op: str, expected: Any, actual: Any, outcome: Outcome) -> str:
    """Return a leaf as a sentence: what is, and unless it holds, what is needed."""
    found = f"{fact.label} is {'unknown' if actual is None else value(fact, actual)}"
    if outcome == Outcome.TRUE:
        return found if op != "is_null" else f"{fact.label} is empty"
    pair = op == "between" and isinstance(expected, tuple)
    sides = [value(fact, one) for one in (expected if pair else (expected,))]
    return f"{found}; {_NEEDED[op].format(*sides)}"


def value(fact: Fact, held: Any) -> str:
    """Return a value as people read it, with its unit."""
    if held is None:
        return "something unknown"
    if isinstance(held, list):
        return f"{held[0]} to {held[1]}"
    if isinstance(held, tuple):
        return _listed([value(fact, one) for one in held], "or")
    if isinstance(held, bool):
        return "yes" if held else "no"
    if isinstance(held, datetime):
        return f"{held:%Y-%m-%d %H:%M} UTC"
    if isinstance(held, date):
        return held.isoformat()
    if isinstance(held, Duration):
        return duration(held)
    if isinstance(held, int | Decimal) and fact.kind != FactKind.REFERENCE:
        return f"{held:,} {fact.unit}".rstrip()
    if fact.kind == FactKind.CHOICE:
        return fact.labels.get(str(held), str(held))
    if fact.kind in (FactKind.DATE, FactKind.INSTANT):
        return _DAYS.get(str(held), str(held))
    return f"number {held}" if fact.kind == FactKind.REFERENCE else f"“{held}”"


def duration(held: Duration) -> str:
    """Return a length of time in words."""
    seconds = abs(int(held.time.total_seconds()))
    parts = [
        (abs(held.months) // 12, "year"),
        (abs(held.months) % 12, "month"),
        (seconds // 86_400, "day"),
        (seconds // 3_600 % 24, "hour"),
        (seconds // 60 % 60, "minute"),
        (seconds % 60, "second"),
    ]
    told = [f"{number} {name}{'' if number == 1 else 's'}" for number, name in parts if number]
    return _listed(told, "and") or "no time"


def _listed(parts: Sequence[str], last: str) -> str:
    shown = list(parts[:8]) + ([f"{len(parts) - 8} more"] if len(parts) > 8 else [])
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def counted(over: Collection, where: Node | None) -> str:
    """Return the label of a number of items."""
    label = f"Number of {over.label.lower()}"
    return label if where is None else f"{label} with {describe(where)}"


def describe(node: Node) -> str:
    """Return a whole rule in words."""
    if isinstance(node, All | AnyOf):
        if len(node.parts) == 1:
            return describe(node.parts[0])
        lead = "all of" if isinstance(node, All) else "any of"
        return f"{lead}: ({'; '.join(describe(part) for part in node.parts)})"
    if isinstance(node, Not):
        return f"not ({describe(node.part)})"
    if isinstance(node, Named):
        return f"{node.name} ({describe(node.part)})"
    if isinstance(node, Const):
        return {"true": "always", "false": "never"}.get(node.outcome, "unknown")
    fact = node.number if isinstance(node, Count) else node.fact
    sides = [_operand(fact, operand) for operand in node.operands]
    return f"{fact.label} {_ASKED[node.op].format(*sides)}"


def _operand(fact: Fact, operand: Operand) -> str:
    if isinstance(operand, Literal):
        return value(fact, operand.value)
    if isinstance(operand, OtherFact):
        return operand.fact.label
    if isinstance(operand, Open):
        return f"the parameter {operand.key}"
    ago = operand.duration.months < 0 or operand.duration.time.total_seconds() < 0
    length = duration(operand.duration)
    if length == "no time":
        return "today" if fact.kind == FactKind.DATE else "now"
    return f"{length} {'ago' if ago else 'from now'}"
