"""Put versions in force and end them, and end set-up mode.

While set-up mode lasts, operations put versions in force themselves; after it a version goes live only on an
approved request for change. An upper mechanism that holds one calls `put_in_force` inside its own change.
"""

from collections.abc import Sequence
from datetime import datetime

from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies.actions import applying
from revops.kernel.policies.actions.checking import declared, require_reason
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import Policy, PolicyVersion, SetUpMode

SET_UP = "set-up mode"


@seen_at_once
def activate_version(
    *, by: User, pk: int, at: datetime | None = None, version: int | None = None, reason: str = ""
) -> PolicyVersion:
    """Put a draft in force from `at` (by default now), while set-up mode lasts. The version before ends there.

    Raises Blocked after set-up mode, for a version that is no draft, for an instant that has passed, and where
    another version is planned already; Conflict when somebody was faster.
    """
    with audit.change(by=by, action="policy.activate", reason=reason):
        # The policy first, then its version: the order in which everybody locks them.
        found = PolicyVersion.objects.visible_to(by).get(pk=pk)
        audit.lock(Policy.objects.visible_to(by), pk=found.policy_id)
        draft = audit.lock(PolicyVersion.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "activate", draft)
        if SetUpMode.objects.exists():
            message = (
                "Set-up mode has ended: a policy goes live only on an approved request for change. Attach the draft "
                "to one."
            )
            raise audit.Blocked.because("POL-010", message, field="authority", needed="an approved request")
        return put_in_force(draft, at=at, authority=SET_UP)


def put_in_force(
    draft: PolicyVersion, *, at: datetime | None, authority: str, migrate: bool | None = None
) -> PolicyVersion:
    """Put a locked draft in force inside the open change, on this authority; its policy must be locked too.

    `migrate` says, where given, whether it holds for what is in flight as well. What was approved on one authority does
    not go live on another. Raises Blocked with every finding.
    """
    change = audit.current()
    now = clocks.now()  # read once the policy is locked: later than what anybody put in force before
    begins = at or now
    active = lock_many(PolicyVersion.objects.filter(policy_id=draft.policy_id, status=Status.ACTIVE))
    document = declared(draft.policy.key)
    findings = [
        *document.findings(draft.body),
        *_other_authority(draft, authority),
        *_untimely(draft, begins, change.recorded_at, active),
    ]
    if findings:
        raise audit.Blocked(findings)
    for held in active:
        if held.effective_to is None or held.effective_to > begins:
            held.effective_to = begins
        if held.effective_to <= now:
            held.status = Status.RETIRED
    audit.write_many(active)
    draft.status, draft.effective_from, draft.authority = Status.ACTIVE, begins, authority
    draft.migrate = draft.migrate if migrate is None else migrate
    if begins <= now:
        applying.apply(document, draft, now)
    audit.write(draft)
    told = {"policy": draft.policy.key, "n": draft.n, "authority": authority}
    outbox.emit("policy.activated", draft, told)
    if draft.migrate:
        outbox.emit("policy.migrated", draft, told)
    return draft


def _other_authority(draft: PolicyVersion, authority: str) -> list[audit.Finding]:
    if draft.status != Status.APPROVED or draft.authority == authority:
        return []
    message = f"{draft} was approved by {draft.authority}; it goes live on that authority and no other."
    return [
        audit.Finding("POL-019", message, field="authority", found=authority[:80], needed=draft.authority)
    ]


def _untimely(
    draft: PolicyVersion, begins: datetime, now: datetime, active: Sequence[PolicyVersion]
) -> list[audit.Finding]:
    """Return what speaks against putting this version in force at this instant."""
    findings = []
    if draft.status not in (Status.DRAFT, Status.APPROVED):
        message = f"{draft} is {draft.get_status_display().lower()}; only a draft goes live. Draft the next version."
        findings.append(audit.Finding("POL-011", message, field="status", found=draft.status, needed="draft"))
    if begins < now:
        message = f"A policy goes live now or later, not on {begins:%Y-%m-%d %H:%M} UTC: decisions keep their version."
        findings.append(
            audit.Finding("POL-012", message, field="at", found=begins.isoformat(), needed="now or later")
        )
    for later in active:
        if later.effective_from is not None and later.effective_from > max(begins, now):
            message = (
                f"{later} is planned from {later.effective_from:%Y-%m-%d %H:%M} UTC. Retire it first, or go live "
                "after it."
            )
            findings.append(audit.Finding("POL-013", message, field="at", found=begins.isoformat()))
    return findings


@seen_at_once
def retire_version(*, by: User, pk: int, version: int | None = None, reason: str) -> PolicyVersion:
    """End a version: a draft is dropped, one in force ends now, one that is planned never begins.

    Where nothing else is in force the less specific policy decides, at last the shipped default. Raises Blocked after
    set-up mode for a version that is in force or planned, and for one that is retired.
    """
    with audit.change(by=by, action="policy.retire", reason=reason) as change:
        require_reason(reason)
        found = PolicyVersion.objects.visible_to(by).get(pk=pk)
        audit.lock(Policy.objects.visible_to(by), pk=found.policy_id)
        held: PolicyVersion = audit.lock(PolicyVersion.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "retire", held)
        if held.status == Status.RETIRED:
            raise audit.Blocked.because("POL-014", f"{held} is retired already.", field="status")
        if held.status == Status.ACTIVE and SetUpMode.objects.exists():
            message = "Set-up mode has ended: a policy in force ends only on an approved request for change."
            raise audit.Blocked.because("POL-010", message, field="authority", needed="an approved request")
        before = before_planned(held, change.recorded_at)
        if held.status == Status.ACTIVE and held.effective_from is not None:
            ends = max(change.recorded_at, held.effective_from)
            held.effective_to = ends if held.effective_to is None else min(held.effective_to, ends)
        else:
            held.effective_from = None
        held.status = Status.RETIRED
        audit.write(held)
        for earlier in before:
            earlier.effective_to = None
        audit.write_many(before)
        applying.apply_what_is_left(declared(found.policy.key), found.policy)
        outbox.emit("policy.retired", held, {"policy": found.policy.key, "n": held.n})
        return held


@seen_at_once
def end_set_up_mode(*, by: User, reason: str) -> SetUpMode:
    """End set-up mode for good: from now on policies go live only on approved requests for change."""
    with audit.change(by=by, action="policy.end_set_up", reason=reason) as change:
        access.require_create(by, SetUpMode, {"ended_at"})
        require_reason(reason)
        ended = SetUpMode.objects.first()
        if ended is not None:
            message = f"Set-up mode ended on {ended.ended_at:%Y-%m-%d %H:%M} UTC; it ends once."
            raise audit.Blocked.because("POL-015", message)
        return audit.write(SetUpMode(ended_at=change.recorded_at, ended_by=by))


def before_planned(held: PolicyVersion, now: datetime) -> list[PolicyVersion]:
    """Return the locked version that a planned one would have ended; without its successor it goes on."""
    if held.status != Status.ACTIVE or held.effective_from is None or held.effective_from <= now:
        return []
    ended = PolicyVersion.objects.filter(
        policy_id=held.policy_id, status=Status.ACTIVE, effective_to=held.effective_from
    )
    return lock_many(ended.exclude(pk=held.pk))
