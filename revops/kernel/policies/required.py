"""Required fields as a policy: "field R@condition". One definition tells what a record lacks and which records lack it.

A field is missing when it is empty and its condition is not false: like a gate, what is unknown is not fulfilled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from pydantic import Field

from revops.kernel.audit import Finding
from revops.kernel.policies import documents, rules
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import Part, PolicyDocument
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, Rule
from revops.kernel.policies.rules.parsing import allowed
from revops.kernel.policies.rules.problems import Problems


class RequiredField(Part):
    """A field that must not be empty while `when` holds (always, without it); `mode` may insist less than the rest."""

    field: str = Field(max_length=500, json_schema_extra={"kind": "fact"})
    when: dict[str, Any] | None = None
    mode: str | None = Field(default=None, pattern="^(observe|warn|enforce)$")
    code: str = Field(default="REQ-001", pattern="^[A-Z]{3}-[0-9]{3}$")
    note: str = Field(default="", max_length=500)


class RequiredFields(RuleBody):
    """The required fields of one record type."""

    fields: tuple[RequiredField, ...] = Field(max_length=200, strict=False)

    @cached_property
    def criteria(self) -> tuple["Criterion", ...]:
        """Return every requirement with its parsed rule. Raises RuleError with every problem."""
        problems = Problems()
        self.check_named(problems)
        found = [self._criterion(f"/fields/{n}", one, problems) for n, one in enumerate(self.fields)]
        problems.raise_any()
        return tuple(criterion for criterion in found if criterion is not None)

    @cached_property
    def plans(self) -> dict[tuple[Mode, Mode | None], "Plan"]:
        """Return what `missing` has worked out already, by the version's mode and the one asked for."""
        return {}

    def _criterion(self, at: str, one: RequiredField, problems: Problems) -> "Criterion | None":
        """Parse one requirement, adding what is wrong with it to `problems`."""
        known = self.vocabulary.by_path
        if one.field not in known:
            needed = allowed(one.field, known)
            problems.add(f"{at}/field", "There is no such fact", one.field, needed)
        when = None if one.when is None else self.try_rule(one.when, f"{at}/when", problems)
        if one.field not in known or (when is None) is not (one.when is None):
            return None
        empty = {"f": one.field, "op": "is_null"}
        whole = empty if one.when is None else {"all": [one.when, empty]}
        rule = self.try_rule(whole, at, problems)
        return None if rule is None else Criterion(one, rule, when)

    def check(self) -> None:
        """Parse every condition. Raises RuleError with every problem."""
        _ = self.criteria

    def lines(self) -> list[str]:
        """Return each requirement in words."""
        return [criterion.in_words for criterion in self.criteria]


@dataclass(frozen=True)
class Criterion:
    """One requirement; its rule is true where the field is missing."""

    required: RequiredField
    rule: Rule
    when: Rule | None

    @property
    def label(self) -> str:
        return self.rule.schema.by_path[self.required.field].label

    @property
    def in_words(self) -> str:
        condition = "always" if self.when is None else f"when {rules.describe(self.when.root)}"
        mode = f" ({self.required.mode})" if self.required.mode else ""
        return f"{self.label} is required {condition}{mode}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The requirements that insist hard enough, each with how hard it does, and the facts they read."""

    criteria: tuple[tuple[Criterion, Mode], ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that a record lacks, and how hard the policy insists on it."""

    field: str
    mode: Mode
    finding: Finding
    verdict: rules.Verdict


def document(
    *,
    key: str,
    title: str,
    record_type: str,
    fields: tuple[Mapping[str, Any], ...],
    source: str,
    mode: Mode = Mode.ENFORCE,
    columns: Mapping[str, str] | None = None,
) -> PolicyDocument:
    """Declare and register the required fields of a record type, with the shipped ones.

    `fields` are mappings `{"field": path, "when": rule, "mode": "observe", "code": "ACC-006"}`; all but the path may
    be left out. `columns` names the scopes by which they may differ, each with the column of the record that holds it.
    """
    from revops.kernel.policies import lacking

    scopes = columns or {}
    names = {"__module__": __name__, "record_type": record_type}
    body = type("RequiredFieldsOfType", (RequiredFields,), names)
    return documents.register(
        PolicyDocument(
            key=key,
            title=title,
            body=body,
            default={"fields": [dict(one) for one in fields]},
            source=source,
            mode=mode,
            scopes=tuple(scopes),
            simulation=lacking.simulation(record_type, scopes),
        )
    )


def missing(
    policy: InForce, values: Mapping[str, Any], now: datetime, *, mode: Mode | None = None
) -> list[Missing]:
    """Return what a record lacks, given its facts; only what insists at least as hard as `mode`, if named."""
    found = []
    for criterion, insists in _plan(policy, mode).criteria:
        if values.get(criterion.required.field) not in (None, ""):
            continue  # what is given is not missing, whatever the condition says
        verdict = rules.evaluate(criterion.rule, values, now)
        if verdict.outcome == Outcome.FALSE:
            continue
        named = replace(verdict, rule_key=policy.key, version=policy.n)
        found.append(Missing(criterion.required.field, insists, _finding(policy, criterion), named))
    return found


def _plan(policy: InForce, mode: Mode | None) -> Plan:
    """Return what insists at least as hard as `mode`, worked out once a version."""
    body = body_of(policy)
    found = body.plans.get((policy.mode, mode))
    if found is None:
        criteria = []
        for criterion in body.criteria:
            own = Mode(criterion.required.mode) if criterion.required.mode else policy.mode
            insists = Mode.weaker(policy.mode, own)
            if mode is None or insists.strength >= mode.strength:
                criteria.append((criterion, insists))
        read = [path for criterion, _ in criteria for path in criterion.rule.paths]
        found = body.plans[policy.mode, mode] = Plan(tuple(criteria), tuple(dict.fromkeys(read)))
    return found


def body_of(policy: InForce) -> RequiredFields:
    """Return the required fields of a version. Raises RuleError for one that cannot be read."""
    if not isinstance(policy.body, RequiredFields):
        raise TypeError(f"{policy.key} is no policy of required fields.")
    return policy.body


def insisting(policy: InForce) -> tuple[tuple[Criterion, Mode], ...]:
    """Return every requirement with how hard it insists."""
    return _plan(policy, None).criteria


def _finding(policy: InForce, criterion: Criterion) -> Finding:
    required = criterion.required
    reason = "" if criterion.when is None else f" while {rules.describe(criterion.when.root)}"
    note = f" {required.note}" if required.note else ""
    message = f"{criterion.label} is empty; it is required{reason}. Fill it in first.{note}"
    return Finding(
        required.code,
        message,
        field=required.field.rpartition(".")[2],
        needed="a value",
        rule=policy.key,
        rule_version=policy.n,
    )


def paths(policy: InForce, *, mode: Mode | None = None) -> tuple[str, ...]:
    """Return the facts that `missing` reads."""
    return _plan(policy, mode).paths


def lacking(policy: InForce, now: datetime, *, mode: Mode | None = None) -> Q:
    """Return the condition of the records that lack something: exactly those for which `missing` finds anything."""
    where = Q(pk__in=[])
    for criterion, _ in _plan(policy, mode).criteria:
        where |= rules.to_q_unless_false(criterion.rule, now)
    return where


def lacking_field(policy: InForce, field: str, now: datetime) -> Q:
    """Return the condition of the records that lack one field."""
    where = Q(pk__in=[])
    for criterion, _ in _plan(policy, None).criteria:
        if criterion.required.field == field:
            where |= rules.to_q_unless_false(criterion.rule, now)
    return where
