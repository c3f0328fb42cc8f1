"""Who would be asked, before anything is submitted. Source: M6 (`approvals.preview`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel import clocks
from revops.kernel.approvals import purposes, routes
from revops.kernel.approvals.asking import Planned
from revops.kernel.approvals.bodies import TWO_HUMANS_FROM
from revops.kernel.approvals.enums import StepMode
from revops.kernel.approvals.routes import Way
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people.enums import Role


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """One step as it would be asked: why, whom, and whether it still holds from the request before."""

    level: int
    title: str
    reasons: tuple[str, ...]
    asked: tuple[str, ...]
    how: str
    carried: bool
    because: str

    def as_json(self) -> dict[str, Any]:
        return {
            "level": self.level,
            "title": self.title,
            "reasons": list(self.reasons),
            "asked": list(self.asked),
            "how": self.how,
            "carried": self.carried,
            "because": self.because,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """The way a request would take. Without steps it would be approved at once."""

    purpose: str
    title: str
    policy: str
    steps: tuple[PreviewStep, ...]
    findings: tuple[Finding, ...]
    two_people: bool


def preview(subject: Any, purpose: str, by: User) -> Preview:
    """Return who would be asked if `by` submitted the stored record now; nothing is written."""
    kind = purposes.get(purpose)
    way = routes.way(kind, kind.fresh(subject.pk), by, clocks.now())
    return Preview(
        kind.key,
        kind.title,
        way.fired.policy.ref,
        tuple(_shown(number, step, way) for number, step in enumerate(way.steps)),
        way.findings,
        any(step.level >= TWO_HUMANS_FROM for step in way.steps),
    )


def _shown(number: int, step: Planned, way: Way) -> PreviewStep:
    carried = way.carried[number]
    reasons = [said for rule in step.rules for said in way.fired.reasons[rule.key].said]
    asked = [
        who(one.person, one.role, one.why, way.directory.names) for slot in step.slots for one in slot.asked
    ]
    return PreviewStep(
        step.level,
        step.title,
        tuple(dict.fromkeys(reasons)),
        tuple(dict.fromkeys(asked)),
        how(step.mode, step.k, len(asked)),
        carried.step is not None,
        carried.why,
    )


def who(person: int | None, role: str, why: str, names: Mapping[int, str]) -> str:
    """Return somebody who is asked in words."""
    label = str(Role(role).label) if role in Role else role
    small = f"{label[:1].lower()}{label[1:]}" if label[1:2].islower() else label
    told = f"Any {small}" if role else names.get(person or 0, "somebody")
    return f"{told} ({why[:1].lower()}{why[1:]})" if why else told


def how(mode: str, needed: int, asked: int) -> str:
    """Return in words who of those asked must say yes."""
    if mode == StepMode.K_OF_N:
        return f"{needed} of them must approve"
    if asked < 2:
        return ""
    return "each of them must approve" if mode == StepMode.ALL else "one of them is enough"
