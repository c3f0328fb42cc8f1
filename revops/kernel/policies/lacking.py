"""What another version of required fields would change: which records would be complete, and which lack what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from revops.kernel import clocks
from revops.kernel.policies import facts, required, rules
from revops.kernel.policies.documents import Simulation
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.required import Criterion
from revops.kernel.policies.resolving import InForce

COMPLETE = "complete"
_SAID = {Mode.ENFORCE: "Refused", Mode.WARN: "Warned", Mode.OBSERVE: "Observed"}
_BETWEEN = "|"


def simulation(record_type: str, columns: Mapping[str, str]) -> Simulation:
    """Return how required fields of a record type are simulated."""

    def rows() -> QuerySet[Any]:
        found: QuerySet[Any] = apps.get_model(record_type)._default_manager.all()
        return found

    return Simulation(record_type, rows, outcome, columns, why, in_words)


def outcome(policy: InForce, now: datetime) -> Combinable:
    """Return what a version says about a record: complete, or how hard it insists at most and on which fields."""
    whens = []
    for mode in (Mode.ENFORCE, Mode.WARN, Mode.OBSERVE):
        held = [one for one, insists in required.insisting(policy) if insists == mode]
        if held:
            lacks = [(rules.to_q_unless_false(one.rule, now), one) for one in held]
            some = Q(pk__in=[])
            for where, _ in lacks:
                some |= where
            whens.append(When(some, then=_names(mode, lacks)))
    complete = Value(COMPLETE)
    return Case(*whens, default=complete, output_field=CharField()) if whens else complete


def _names(mode: Mode, lacks: Sequence[tuple[Q, Criterion]]) -> Combinable:
    """Return the fields that a record lacks, joined behind the mode."""
    if len(lacks) == 1:
        return Value(mode.value + _BETWEEN + lacks[0][1].label)
    told = [
        Case(When(where, then=Value(_BETWEEN + one.label)), default=Value(""), output_field=CharField())
        for where, one in lacks
    ]
    return Concat(Value(mode.value), *told, output_field=CharField())


def in_words(outcome: str) -> str:
    """Return an outcome in words."""
    mode, *fields = outcome.split(_BETWEEN)
    if not fields:
        return "Complete"
    return f"{_SAID[Mode(mode)]}: lacks {', '.join(dict.fromkeys(fields))}"


def why(before: InForce, after: InForce, pks: Sequence[int]) -> dict[int, str]:
    """Say for changed records which fields make the difference, from one reading of their facts."""
    now, schema = clocks.now(), facts.get(_record_type(after))
    paths = [*required.paths(before), *required.paths(after)]
    rows = schema.model._default_manager.filter(pk__in=pks)
    told = {}
    for pk, values in schema.fetch(rows, paths).items():
        old, new = (
            {one.verdict.leaves[-1].fact.label: one.mode for one in required.missing(policy, values, now)}
            for policy in (before, after)
        )
        more = [
            f"{label} is asked for ({mode.label.lower()})"
            for label, mode in new.items()
            if old.get(label) != mode
        ]
        less = [f"{label} is not asked for any more" for label in old if label not in new]
        told[pk] = "; ".join([*more, *less])
    return told


def _record_type(policy: InForce) -> str:
    return required.body_of(policy).record_type
