"""Delegations: somebody decides in another person's place, between two dates, and says why. Never passed on. M6."""

from datetime import datetime, timedelta

from revops.kernel import audit, outbox
from revops.kernel.approvals.models import Delegation
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access

LONGEST = timedelta(days=90)
LABEL = "approvals.approvalrequest"
_FIELDS = frozenset({"delegate", "active_from", "active_to", "reason"})


def delegate(
    *,
    by: User,
    to: User,
    active_from: datetime,
    active_to: datetime,
    reason: str,
    instead_of: User | None = None,
) -> Delegation:
    """Let `to` decide in the place of `by` from one instant until another, at most 90 days.

    RevOps may do so for somebody else (`instead_of`) who cannot any more. Raises Blocked with every finding, Forbidden.
    """
    with audit.change(by=by, action="approval.delegate", reason=reason) as change:
        access.require_create(by, Delegation, _FIELDS)
        delegator = instead_of or by
        if (
            delegator.pk != by.pk
            and not access.rights(by, "approvals.delegation").action("end") == access.Scope.ALL
        ):
            raise access.Forbidden("Only revenue operations delegates in somebody else's name.")
        now = change.occurred_at
        findings = [*_dates(active_from, active_to, now), *_people(delegator, to), *_because(reason)]
        if not findings:
            findings = _overlapping(delegator, to, active_from, active_to)
        if findings:
            raise audit.Blocked(findings)
        made = Delegation(
            delegator=delegator,
            delegate=to,
            active_from=max(active_from, now),
            active_to=active_to,
            reason=" ".join(reason.split()),
        )
        audit.write(made)
        outbox.emit("delegation.made", made, {"delegator": delegator.pk, "delegate": to.pk, "by": by.pk})
        return made


def end_delegation(*, by: User, pk: int, reason: str = "", version: int | None = None) -> Delegation:
    """End a delegation now. What was decided under it stands. Raises Blocked for one that is over, Forbidden."""
    with audit.change(by=by, action="approval.end_delegation", reason=reason) as change:
        held: Delegation = audit.lock(Delegation.objects.visible_to(by), pk=pk, version=version)
        if by.pk not in (held.delegator_id, held.delegate_id):
            access.require(by, "end", held)
        now = change.occurred_at
        if held.active_to <= now:
            message = f"This delegation ended on {held.active_to:%Y-%m-%d %H:%M} UTC already."
            raise audit.Blocked.because("APR-056", message, field="active_to", needed="one that holds")
        held.active_to = max(now, held.active_from)
        return audit.write(held)


def _dates(begins: datetime, ends: datetime, now: datetime) -> list[Finding]:
    found = []
    if ends <= max(begins, now):
        message = (
            f"It would end on {ends:%Y-%m-%d %H:%M} UTC, which is not after it begins. Choose a later end."
        )
        found.append(
            Finding("APR-050", message, field="active_to", found=ends.isoformat(), needed="a later end")
        )
    if ends - max(begins, now) > LONGEST:
        message = "A delegation lasts 90 days at most. Choose an earlier end."
        found.append(Finding("APR-051", message, field="active_to", found=ends.isoformat(), needed="90 days"))
    return found


def _people(delegator: User, to: User) -> list[Finding]:
    if to.pk == delegator.pk:
        message = "Nobody delegates to themselves. Choose a colleague."
        return [Finding("APR-052", message, field="delegate", needed="somebody else")]
    fit = to.is_active and to.kind == UserKind.PERSON and access.may_ever(to, "decide", LABEL)
    if fit:
        return []
    message = f"{to} cannot decide about approvals: choose an active person whose role decides."
    return [Finding("APR-053", message, field="delegate", found=str(to), needed="somebody who decides")]


def _because(reason: str) -> list[Finding]:
    if any(char.isprintable() and not char.isspace() for char in reason) and len(reason) <= 400:
        return []
    message = "Say why somebody else decides, in 1 to 400 characters."
    return [Finding("APR-054", message, field="reason", found=reason[:80], needed="1 to 400 characters")]


def _overlapping(delegator: User, to: User, begins: datetime, ends: datetime) -> list[Finding]:
    rows = Delegation.objects.filter(delegator=delegator, active_from__lt=ends, active_to__gt=begins)
    other = rows.order_by("active_from").select_related("delegate").first()
    if other is None:
        return []
    message = (
        f"{other.delegate} decides for {delegator} from {other.active_from:%Y-%m-%d} to {other.active_to:%Y-%m-%d} "
        "already. End that first, or choose other dates."
    )
    return [Finding("APR-055", message, field="active_from", found=str(to), needed="dates that are free")]
