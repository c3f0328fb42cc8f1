"""What still holds of the request before: a granted step is carried over only where it is safe. Pure. Source: M6.

Each rule of the step must be the one that asked then, and every value it tested unchanged or moved in its safe
direction. A rule that tests for equality is always asked anew; one without a condition, which asks about the content
as a whole, unless that is the same to the letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from revops.kernel.approvals import content
from revops.kernel.approvals.bodies import HIGHER, Parsed
from revops.kernel.approvals.course import Stage
from revops.kernel.approvals.enums import SETTLED, StepState
from revops.kernel.policies.kinds import EQUALITY, TEXTUAL
from revops.kernel.policies.rules import Rule, Verdict
from revops.kernel.policies.rules.nodes import All, AnyOf, Compare, Count, Named, Node, Not

_EQUAL = {*EQUALITY, *TEXTUAL, "weekday_in", "changed_from", "changed_to"}


@dataclass(frozen=True)
class Reason:
    """Why one rule asks: what it tested and found, as a step keeps it."""

    key: str
    title: str
    print: str
    tested: Mapping[str, Any]
    labels: Mapping[str, str]
    said: tuple[str, ...]
    monotone: Mapping[str, str]
    equality: bool
    whole: bool

    def as_json(self) -> dict[str, Any]:
        names = ("key", "title", "print", "tested", "labels", "said", "monotone", "equality", "whole")
        return {name: content.plain(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class Before:
    """A step of the request before, with the reasons that it kept."""

    pk: int
    stage: Stage
    rules: Sequence[Mapping[str, Any]]
    bound: str

    def reason(self, key: str) -> Mapping[str, Any] | None:
        return next((one for one in self.rules if one.get("key") == key), None)


@dataclass(frozen=True)
class Carried:
    """Whether a step is carried over, from which one, and why or why not, in words."""

    step: Before | None
    why: str


def reason(parsed: Parsed, verdict: Verdict, values: Mapping[str, Any]) -> Reason:
    """Return why a rule asks, from its verdict on these facts."""
    rule, when = parsed.rule, parsed.when
    paths = when.paths if when is not None else ()
    labels = {leaf.path: leaf.fact.label for leaf in verdict.leaves}
    said = tuple(dict.fromkeys(leaf.sentence.partition(";")[0] for leaf in verdict.leaves))
    return Reason(
        rule.key,
        rule.title,
        content.digest({"when": rule.when, "rule": _spelled(when), "monotone": rule.monotone}),
        {path: content.plain(values.get(path)) for path in paths},
        {path: labels.get(path, path) for path in paths},
        said,
        dict(rule.monotone),
        when is not None and _tests_equality(when.root),
        when is None,
    )


def _spelled(when: Rule | None) -> Any:
    """Return all that a condition depends on beside the facts."""
    return None if when is None else {"body": when.body, "refs": dict(when.refs), "tree": repr(when.root)}


def _tests_equality(node: Node) -> bool:
    if isinstance(node, Compare | Count):
        where = isinstance(node, Count) and node.where is not None and _tests_equality(node.where)
        return node.op in _EQUAL or where
    if isinstance(node, All | AnyOf):
        return any(_tests_equality(part) for part in node.parts)
    return _tests_equality(node.part) if isinstance(node, Not | Named) else False


def carry(stage: Stage, reasons: Sequence[Reason], bound: str, before: Sequence[Before]) -> Carried:
    """Return the granted step of the request before that still answers for all of these rules, if one does."""
    keys = {one.key for one in reasons}
    answered = [one for one in before if one.stage.state in SETTLED]
    held = next((one for one in answered if keys <= {str(rule.get("key")) for rule in one.rules}), None)
    if held is None:
        return Carried(None, "")
    for one in reasons:
        if objection := _objection(one, held, bound):
            return Carried(None, f"Asked again: {objection}.")
    judged = replace(stage, votes=tuple(_revote(stage, held)))
    if judged.judged() != StepState.GRANTED:
        return Carried(None, "Asked again: who granted it could not decide it now.")
    return Carried(held, _because(reasons, held))


def _revote(stage: Stage, held: Before) -> Any:
    """Return the votes of the step before, each for the approvers it could speak for now."""
    for vote in held.stage.votes:
        places = frozenset(n for n, place in enumerate(stage.places) if vote.voice in place.people)
        if places:
            yield replace(vote, places=places)


def _objection(one: Reason, held: Before, bound: str) -> str:
    """Return why this rule must be asked again, or nothing."""
    then = held.reason(one.key) or {}
    if then.get("print") != one.print:
        return f"the rule “{one.title}” has changed"
    if one.whole:
        return (
            "" if held.bound == bound else f"“{one.title}” is about the content as a whole, and that changed"
        )
    if one.equality:
        return f"“{one.title}” tests for a certain value"
    for path, now in one.tested.items():
        was = then.get("tested", {}).get(path)
        if now != content.plain(was) and not _safe(content.plain(was), now, one.monotone.get(path, "")):
            label = one.labels.get(path, path)
            return f"{label} went from {content.words(was)} to {content.words(now)}"
    return ""


def _safe(was: Any, now: Any, direction: str) -> bool:
    """Say whether a value moved in the direction in which nothing gets worse. What is unknown is never safe."""
    if not direction or was is None or now is None:
        return False
    try:
        before, after = Decimal(was), Decimal(now)
    except (InvalidOperation, TypeError, ValueError):
        if not (isinstance(was, str) and isinstance(now, str)):
            return False
        return now >= was if direction == HIGHER else now <= was
    return after >= before if direction == HIGHER else after <= before


def _because(reasons: Sequence[Reason], held: Before) -> str:
    """Say in words why the step still holds."""
    moved = []
    for one in reasons:
        then = (held.reason(one.key) or {}).get("tested", {})
        for path, now in one.tested.items():
            if content.plain(then.get(path)) != now:
                told = f"{one.labels.get(path, path)} went from {content.words(then.get(path))}"
                moved.append(f"{told} to {content.words(now)}, which is safer")
    if moved:
        return f"Carried over: {'; '.join(moved)}."[:400]
    if any(one.whole for one in reasons):
        return "Carried over: the content is the same as when it was granted."
    return "Carried over: nothing that its rules test has changed."
