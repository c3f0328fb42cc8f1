"""Exit criteria as a policy: what must hold before a record leaves a state, or is closed. Source: M3, exit-criteria.

A criterion is met where its rule is true, or where its condition is false; what is unknown is not met.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from pydantic import Field

from revops.kernel.policies import documents, rules
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import Part, PolicyDocument
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, Rule, Verdict
from revops.kernel.policies.rules.nodes import AnyOf, Const, Not
from revops.kernel.policies.rules.parsing import allowed
from revops.kernel.policies.rules.problems import Problems

MANAGERS = ("SALES_MGR", "DIRECTOR", "VP_SALES", "SALES_OPS", "REVOPS")
PASSES, REFUSES = "passes", "refuses"


class Criterion(Part):
    """One thing that must hold to pass a gate.

    `gate` is the state that it guards the leaving of, or the transition that it belongs to (win, lose); `when` says for
    which records it is asked. `supplied_by` names the field or the deed that supplies what is missing, `note` is said
    after a refusal. `mode` may insist less than the policy.
    """

    key: str = Field(pattern="^[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1, max_length=120)
    gate: str = Field(max_length=40)
    rule: dict[str, Any]
    when: dict[str, Any] | None = None
    mode: str | None = Field(default=None, pattern="^(observe|warn|enforce)$")
    supplied_by: str = Field(default="", max_length=60)
    excusable_by: tuple[str, ...] = Field(default=MANAGERS, max_length=20, strict=False)
    note: str = Field(default="", max_length=500)


@dataclass(frozen=True)
class Parsed:
    """A criterion with its rules: `whole` is true where it is met, `fails` is not false where it is not."""

    criterion: Criterion
    when: Rule | None
    rule: Rule
    whole: Rule
    fails: Rule

    @property
    def key(self) -> str:
        return self.criterion.key

    def insists(self, policy: InForce) -> Mode:
        """Return how hard it insists under a policy of this mode."""
        own = Mode(self.criterion.mode) if self.criterion.mode else policy.mode
        return Mode.weaker(policy.mode, own)

    def verdict(self, values: Mapping[str, Any], now: datetime, policy: InForce) -> Verdict:
        """Return what it says about these facts; a condition that does not hold leaves nothing to be asked."""
        if self.when is not None:
            asked = rules.evaluate(self.when, values, now)
            if asked.outcome == Outcome.FALSE:
                return replace(asked, outcome=Outcome.TRUE, rule_key=self.key, version=policy.n)
        return replace(rules.evaluate(self.rule, values, now), rule_key=self.key, version=policy.n)

    @property
    def in_words(self) -> str:
        condition = "" if self.when is None else f" when {rules.describe(self.when.root)}"
        mode = f" ({self.criterion.mode})" if self.criterion.mode else ""
        return f"{self.criterion.title}{condition}{self._asked}{mode}"

    @property
    def _asked(self) -> str:
        if isinstance(self.rule.root, Const):
            return ", not measured yet" if self.rule.root.outcome == Outcome.UNKNOWN else ""
        asked = rules.describe(self.rule.root)
        return f": {asked}" if asked != f"{self.criterion.title} is given" else ""


class GateBody(RuleBody):
    """The exit criteria of one record type, gate by gate."""

    gates: ClassVar[Mapping[str, str]]

    criteria: tuple[Criterion, ...] = Field(max_length=200, strict=False)

    @cached_property
    def parsed(self) -> tuple[Parsed, ...]:
        """Return every criterion with its parsed rules. Raises RuleError with every problem."""
        problems = Problems()
        self.check_named(problems)
        found = [self._parse(f"/criteria/{n}", one, problems) for n, one in enumerate(self.criteria)]
        keys = [one.key for one in self.criteria]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                problems.add(
                    f"/criteria/{number}/key", "A criterion stands here twice", key, "a key of its own"
                )
        problems.raise_any()
        return tuple(one for one in found if one is not None)

    def _parse(self, at: str, one: Criterion, problems: Problems) -> Parsed | None:
        if one.gate not in self.gates:
            problems.add(f"{at}/gate", "There is no such gate", one.gate, allowed(one.gate, self.gates))
        rule = self.try_rule(one.rule, f"{at}/rule", problems)
        when = None if one.when is None else self.try_rule(one.when, f"{at}/when", problems)
        if rule is None or (when is None) is not (one.when is None):
            return None
        root = rule.root if when is None else AnyOf((Not(when.root), rule.root))
        whole = replace(rule, root=root)
        return Parsed(one, when, rule, whole, replace(rule, root=Not(root)))

    def check(self) -> None:
        """Parse every rule. Raises RuleError with every problem."""
        _ = self.parsed

    def of(self, gates: Collection[str]) -> tuple[Parsed, ...]:
        """Return the criteria of these gates, in the order of the policy."""
        return tuple(one for one in self.parsed if one.criterion.gate in gates)

    def lines(self) -> list[str]:
        """Return each criterion in words, gate by gate."""
        return [f"{label}: {one.in_words}" for gate, label in self.gates.items() for one in self.of({gate})]

    def decide(
        self, question: Mapping[str, Any], values: Mapping[str, Any], now: datetime, policy: InForce
    ) -> Answer:
        """Say whether the criteria of `question["gates"]`, and those owed, let a record with these facts pass.

        `question["excused"]` and `question["acknowledged"]` name the criteria that do not stand in the way.
        """
        waived = {*question.get("excused", ()), *question.get("acknowledged", ())}
        asked = self.asked(question["gates"], question.get("owed", ()))
        verdicts = tuple(one.verdict(values, now, policy) for one in asked)
        stops = [
            one.key
            for one, verdict in zip(asked, verdicts, strict=True)
            if verdict.outcome != Outcome.TRUE
            and one.insists(policy) != Mode.OBSERVE
            and one.key not in waived
        ]
        return Answer(REFUSES if stops else PASSES, verdicts)

    def asked(self, gates: Collection[str], owed: Collection[str]) -> tuple[Parsed, ...]:
        """Return the criteria of these gates and those that are owed from earlier ones."""
        return tuple(one for one in self.parsed if one.criterion.gate in gates or one.key in owed)


def document(
    *,
    key: str,
    title: str,
    record_type: str,
    gates: Mapping[str, str],
    criteria: tuple[Mapping[str, Any], ...],
    source: str,
    scopes: tuple[str, ...] = (),
    **more: Any,
) -> PolicyDocument:
    """Declare and register the exit criteria of a record type, with the shipped ones.

    `gates` maps each state that is left, and each transition with criteria of its own, to the words for it ("To leave
    Discovery"); `more` goes to the document.
    """
    names = {"__module__": __name__, "record_type": record_type, "gates": gates}
    body = type("GatesOfType", (GateBody,), names)
    return documents.register(
        PolicyDocument(
            key=key,
            title=title,
            body=body,
            default={"criteria": [dict(one) for one in criteria]},
            source=source,
            scopes=scopes,
            **more,
        )
    )
