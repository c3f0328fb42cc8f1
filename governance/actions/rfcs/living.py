"""Go live: every change of a request at once, or none of them; by hand inside the window, or when it is planned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from governance.actions.rfcs import approving, checking, content, rules
from governance.actions.rfcs.telling import tell
from governance.enums import GRANTED, RfcState, Urgency
from governance.models import ChangeRequest, RfcChange
from governance.policies import control
from revops.kernel import audit, clocks
from revops.kernel.audit import Blocked, Conflict, Finding
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import actions as policies
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import PolicyVersion

BATCH = 50


@seen_at_once
def go_live(*, by: User, pk: int, version: int | None = None, reason: str = "") -> ChangeRequest:
    """Put every change of an approved request in force now, on its authority.

    Raises Blocked with every finding: not approved, outside its window, changed since, the council against it, a way
    back that would not work; Conflict when somebody was faster; Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="rfc.go_live", reason=reason):
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "go_live", rfc)
        return _live(rfc, by)


def _live(rfc: ChangeRequest, by: User) -> ChangeRequest:
    change = audit.current()
    versions = policies.hold(content.drafts_of(rfc))
    findings = _against(rfc, versions, change.recorded_at)
    before = _in_force(versions)
    findings += _put(versions, rfc) if not findings else []
    if findings:
        raise Blocked(findings)
    _replaced(rfc, before)
    rfc.state, rfc.live_at, rfc.live_by = RfcState.LIVE, change.recorded_at, by
    rfc.check_due_on = (change.recorded_at + timedelta(days=control.body().check_after_days)).date()
    audit.write(rfc)
    checking.ask(rfc, by)
    if rfc.urgency == Urgency.EMERGENCY:
        approving.ask_afterwards(rfc)
    tell("rfc.live", rfc, policies=[version.policy.key for version in versions])
    return rfc


def _against(rfc: ChangeRequest, versions: Sequence[PolicyVersion], now: datetime) -> list[Finding]:
    """Return everything that speaks against going live now."""
    findings = rules.in_state(rfc, GRANTED, "put in force")
    if not rules.within(rfc, now):
        begins, ends = f"{rfc.window_from:%Y-%m-%d %H:%M}", f"{rfc.window_to:%Y-%m-%d %H:%M}"
        message = (
            f"Its window is from {begins} until {ends} UTC. Wait for it, or change the window and ask again."
        )
        findings.append(
            Finding("CHG-012", message, field="window_from", found=f"{now:%Y-%m-%d %H:%M}", needed=begins)
        )
    if rfc.state in GRANTED:
        findings += _changed(rfc, versions)
    return [*findings, *rules.council_agrees(rfc), *rules.takes_back(versions)]


def _changed(rfc: ChangeRequest, versions: Sequence[PolicyVersion]) -> list[Finding]:
    """Return whether something else would go live than what was approved. Source: HC-1."""
    if versions and content.digest(versions) == rfc.content_digest and approving.is_current(rfc):
        return []
    message = (
        f"{rfc.number} is not what the board approved any more, or its approval has lapsed. Submit it again."
    )
    return [Finding("CHG-013", message, field="state", found="changed", needed="a current approval")]


def _put(versions: Sequence[PolicyVersion], rfc: ChangeRequest) -> list[Finding]:
    """Put locked versions in force; return what speaks against any of them."""
    findings: list[Finding] = []
    for version in versions:
        try:
            policies.put_in_force(version, at=None, authority=rfc.number, migrate=rfc.migrate or None)
        except Blocked as refusal:
            findings += refusal.findings
    return findings


def _in_force(versions: Sequence[PolicyVersion]) -> dict[int, PolicyVersion]:
    """Return the version in force before each of these, by the id of its policy, in one query."""
    rows = PolicyVersion.objects.filter(
        policy__in=[version.policy_id for version in versions],
        status=Status.ACTIVE,
        effective_from__lte=clocks.now(),
    )
    return {version.policy_id: version for version in rows.order_by("effective_from")}


def _replaced(rfc: ChangeRequest, before: dict[int, PolicyVersion]) -> None:
    """Note beside each change what it replaced."""
    rows = RfcChange.objects.filter(rfc=rfc, is_active=True).select_related("policy_version")
    changes = lock_many(rows)
    for change in changes:
        change.replaced = before.get(change.policy_version.policy_id)
    audit.write_many(changes)


def go_live_due(now: datetime) -> str:
    """Put in force what is planned for now or earlier, each request in a change of its own.

    Safe late, doubled and beside another run: whoever comes second finds it live already. One whose window has passed
    or that may not go live is approved again and its requester is told why, once.
    """
    due = ChangeRequest.objects.filter(state=RfcState.SCHEDULED, planned_at__lte=now)
    system, live, held = User.objects.system(), 0, 0
    for pk in list(due.order_by("planned_at", "pk").values_list("pk", flat=True)[:BATCH]):
        try:
            live += _live_by_itself(system, pk, now)
        except Conflict:
            continue
        except Blocked as refusal:
            held += _hold_back(system, pk, refusal)
    return f"{live} live, {held} held back"


@seen_at_once
def _live_by_itself(system: User, pk: int, now: datetime) -> bool:
    with audit.change(by=system, action="rfc.go_live", reason="As planned"):
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.all(), pk=pk)
        if rfc.state != RfcState.SCHEDULED or rfc.planned_at is None or rfc.planned_at > now:
            return False
        _live(rfc, system)
        return True


def _hold_back(system: User, pk: int, refusal: Blocked) -> bool:
    """Bring a request that could not go live as planned back to approved, and say why."""
    why = "; ".join(finding.message for finding in refusal.findings)
    with audit.change(by=system, action="rfc.hold_back", reason=why[:500]):
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.all(), pk=pk)
        if rfc.state != RfcState.SCHEDULED:
            return False
        rfc.state, rfc.planned_at = RfcState.APPROVED, None
        audit.write(rfc)
        tell("rfc.held_back", rfc, why=why[:1_000])
        return True
