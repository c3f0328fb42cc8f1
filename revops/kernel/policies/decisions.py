"""Stored decisions: what a policy decided, on which facts, by which version; and the same decided again (M2)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from revops.kernel import audit
from revops.kernel.policies import documents, facts, resolving
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.facts import FactSchema
from revops.kernel.policies.kinds import FactKind
from revops.kernel.policies.models import Decision
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.rules.verdicts import plain


def record(
    policy: InForce,
    subject: Any,
    answer: Answer,
    *,
    question: Mapping[str, Any],
    values: Mapping[str, Any],
    at: datetime,
) -> Decision:
    """Write what `policy` answered about `subject` at `at`, with the facts it saw, inside the open change."""
    change = audit.current()
    if policy.ref not in change.policy_refs:
        change.policy_refs.append(policy.ref)
    return audit.write(
        Decision(
            policy_key=policy.key,
            policy_version_id=policy.version_id,
            ref=policy.ref,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            question=dict(question),
            facts={path: _frozen(value) for path, value in values.items()},
            verdicts=[verdict.as_json() for verdict in answer.verdicts],
            outcome=answer.outcome,
            decided_at=at,
        )
    )


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision taken again: whether it came out the same, as what, and where it differs."""

    same: bool
    outcome: str
    differences: tuple[str, ...] = ()


def replay(decision: Decision) -> Replay:
    """Decide again by the version and the facts of the decision, and compare outcome and verdicts leaf by leaf."""
    try:
        answer = decide(policy_of(decision), decision)
    except (RuleError, TypeError, LookupError, ValueError) as error:
        return Replay(False, "", (f"It cannot be decided again: {error}",))
    told = json.loads(json.dumps([verdict.as_json() for verdict in answer.verdicts]))
    differences = []
    if answer.outcome != decision.outcome:
        differences.append(f"The outcome was {decision.outcome}, now it is {answer.outcome}.")
    if len(told) != len(decision.verdicts):
        differences.append(f"It asked {len(decision.verdicts)} lines, now {len(told)}.")
    for before, after in zip(decision.verdicts, told, strict=False):
        if before != after:
            was, is_now = before.get("outcome"), after["outcome"]
            differences.append(f"{after['rule_key']}: it was {was}, now it is {is_now}.")
    return Replay(not differences, answer.outcome, tuple(differences))


@dataclass(frozen=True, slots=True)
class Compared:
    """Past decisions taken again under another version: how many there are, differ, and lack a fact it asks for."""

    decided: int
    changed: int
    untold: int


def under(policy: InForce, decisions: Iterable[Decision]) -> Compared:
    """Say how many of these decisions would have come out differently under another version of their policy."""
    decided = changed = untold = 0
    for decision in decisions:
        decided += 1
        try:
            answer = decide(policy, decision)
        except (TypeError, LookupError, ValueError):
            untold += 1
        else:
            changed += answer.outcome != decision.outcome
    return Compared(decided, changed, untold)


def decide(policy: InForce, decision: Decision) -> Answer:
    """Return what a version answers to the question of a decision on the same facts at the same instant.

    Raises TypeError for a fact that was not gathered then, RuleError for a version that does not fit any more.
    """
    schema = facts.get(decision.subject_type)
    values = {path: _thawed(schema, path, value) for path, value in decision.facts.items()}
    return policy.body.decide(decision.question, values, decision.decided_at, policy)


def policy_of(decision: Decision) -> InForce:
    """Return the version that took a decision, whatever is in force today."""
    document = documents.get(decision.policy_key)
    version = decision.policy_version
    if version is None:
        return resolving.shipped(document)
    return InForce(
        decision.policy_key,
        version.n,
        document,
        version.body,
        Mode(version.mode),
        version.policy.scope,
        version.pk,
        version.authority,
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_frozen(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(held) for name, held in value.items()}
    return plain(value)


def _thawed(schema: FactSchema, path: str, value: Any) -> Any:
    """Return a stored fact as a rule reads it. Raises LookupError for one that is not declared any more."""
    if path in schema.by_path:
        return _typed(schema.by_path[path].kind, value)
    kinds = {name: fact.kind for name, fact in schema.collections_by_path[path].by_path.items()}
    return [{name: _typed(kinds[name], held) for name, held in item.items()} for item in value]


def _typed(kind: FactKind, value: Any) -> Any:
    if value is None:
        return None
    if kind == FactKind.DATE:
        return date.fromisoformat(value)
    if kind == FactKind.INSTANT:
        return datetime.fromisoformat(value)
    return Decimal(value) if kind in (FactKind.MONEY, FactKind.DECIMAL) else value
