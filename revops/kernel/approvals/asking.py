"""Whom the rules that fire ask: approvers become people and roles, merged and put in levels. Pure. Source: M6 (submit).

The submitter and the owner of the record decide nothing. Where that leaves nobody, their manager is asked instead, the
next one further up who may; where nobody stands above, RevOps is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from revops.kernel.approvals.bodies import ApprovalRule, Approver
from revops.kernel.approvals.enums import StepMode
from revops.kernel.audit import Finding

LAST_RESORT = "REVOPS"
_FURTHEST = 12


@dataclass(frozen=True)
class Directory:
    """The organisation as far as approvals ask for it: active people alone."""

    active: frozenset[int]
    holders: Mapping[str, frozenset[int]]
    manager_of: Mapping[int, int]
    by_email: Mapping[str, int]
    names: Mapping[int, str] = field(default_factory=dict)

    def holding(self, role: str) -> frozenset[int]:
        """Return the active holders of a role."""
        return self.holders.get(role, frozenset()) & self.active

    def above(self, person: int | None, barred: frozenset[int] = frozenset()) -> int | None:
        """Return the nearest active manager above somebody who is not barred."""
        for _ in range(_FURTHEST):
            person = None if person is None else self.manager_of.get(person)
            if person is None or (person in self.active and person not in barred):
                return person
        return None

    def up(self, person: int | None, steps: int) -> int | None:
        """Return who stands so many steps above somebody, active or not."""
        for _ in range(steps):
            person = None if person is None else self.manager_of.get(person)
        return person

    def name(self, person: int) -> str:
        return self.names.get(person, f"person {person}")


@dataclass(frozen=True)
class Asked:
    """One of those asked: a person, or whoever holds a role."""

    person: int | None = None
    role: str = ""
    why: str = ""


@dataclass(frozen=True)
class Slot:
    """One approver of a step: `needed` of `people` speak for it."""

    asked: tuple[Asked, ...]
    people: frozenset[int]
    needed: int = 1


@dataclass(frozen=True)
class Planned:
    """One step as it will be asked."""

    level: int
    mode: StepMode
    k: int
    slots: tuple[Slot, ...]
    rules: tuple[ApprovalRule, ...]

    @property
    def people(self) -> frozenset[int]:
        return frozenset[int]().union(*(slot.people for slot in self.slots))

    @property
    def title(self) -> str:
        return ", ".join(dict.fromkeys(rule.title for rule in self.rules))


@dataclass(frozen=True)
class Question:
    """Who asks about whose record, and who may therefore decide nothing."""

    submitter: int
    owner: int | None

    @property
    def barred(self) -> frozenset[int]:
        return frozenset({self.submitter} | ({self.owner} if self.owner else set()))


def plan(
    fired: Sequence[ApprovalRule], directory: Directory, question: Question
) -> tuple[list[Planned], list[Finding]]:
    """Return the steps in the order in which they are asked, and why somebody cannot be asked at all."""
    findings: list[Finding] = []
    steps = [_step(rule, directory, question, findings) for rule in fired]
    merged = _merged([step for step in steps if step.slots])
    return sorted(merged, key=lambda step: (step.level, step.title)), findings


def _step(rule: ApprovalRule, directory: Directory, question: Question, findings: list[Finding]) -> Planned:
    slots = [_slot(one, directory, question) for one in rule.approvers]
    if rule.mode == StepMode.ANY and any(slot.people for slot in slots):
        slots = [slot for slot in slots if slot.people]
    slots = [
        slot if len(slot.people) >= slot.needed else _last_resort(slot, directory, question) for slot in slots
    ]
    step = Planned(rule.level, StepMode(rule.mode), rule.k, tuple(slots), (rule,))
    if step.mode == StepMode.K_OF_N and len(step.people) < rule.k:
        slots.append(_last_resort(Slot((), frozenset(), 1), directory, question))
        step = replace(step, slots=tuple(slots))
    if any(len(slot.people) < slot.needed for slot in slots) or (
        step.mode == StepMode.K_OF_N and len(step.people) < rule.k
    ):
        findings.append(_nobody(rule))
    return step


def _nobody(rule: ApprovalRule) -> Finding:
    message = (
        f"“{rule.title}” needs the approval of {rule.asked}, and besides you and the owner there are too few active "
        f"people who could give it, RevOps included. Let somebody be given that role, or let a colleague submit it."
    )
    return Finding("APR-010", message, found=rule.asked, needed="active people to ask", criterion=rule.key)


def _slot(one: Approver, directory: Directory, question: Question) -> Slot:
    """Return an approver as those who are asked now, without who may not decide."""
    if one.role is not None:
        people = directory.holding(one.role) - question.barred
        slot = Slot((Asked(role=one.role),), people)
        return slot if people else _instead(slot, directory.holding(one.role), directory, question)
    if one.manager_of_owner is not None:
        start = question.owner or question.submitter
        found = directory.up(start, one.manager_of_owner)
        wanted = [found] if found is not None else []
    else:
        addresses = [one.named] if one.named is not None else list(one.group or ())
        known = (directory.by_email.get((address or "").casefold()) for address in addresses)
        wanted = [person for person in known if person is not None]
    fit = [person for person in wanted if person in directory.active and person not in question.barred]
    slot = Slot(tuple(Asked(person=person) for person in fit), frozenset(fit), one.any_of)
    missing = [person for person in wanted if person not in fit]
    return _instead(slot, missing, directory, question) if missing else slot


def _instead(slot: Slot, missing: Iterable[int], directory: Directory, question: Question) -> Slot:
    """Add the manager of each of those who may not decide or have left."""
    asked, people = list(slot.asked), set(slot.people)
    for person in sorted(missing):
        above = directory.above(person, question.barred | people)
        if above is not None:
            asked.append(Asked(person=above, why=f"In place of {directory.name(person)}"))
            people.add(above)
    return Slot(tuple(asked), frozenset(people), slot.needed)


def _last_resort(slot: Slot, directory: Directory, question: Question) -> Slot:
    people = slot.people | (directory.holding(LAST_RESORT) - question.barred)
    asked = Asked(role=LAST_RESORT, why="Nobody else is left who could decide")
    return Slot((*slot.asked, asked), people, slot.needed)


def _merged(steps: Sequence[Planned]) -> list[Planned]:
    """Ask identical approvers once, at their highest level.

    Steps that ask the same are one step, for the rules of both. An approver who must say yes at a higher level is
    taken off the steps below that ask each of several.
    """
    kept: dict[object, Planned] = {}
    for step in sorted(steps, key=lambda step: (-step.level, len(step.slots))):
        mode = step.mode if len(step.slots) > 1 else ""
        k = step.k if step.mode == StepMode.K_OF_N else 1
        same = (mode, k, frozenset(map(_identity, step.slots)))
        held = kept.get(same)
        kept[same] = step if held is None else replace(held, rules=(*held.rules, *step.rules))
    found: list[Planned] = []
    for step in kept.values():
        several = step.mode == StepMode.ALL and len(step.slots) > 1
        left = _relieved(step, found) if several else step
        if left.slots:
            found.append(left)
    return found


def _identity(slot: Slot) -> tuple[frozenset[int], int]:
    return slot.people, slot.needed


def _relieved(step: Planned, above: list[Planned]) -> Planned:
    """Take those off a step that a higher one asks already; its rules are then theirs as well."""
    slots = []
    for slot in step.slots:
        place = next((n for n, one in enumerate(above) if _must(one, slot)), None)
        if place is None:
            slots.append(slot)
        else:
            above[place] = replace(above[place], rules=(*above[place].rules, *step.rules))
    return replace(step, slots=tuple(slots))


def _must(step: Planned, slot: Slot) -> bool:
    """Say whether a step cannot be granted without this approver."""
    alone = len(step.slots) == 1 and step.mode != StepMode.K_OF_N
    return (alone or step.mode == StepMode.ALL) and _identity(slot) in map(_identity, step.slots)
