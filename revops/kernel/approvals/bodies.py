"""The body of approval policies: which rules ask for whose approval, at which level. Source: M6.

A rule fires where its condition is not false: what is unknown is asked about. A rule without a condition always fires.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import Field

from revops.kernel.approvals.simulating import simulation
from revops.kernel.people.enums import Role
from revops.kernel.policies import documents, rules
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import Part, PolicyDocument
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, Rule, Verdict
from revops.kernel.policies.rules.parsing import allowed
from revops.kernel.policies.rules.problems import Problems

TWO_HUMANS_FROM = 3
LOWER, HIGHER = "lower_is_safer", "higher_is_safer"
NOBODY = "none"


class Approver(Part):
    """Whom a rule asks: exactly one of a role, the manager of the owner, one person, or some of a group.

    `manager_of_owner` is how many steps above the owner of the record; `named` is an e-mail address; `any_of` is how
    many of the `group` must say yes.
    """

    role: str | None = Field(default=None, max_length=40)
    manager_of_owner: int | None = Field(default=None, ge=1, le=6)
    named: str | None = Field(default=None, max_length=254)
    group: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=50, strict=False)
    any_of: int = Field(default=1, ge=1, le=50)

    @property
    def ways(self) -> int:
        """Return in how many ways the approver is named; one is right."""
        return sum(one is not None for one in (self.role, self.manager_of_owner, self.named, self.group))

    @property
    def in_words(self) -> str:
        if self.role is not None:
            return f"any {Role(self.role).label if self.role in Role else self.role}"
        if self.manager_of_owner is not None:
            above = self.manager_of_owner - 1
            return "the owner's manager" + (f", {above} further up" if above else "")
        if self.group is not None:
            return f"{self.any_of} of {', '.join(self.group)}"
        return str(self.named)


class ApprovalRule(Part):
    """One reason to ask: while `when` is not false, `approvers` must say yes, as `mode` says, at this level.

    `monotone` names facts whose values may move in their safe direction without the question being asked anew.
    """

    key: str = Field(pattern="^[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1, max_length=120)
    when: dict[str, Any] | None = None
    level: int = Field(ge=1, le=9)
    approvers: tuple[Approver, ...] = Field(min_length=1, max_length=20, strict=False)
    mode: str = Field(default="any", pattern="^(any|all|k_of_n)$")
    k: int = Field(default=1, ge=1, le=50)
    monotone: dict[str, str] = {}
    note: str = Field(default="", max_length=500)

    @property
    def asked(self) -> str:
        """Return in words who is asked."""
        joined = {"any": " or ", "all": " and "}.get(self.mode, ", ")
        told = joined.join(one.in_words for one in self.approvers)
        return f"{self.k} of: {told}" if self.mode == "k_of_n" else told


@dataclass(frozen=True)
class Parsed:
    """A rule with its condition, ready to run."""

    rule: ApprovalRule
    when: Rule | None

    def verdict(self, values: Mapping[str, Any], now: datetime, policy: InForce) -> Verdict:
        """Return what the condition says; it fires unless that is false."""
        if self.when is None:
            return Verdict(Outcome.TRUE, self.rule.key, policy.n, (), now)
        found = rules.evaluate(self.when, values, now)
        return replace(found, rule_key=self.rule.key, version=policy.n)

    @property
    def in_words(self) -> str:
        condition = "always" if self.when is None else f"when {rules.describe(self.when.root)}"
        return f"Level {self.rule.level}, {self.rule.title}: {self.rule.asked}, {condition}"


class ApprovalBody(RuleBody):
    """The approval rules of one purpose.

    An approval holds for `valid_days` (for good, without it); a request that nobody decides lapses after `open_days`.
    """

    approvals: tuple[ApprovalRule, ...] = Field(max_length=100, strict=False)
    valid_days: int | None = Field(default=None, ge=1, le=3_650)
    open_days: int | None = Field(default=None, ge=1, le=3_650)

    @cached_property
    def parsed(self) -> tuple[Parsed, ...]:
        """Return every rule with its parsed condition. Raises RuleError with every problem."""
        problems = Problems()
        self.check_named(problems)
        found = [self._parse(f"/approvals/{n}", one, problems) for n, one in enumerate(self.approvals)]
        keys = [one.key for one in self.approvals]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                problems.add(f"/approvals/{number}/key", "A rule stands here twice", key, "a key of its own")
        problems.raise_any()
        return tuple(one for one in found if one is not None)

    def _parse(self, at: str, one: ApprovalRule, problems: Problems) -> Parsed | None:
        for number, approver in enumerate(one.approvers):
            self._check_approver(f"{at}/approvers/{number}", approver, problems)
        known = self.vocabulary.by_path
        for path, direction in one.monotone.items():
            if path not in known:
                problems.add(f"{at}/monotone", "There is no such fact", path, allowed(path, known))
            if direction not in (LOWER, HIGHER):
                problems.add(f"{at}/monotone", "This is no direction", direction, f"{LOWER} or {HIGHER}")
        when = None if one.when is None else self.try_rule(one.when, f"{at}/when", problems)
        return None if (when is None) is not (one.when is None) else Parsed(one, when)

    def _check_approver(self, at: str, one: Approver, problems: Problems) -> None:
        if one.ways != 1:
            needed = "exactly one of role, manager_of_owner, named, group"
            problems.add(at, "An approver is named in one way", f"{one.ways} ways", needed)
        if one.role is not None and not one.role.replace("_", "").isalnum():
            problems.add(f"{at}/role", "This is no role", one.role, "the code of a role, such as FINANCE")
        if one.group is not None and one.any_of > len(set(one.group)):
            problems.add(f"{at}/any_of", "The group is smaller", one.any_of, f"at most {len(set(one.group))}")

    def check(self) -> None:
        """Parse every rule. Raises RuleError with every problem."""
        _ = self.parsed

    def lines(self) -> list[str]:
        """Return each rule in words, by level."""
        return [one.in_words for one in sorted(self.parsed, key=lambda one: one.rule.level)]

    def decide(
        self, question: Mapping[str, Any], values: Mapping[str, Any], now: datetime, policy: InForce
    ) -> Answer:
        """Say which rules fire for these facts: their keys in the order of the policy, or "none".

        With `question["broken"]` the version in force could not be read, and every rule fires.
        """
        told = [(one.rule.key, one.verdict(values, now, policy)) for one in self.parsed]
        fired = [key for key, one in told if question.get("broken") or one.outcome != Outcome.FALSE]
        outcome = ",".join(fired)
        return Answer(outcome if len(outcome) <= 40 else f"{len(fired)} rules", tuple(one for _, one in told))

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the facts that the rules read."""
        return tuple(dict.fromkeys(path for one in self.parsed if one.when for path in one.when.paths))


def document(
    *,
    key: str,
    title: str,
    record_type: str,
    approvals: tuple[Mapping[str, Any], ...],
    source: str,
    valid_days: int | None = None,
    open_days: int | None = None,
    params: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | None = None,
    scopes: Mapping[str, str] | None = None,
    help: str = "",
) -> PolicyDocument:
    """Declare and register the approval rules of a purpose, with the shipped ones.

    `approvals` are mappings as `ApprovalRule` reads them: `{"key": "deep_discount", "title": "Discount over 20 %",
    "when": rule, "level": 2, "approvers": [{"role": "DIRECTOR"}], "mode": "any", "monotone": {path: …}}`.
    `scopes` names the ORM path of each key by which an installation may decide differently.
    """
    body = type("ApprovalBodyOfType", (ApprovalBody,), {"__module__": __name__, "record_type": record_type})
    default: dict[str, Any] = {"approvals": [dict(one) for one in approvals]}
    default |= {"params": dict(params or {}), "rules": dict(rules or {})}
    default |= {"valid_days": valid_days, "open_days": open_days}
    return documents.register(
        PolicyDocument(
            key=key,
            title=title,
            body=body,
            default=default,
            source=source,
            mode=Mode.ENFORCE,
            scopes=tuple(scopes or ()),
            help=help,
            simulation=simulation(record_type, scopes or {}),
        )
    )
