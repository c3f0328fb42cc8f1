"""What operations decide about a clock: its target, what moves it, whose hours count, who hears when (M5)."""

from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field

from revops.kernel.policies import facts, rules
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import Part
from revops.kernel.policies.rules import Rule
from revops.kernel.policies.rules.problems import Problems
from revops.kernel.sla.enums import Escalate

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_EVENT = Field(default=(), max_length=50, strict=False)


class Length(Part):
    """How much time: so many seconds, minutes or hours that count, days round the clock, or business days."""

    amount: int = Field(ge=1, le=10_000_000)
    unit: Literal["seconds", "minutes", "hours", "days", "business_days"]

    @property
    def seconds(self) -> int | None:
        """Return the seconds; None for business days, which only a calendar can tell."""
        size = _SECONDS.get(self.unit)
        return None if size is None else size * self.amount

    def __str__(self) -> str:
        unit = self.unit.replace("_", " ")
        return f"{self.amount:,} {unit[:-1] if self.amount == 1 else unit}"


class TargetRule(Part):
    """A target and the condition under which it is the one."""

    when: dict[str, Any]
    target: Length


class Escalation(Part):
    """Who hears that so many per cent of the target are used."""

    at: int = Field(ge=1, le=1_000)
    to: Literal["owner", "manager", "director", "revops"]
    action: Literal["notify"] = "notify"


class Step(Part):
    """One threshold of a clock, in the order in which they are passed."""

    key: str
    percent: int
    kind: Literal["warned", "breached", "escalated"]
    to: str = ""


class SlaBody(RuleBody):
    """The terms of a clock. A clock keeps the terms it was started under."""

    record_type: ClassVar[str] = ""

    start_on: tuple[str, ...] = _EVENT
    stop_on: tuple[str, ...] = _EVENT
    cancel_on: tuple[str, ...] = _EVENT
    pause_on: tuple[str, ...] = _EVENT
    resume_on: tuple[str, ...] = _EVENT
    pause_when: dict[str, Any] | None = None
    reopen: Literal["new_cycle", "resume", "none"] = "new_cycle"
    target: Length
    targets: tuple[TargetRule, ...] = Field(default=(), max_length=50, strict=False)
    clock: Literal["business", "elapsed"] = "business"
    calendar_from: Literal["pool", "territory", "owner", "account", "org"] = "org"
    warn_at: tuple[int, ...] = Field(default=(50, 75, 100, 200), max_length=20, strict=False)
    escalation: tuple[Escalation, ...] = Field(default=(), max_length=20, strict=False)

    @cached_property
    def rows(self) -> tuple[tuple[Rule, Length], ...]:
        """Return the conditional targets with their parsed rules. Raises RuleError with every problem."""
        problems, found = Problems(), []
        self._check_lengths(problems)
        if self.conditional and self.record_type not in {known.record_type for known in facts.every()}:
            what = "This clock asks for no facts, so it has no conditions"
            problems.add("/targets", what, "conditions", "none")
            problems.raise_any()
        if self.conditional:
            self.check_named(problems)
        for number, one in enumerate(self.targets):
            rule = self.try_rule(one.when, f"/targets/{number}/when", problems)
            if rule is not None:
                found.append((rule, one.target))
        if self.pause_when is not None:
            self.try_rule(self.pause_when, "/pause_when", problems)
        problems.raise_any()
        return tuple(found)

    @cached_property
    def pause_rule(self) -> Rule | None:
        """Return when the clock is paused, by the facts of its record."""
        return None if self.pause_when is None else self.rule(self.pause_when, "/pause_when")

    @property
    def conditional(self) -> bool:
        """Say whether anything depends on the facts of the record."""
        return bool(self.targets or self.pause_when is not None or self.rules)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the facts that the targets and the pause rule read."""
        read = [path for rule, _ in self.rows for path in rule.paths]
        read += self.pause_rule.paths if self.pause_rule is not None else ()
        return tuple(dict.fromkeys(read))

    def check(self) -> None:
        """Parse every condition. Raises RuleError with every problem."""
        _ = self.rows

    def _check_lengths(self, problems: Problems) -> None:
        unit = {"business": "days", "elapsed": "business_days"}[self.clock]
        named = {"/target": self.target}
        named |= {f"/targets/{number}/target": one.target for number, one in enumerate(self.targets)}
        for at, length in named.items():
            if length.unit == unit:
                needed = (
                    "business_days, hours, minutes" if self.clock == "business" else "days, hours, minutes"
                )
                problems.add(f"{at}/unit", f"A {self.clock} clock has no such unit", length.unit, needed)
        for number, percent in enumerate(self.warn_at):
            if not 1 <= percent <= 1_000:
                problems.add(
                    f"/warn_at/{number}", "This is no share of a target", percent, "1 to 1,000 per cent"
                )

    def lines(self) -> list[str]:
        """Return the terms in plain words."""
        told = [f"{target} when {rules.describe(rule.root)}" for rule, target in self.rows]
        told.append(f"{self.target} otherwise" if told else f"{self.target}")
        told.append("Business hours count" if self.clock == "business" else "Every hour counts")
        for verb, events in (("Starts", self.start_on), ("Stops", self.stop_on), ("Pauses", self.pause_on)):
            if events:
                told.append(f"{verb} with {', '.join(events)}")
        if self.warn_at:
            told.append(f"Warns at {', '.join(f'{percent} %' for percent in sorted(self.warn_at))}")
        told += [f"Tells {Escalate(one.to).label.lower()} at {one.at} %" for one in self.escalation]
        return told


def steps(terms: dict[str, Any]) -> list[Step]:
    """Return the thresholds of a clock by the terms it keeps, in the order in which they are passed.

    The breach itself is one of them; a warning at the full target would say the same again.
    """
    found = [
        Step(key=f"warn:{percent}", percent=percent, kind="warned") for percent in {*terms["warn_at"]} - {100}
    ]
    found.append(Step(key="breach", percent=100, kind="breached"))
    for one in terms["escalation"]:
        key = f"escalate:{one['at']}:{one['to']}"
        if all(known.key != key for known in found):
            found.append(Step(key=key, percent=one["at"], kind="escalated", to=one["to"]))
    order = {"breached": 0, "warned": 1, "escalated": 2}
    return sorted(found, key=lambda step: (step.percent, order[step.kind], step.to))
