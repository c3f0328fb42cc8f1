"""Which rules fire for a record, with the facts behind them: the policy's side of a submission. Source: M6.

A version that today's schema refuses never decides that nobody is asked: the shipped rules do, and all of them fire.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Q

from revops.kernel import policies
from revops.kernel.approvals.asking import Directory
from revops.kernel.approvals.bodies import ApprovalBody, ApprovalRule
from revops.kernel.approvals.carrying import Reason, reason
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.resolving import InForce, shipped
from revops.kernel.policies.rules import Outcome


@dataclass(frozen=True)
class Fired:
    """What the policy says of one record: the rules that fire, each with its reason."""

    policy: InForce
    broken: bool
    values: Mapping[str, Any]
    answer: Answer
    rules: tuple[ApprovalRule, ...]
    reasons: Mapping[str, Reason]

    @property
    def body(self) -> ApprovalBody:
        return cast(ApprovalBody, self.policy.body)


def fired(purpose: Purpose, record: Any, now: datetime) -> Fired:
    """Return the rules that fire for a stored record at `now`; one statement, and one more a collection."""
    policy = policies.get(purpose.policy_key, purpose.scope(record), now)
    broken = policy.broken is not None
    policy = shipped(policy.document) if broken else policy
    body = cast(ApprovalBody, policy.body)
    rows = purpose.model._base_manager.filter(pk=record.pk)
    values = body.vocabulary.fetch(rows, body.paths).get(record.pk, {}) if body.paths else {}
    answer = body.decide({"broken": broken}, values, now, policy)
    fires = [
        (one, verdict)
        for one, verdict in zip(body.parsed, answer.verdicts, strict=True)
        if broken or verdict.outcome != Outcome.FALSE
    ]
    reasons = {one.rule.key: reason(one, verdict, values) for one, verdict in fires}
    return Fired(policy, broken, values, answer, tuple(one.rule for one, _ in fires), reasons)


def directory() -> Directory:
    """Return the organisation as approvals ask for it, in one query."""
    held = organisation()
    people = User.objects.filter(Q(is_active=True) | Q(pk__in=held.roles), kind=UserKind.PERSON)
    rows = list(people.values_list("pk", "email", "name", "is_active"))
    holders: dict[str, set[int]] = {}
    for person, roles in held.roles.items():
        for role in roles:
            holders.setdefault(role, set()).add(person)
    return Directory(
        active=frozenset(pk for pk, _, _, active in rows if active),
        holders={role: frozenset(people) for role, people in holders.items()},
        manager_of=held.manager_of,
        by_email={email.casefold(): pk for pk, email, _, _ in rows},
        names={pk: name for pk, _, name, _ in rows},
    )
