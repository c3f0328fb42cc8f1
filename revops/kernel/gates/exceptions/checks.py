"""What speaks against asking for an exception, granting it or extending it: all findings at once. Source: M4."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from revops.kernel.audit import Finding, Remedy
from revops.kernel.gates.exceptions import registry
from revops.kernel.gates.exceptions.about import About
from revops.kernel.gates.exceptions.enums import OPEN, ExceptionState, Risk
from revops.kernel.gates.exceptions.registry import Excusable
from revops.kernel.gates.exceptions.rules import ExceptionRules
from revops.kernel.gates.models.exceptions import JUSTIFIED, PolicyException
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access

SHORT = 400
LONG = 4_000


def policy(policy_key: str, criterion_key: str, about: About | None) -> list[Finding]:
    """Return what speaks against excusing this line of this policy for a record of this type."""
    why = registry.refused(policy_key)
    if why is not None:
        message = f"{policy_key} is never excused: {why}"
        return [Finding("EXC-001", message, "policy_key", policy_key, "a policy that may be excused")]
    found = registry.get(policy_key)
    if found is None or (about is not None and about.record_type not in found.record_types):
        message = f"{policy_key or 'No policy'} is nothing that such a record is excused from. Choose another policy."
        return [Finding("EXC-001", message, "policy_key", policy_key, "a policy that may be excused")]
    if criterion_key not in found.lines():
        message = (
            f"{criterion_key or 'No criterion'} is no line of “{found.title}” that may be excused. Choose one of: "
            f"{', '.join(line.title for line in found.lines().values())}."
        )
        return [Finding("EXC-002", message, "criterion_key", criterion_key, "a line of the policy")]
    return []


def subject(about: About | None, by: User) -> list[Finding]:
    """Return what speaks against the record: a hidden one and none are refused alike (A10)."""
    if about is not None and about.seen_by(by):
        return []
    number = about.number if about is not None else ""
    message = f"There is no record {number} that you can see. Choose another one."
    return [Finding("EXC-003", message, "subject", number, "a record you can see")]


def words(values: Mapping[str, Any]) -> list[Finding]:
    """Return what speaks against the justification, the other texts, the risk and the number of uses."""
    found = []
    said = len(" ".join(str(values.get("justification") or "").split()))
    if said < JUSTIFIED:
        message = f"Say in at least {JUSTIFIED} characters why the rule may be waived here; this has {said}."
        found.append(
            Finding("EXC-004", message, "justification", str(said), f"at least {JUSTIFIED} characters")
        )
    limits = {"justification": LONG, "compensating_control": LONG, "scope_note": SHORT}
    for name, limit in limits.items():
        length = len(str(values.get(name) or ""))
        if length > limit:
            message = f"At most {limit} characters; this has {length}. Shorten it."
            found.append(Finding("EXC-004", message, name, str(length), f"at most {limit} characters"))
    if values.get("risk") not in Risk.values:
        message = "Say how risky the exception is: low, medium or high."
        found.append(Finding("EXC-008", message, "risk", str(values.get("risk") or ""), "low, med or high"))
    uses = values.get("max_uses")
    if uses is not None and not 1 <= uses <= 1_000:
        message = f"An exception is used 1 to 1,000 times, not {uses}. Leave it empty for any number."
        found.append(Finding("EXC-016", message, "max_uses", str(uses), "1 to 1,000"))
    return found


def term(begins: datetime, expires: datetime | None, ends_by: datetime, now: datetime) -> list[Finding]:
    """Return what speaks against a term: it ends, in the future, and within what the rules allow."""
    if expires is None:
        return [Finding("EXC-005", "Say until when: every exception ends.", "expires_at", "", "an end")]
    if expires <= max(begins, now):
        message = f"It would be over on {expires:%Y-%m-%d %H:%M} UTC before it begins. Choose a later end."
        return [Finding("EXC-005", message, "expires_at", expires.isoformat(), "after it begins")]
    if expires > ends_by:
        message = (
            f"It may last until {ends_by:%Y-%m-%d %H:%M} UTC at this risk, not until {expires:%Y-%m-%d %H:%M}. "
            "Choose an earlier end; it can be renewed."
        )
        return [
            Finding("EXC-006", message, "expires_at", expires.isoformat(), f"at most {ends_by.isoformat()}")
        ]
    return []


def owner(person: User, about: About | None) -> list[Finding]:
    """Return what speaks against who answers for it: an active person who sees the record."""
    if not person.is_active or person.kind != UserKind.PERSON:
        message = f"{person} is not active and cannot answer for an exception. Choose an active person."
        return [Finding("EXC-007", message, "owner", str(person), "an active person")]
    if about is not None and not about.seen_by(person):
        message = f"{person} does not see {about.number}. Choose somebody who does."
        return [Finding("EXC-007", message, "owner", str(person), "somebody who sees the record")]
    return []


def room(
    others: Sequence[PolicyException], policy_key: str, criterion_key: str, rules: ExceptionRules
) -> list[Finding]:
    """Return what speaks against one more exception of a record, beside those that are open."""
    found = []
    open_now = [one for one in others if one.state in OPEN]
    same = [one for one in open_now if (one.policy_key, one.criterion_key) == (policy_key, criterion_key)]
    if same:
        message = f"{same[0].name} is {same[0].get_state_display().lower()} already. Open that one."
        way = (Remedy("Open it", same[0].get_absolute_url()),)
        found.append(Finding("EXC-009", message, "criterion_key", same[0].state, "none open", remedies=way))
    if len(open_now) >= rules.open_per_subject:
        message = (
            f"{len(open_now)} exceptions are open for this record; {rules.open_per_subject} are allowed. Let one end "
            "first, or supply what is missing."
        )
        found.append(
            Finding("EXC-010", message, "subject", str(len(open_now)), f"at most {rules.open_per_subject}")
        )
    return found


def renewals(used: int, rules: ExceptionRules) -> list[Finding]:
    """Return what speaks against another term: after so many the rule itself is to be changed."""
    if used <= rules.renewals:
        return []
    message = (
        f"This has been renewed {used - 1} times; {rules.renewals} are allowed. Who needs it still asks for a change "
        "of the rule."
    )
    way = (Remedy("Ask for a change of the rule", "/rfcs/add/"),)
    return [
        Finding(
            "EXC-011",
            message,
            "renewals_used",
            str(used - 1),
            f"at most {rules.renewals} renewals",
            remedies=way,
        )
    ]


def approver(by: User, held: PolicyException, line: registry.Line | None) -> list[Finding]:
    """Return what speaks against this person deciding: nobody decides about their own, and the line names the roles."""
    found = []
    if by.pk in (held.requested_by_id, held.owner_id):
        message = "Nobody approves an exception that they asked for or answer for. Ask somebody else who may."
        found.append(Finding("EXC-012", message, "approver", str(by), "somebody else"))
    roles = line.approvers if line is not None else registry.APPROVERS
    if not access.roles_of(by) & set(roles):
        message = (
            f"This line is excused by {', '.join(roles)}; you hold none of these roles. Ask one of them."
        )
        found.append(Finding("EXC-013", message, "approver", str(by), ", ".join(roles)))
    return found


def is_in(held: PolicyException, states: Sequence[str], verb: str) -> list[Finding]:
    """Return what speaks against doing something with an exception in its state."""
    if held.state in states:
        return []
    needed = " or ".join(str(ExceptionState(state).label).lower() for state in states)
    message = f"This exception is {held.get_state_display().lower()} and cannot be {verb}."
    return [Finding("EXC-014", message, "state", held.state, needed)]


def in_force(held: PolicyException, now: datetime, verb: str) -> list[Finding]:
    """Return what speaks against doing something with an exception that does not excuse now."""
    findings = is_in(held, [ExceptionState.APPROVED], verb)
    if not findings and not held.active_at(now):
        message = f"Its term is not running, so it cannot be {verb}. Ask for a new one."
        findings.append(Finding("EXC-014", message, "expires_at", held.expires_at.isoformat(), "in force"))
    return findings


def because(reason: str, what: str, *, field: str = "reason") -> list[Finding]:
    """Return what speaks against a reason: that there is none, or too long a one."""
    if not any(char.isprintable() and not char.isspace() for char in reason):
        return [Finding("EXC-015", f"Say why {what}.", field, "", "a reason")]
    if len(reason) > SHORT:
        message = f"At most {SHORT} characters; this has {len(reason)}. Shorten it."
        return [Finding("EXC-015", message, field, str(len(reason)), f"at most {SHORT} characters")]
    return []


def longest(found: Excusable | None, rules: ExceptionRules, risk: str, pk: int, begins: datetime) -> datetime:
    """Return the latest end of a term that begins then: what its policy says, else the days of its risk."""
    own = found.ends_by(pk, begins) if found is not None and found.ends_by is not None else None
    return own or begins + rules.life(risk)
