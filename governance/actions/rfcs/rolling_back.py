"""Take a live request back in one step: every policy it changed reads again as it did before. Source: HC-1, b (RFC)."""

from collections.abc import Sequence

from governance.actions.rfcs import approving, checking, content, rules
from governance.actions.rfcs.telling import tell
from governance.enums import RfcState
from governance.models import ChangeRequest
from governance.policies import clocks
from revops.kernel import audit, sla
from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import actions as policies
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.models import PolicyVersion


@seen_at_once
def roll_back(*, by: User, pk: int, version: int | None = None, reason: str) -> ChangeRequest:
    """Bring back what was in force before a live request, for all of its changes at once, from now on.

    Decisions taken in between keep the version under which they were taken. Works once. Raises Blocked with every
    finding (not live, no reason, another version in force since), Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="rfc.roll_back", reason=reason) as change:
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "roll_back", rfc)
        findings = [*rules.in_state(rfc, {RfcState.LIVE}, "rolled back"), *rules.because(reason)]
        versions = policies.hold(content.drafts_of(rfc))
        findings += _bring_back(versions, rfc) if not findings else []
        if findings:
            raise Blocked(findings)
        rfc.state, rfc.rolled_back_at, rfc.rolled_back_by = RfcState.ROLLED_BACK, change.recorded_at, by
        audit.write(rfc)
        checking.drop(rfc)
        approving.drop(rfc, by, reason)
        sla.cancel(rfc, clocks.RATIFY)
        tell("rfc.rolled_back", rfc, reason=reason, policies=[one.policy.key for one in versions])
        return rfc


def _bring_back(versions: Sequence[PolicyVersion], rfc: ChangeRequest) -> list[Finding]:
    findings: list[Finding] = []
    for version in versions:
        try:
            policies.roll_back(version, authority=rfc.number)
        except Blocked as refusal:
            findings += refusal.findings
    return findings
