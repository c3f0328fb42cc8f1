"""What another version of approval rules would change: for each record, whom it would ask if it were submitted now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from revops.kernel.policies import facts, rules
from revops.kernel.policies.documents import Simulation
from revops.kernel.policies.resolving import InForce

NOBODY = "Nobody: approved at once"


def simulation(record_type: str, columns: Mapping[str, str]) -> Simulation:
    """Return the simulation of the approval rules of a record type; `columns` names the path of each scope key."""

    def rows() -> QuerySet[Any]:
        return cast(QuerySet[Any], facts.get(record_type).model._base_manager.all())

    return Simulation(
        record_type=record_type,
        rows=rows,
        outcome=outcome,
        columns=columns,
    )


def outcome(policy: InForce, now: datetime) -> Combinable:
    """Return whom a version asks about a record, rule by rule, as text in SQL; what is unknown asks."""
    from revops.kernel.approvals.bodies import ApprovalBody

    body = cast(ApprovalBody, policy.body)
    text = CharField()
    parts: list[Any] = [Value("", output_field=text)]
    for one in body.parsed:
        fires = Q(pk__isnull=False) if one.when is None else rules.to_q_unless_false(one.when, now)
        words = Value(f"{one.rule.title} (level {one.rule.level}: {one.rule.asked}). ", output_field=text)
        parts.append(Case(When(fires, then=words), default=Value(""), output_field=text))
    if len(parts) == 1:
        return Value(NOBODY, output_field=text)
    told = Concat(*parts, output_field=text)
    return Case(When(_nothing(body, now), then=Value(NOBODY)), default=told, output_field=text)


def _nothing(body: Any, now: datetime) -> Q:
    """Return the condition that no rule fires."""
    found = Q(pk__isnull=False)
    for one in body.parsed:
        if one.when is None:
            return Q(pk__in=[])
        found &= rules.to_q(one.when, now, rules.Outcome.FALSE)
    return found
