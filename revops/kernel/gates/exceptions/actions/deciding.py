"""Decide about an exception: grant or reject it, extend it, end it before its time."""

from datetime import datetime

from revops.kernel import audit, outbox
from revops.kernel.audit import Finding
from revops.kernel.gates.exceptions import checks, lapsing, registry, rules
from revops.kernel.gates.exceptions.enums import GRANTED, ExceptionState
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.identity.models import User
from revops.kernel.people import access


def approve(
    *, by: User, pk: int, note: str = "", version: int | None = None, at: datetime | None = None
) -> PolicyException:
    """Grant an exception that somebody else asked for and somebody else answers for; it begins now at the earliest.

    Raises Blocked with every finding, Conflict, Forbidden.
    """
    with audit.change(by=by, action="exception.approve", reason=note, at=at) as change:
        held = _held(by, pk, version, "approve")
        now = change.occurred_at
        policy, body = rules.in_force(now)
        change.policy_refs.append(policy.ref)
        findings = checks.is_in(held, [ExceptionState.REQUESTED], "approved")
        findings += [*_mine(by, held), *checks.owner(held.owner, None)]
        begins = max(held.starts_at, now)
        ends_by = checks.longest(
            registry.get(held.policy_key), body, held.risk, held.subject_id, held.starts_at
        )
        findings += checks.term(begins, held.expires_at, ends_by, now)
        if findings:
            raise audit.Blocked(findings)
        held.state, held.approver, held.decided_at = ExceptionState.APPROVED, by, now
        held.starts_at = held.term_from = begins
        held.ends_by, held.rules_ref = ends_by, policy.ref
        return _told(held, "exception.approved")


def reject(
    *, by: User, pk: int, reason: str, version: int | None = None, at: datetime | None = None
) -> PolicyException:
    """Turn an exception down, saying why. Raises Blocked with every finding, Conflict, Forbidden."""
    with audit.change(by=by, action="exception.reject", reason=reason, at=at) as change:
        held = _held(by, pk, version, "approve")
        findings = checks.is_in(held, [ExceptionState.REQUESTED], "rejected")
        findings += [*_mine(by, held), *checks.because(reason, "it is rejected")]
        if findings:
            raise audit.Blocked(findings)
        held.state, held.approver, held.decided_at = ExceptionState.REJECTED, by, change.occurred_at
        held.closing_note = " ".join(reason.split())
        return _told(held, "exception.rejected")


def renew(
    *,
    by: User,
    pk: int,
    expires_at: datetime | None,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> PolicyException:
    """Give an exception in force another term, which begins now and ends at `expires_at`.

    So many renewals as the rules allow; then the rule is to be changed. Raises Blocked with every finding, Conflict,
    Forbidden.
    """
    with audit.change(by=by, action="exception.renew", reason=reason, at=at) as change:
        held = _held(by, pk, version, "approve")
        now = change.occurred_at
        policy, body = rules.in_force(now)
        change.policy_refs.append(policy.ref)
        ends_by = checks.longest(registry.get(held.policy_key), body, held.risk, held.subject_id, now)
        findings = [*checks.in_force(held, now, "renewed"), *_mine(by, held), *checks.owner(held.owner, None)]
        findings += [*checks.renewals(held.renewals_used + 1, body), *checks.because(reason, "it is renewed")]
        findings += checks.term(max(now, held.expires_at), expires_at, ends_by, now)
        if findings or expires_at is None:
            raise audit.Blocked(findings)
        held.renewals_used += 1
        held.term_from, held.expires_at, held.ends_by = now, expires_at, ends_by
        held.approver, held.decided_at, held.rules_ref = by, now, policy.ref
        return _told(held, "exception.renewed")


def revoke(*, by: User, pk: int, reason: str, version: int | None = None) -> PolicyException:
    """End an exception before its time, with all that follows; one that was only asked for is dropped.

    Raises Blocked, Conflict, Forbidden.
    """
    with audit.change(by=by, action="exception.revoke", reason=reason) as change:
        held = _held(by, pk, version, "revoke")
        findings = checks.is_in(held, [ExceptionState.REQUESTED, *GRANTED], "revoked")
        if held.lapsed_at is not None and not findings:
            message = "This exception is over already: what follows from its end has been done."
            findings.append(Finding("EXC-014", message, "state", held.state, "one that is not over"))
        findings += checks.because(reason, "it is revoked")
        if findings:
            raise audit.Blocked(findings)
        now = change.recorded_at
        if not lapsing.settle(held, now):
            lapsing.end(held, ExceptionState.REVOKED, at=now, note=" ".join(reason.split()))
        return held


def _held(by: User, pk: int, version: int | None, right: str) -> PolicyException:
    held = lapsing.hold(PolicyException.objects.visible_to(by), pk, version)
    access.require(by, right, held)
    return held


def _mine(by: User, held: PolicyException) -> list[Finding]:
    found = registry.get(held.policy_key)
    line = found.lines().get(held.criterion_key) if found is not None else None
    findings = checks.approver(by, held, line)
    if registry.refused(held.policy_key) is not None:
        findings += checks.policy(held.policy_key, held.criterion_key, None)
    return findings


def _told(held: PolicyException, event: str) -> PolicyException:
    audit.write(held)
    outbox.emit(event, held, lapsing.payload(held))
    return held
