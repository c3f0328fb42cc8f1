"""What an approved request for change does to the versions it is about, inside its own change."""

from collections.abc import Iterable

from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.policies.actions import applying
from revops.kernel.policies.actions.checking import declared
from revops.kernel.policies.actions.drafting import next_version
from revops.kernel.policies.actions.releasing import before_planned, put_in_force
from revops.kernel.policies.enums import Mode, Status
from revops.kernel.policies.models import Policy, PolicyVersion


def hold(pks: Iterable[int]) -> list[PolicyVersion]:
    """Lock these versions, their policies first: the order in which everybody locks them."""
    rows = PolicyVersion.objects.filter(pk__in=list(pks))
    lock_many(Policy.objects.filter(pk__in=list(rows.values_list("policy_id", flat=True))))
    return lock_many(rows.select_related("policy"))


def approve(draft: PolicyVersion, *, authority: str) -> PolicyVersion:
    """Mark a locked draft as approved on this authority: its body, mode and source do not change any more.

    Raises Blocked for a version that is no draft, and for a body that today's schema refuses.
    """
    findings = declared(draft.policy.key).findings(draft.body)
    if draft.status != Status.DRAFT:
        message = f"{draft} is {draft.get_status_display().lower()}; only a draft is approved."
        findings.append(audit.Finding("POL-011", message, field="status", found=draft.status, needed="draft"))
    if findings:
        raise audit.Blocked(findings)
    draft.status, draft.authority = Status.APPROVED, authority
    return audit.write(draft)


def reopen(version: PolicyVersion) -> PolicyVersion:
    """Make a locked approved version a draft again: its approval has ended. Anything but an approved one stays."""
    if version.status == Status.APPROVED:
        version.status, version.authority, version.effective_from = Status.DRAFT, "", None
        audit.write(version)
    return version


def roll_back(version: PolicyVersion, *, authority: str) -> PolicyVersion:
    """Put back in force what was before a locked version, from now on and as the next version. Source: HC-1.

    Decisions of the time between keep their version. Where nothing was in force before, the version ends and the less
    specific policy decides; one that is planned never begins. Returns the version written last. Raises Blocked for one
    that is not in force any more: rolled back already, or followed by another.
    """
    now = clocks.now()
    ended = version.effective_to is not None and version.effective_to <= now
    if version.status != Status.ACTIVE or version.effective_from is None or ended:
        message = f"{version} is not in force: it was rolled back already, or another version followed it."
        raise audit.Blocked.because("POL-018", message, field="status", found=version.status)
    before = _before(version)
    if version.effective_from > now or before is None:
        return _end(version, authority)
    note = f"Rolls version {version.n} back to version {before.n}"
    back = next_version(
        version.policy,
        body=before.body,
        mode=Mode(before.mode),
        source_note=note,
        migrate=version.migrate,
    )
    put_in_force(back, at=None, authority=authority)
    _tell(back, version, authority)
    return back


def _before(version: PolicyVersion) -> PolicyVersion | None:
    """Return the version that this one ended."""
    rows = PolicyVersion.objects.filter(policy_id=version.policy_id, effective_to=version.effective_from)
    past = [
        row for row in rows.exclude(pk=version.pk).order_by("-n") if row.effective_from != row.effective_to
    ]
    return past[0] if past else None


def _end(version: PolicyVersion, authority: str) -> PolicyVersion:
    """End a version without another in its place."""
    now = clocks.now()
    earlier = before_planned(version, now)
    begins = version.effective_from or now
    version.status, version.effective_to = Status.RETIRED, max(now, begins)
    audit.write(version)
    for one in earlier:
        one.effective_to = None
    audit.write_many(earlier)
    applying.apply_what_is_left(declared(version.policy.key), version.policy)
    _tell(version, version, authority)
    return version


def _tell(written: PolicyVersion, version: PolicyVersion, authority: str) -> None:
    told = {"policy": version.policy.key, "n": version.n, "now": written.n, "authority": authority}
    outbox.emit("policy.rolled_back", written, told)
