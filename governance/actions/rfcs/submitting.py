"""Ask the change board, plan the going live, and give a request up."""

from collections.abc import Sequence
from datetime import datetime

from governance.actions.rfcs import approving, content, deciding, rules
from governance.actions.rfcs.telling import tell
from governance.enums import CHANGEABLE, GRANTED, RfcState
from governance.models import ChangeRequest
from governance.policies import clocks
from revops.kernel import audit, sla
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access


def submit(*, by: User, pk: int, version: int | None = None, reason: str = "") -> ChangeRequest:
    """Ask the change board to approve a request, and start the clock of its decision.

    Raises Blocked with everything it still lacks, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="rfc.submit", reason=reason) as change:
        rfc = _locked(by, pk, version, "submit")
        changes = content.changes_of(rfc)
        findings = rules.in_state(rfc, {RfcState.DRAFT}, "submitted")
        findings += rules.complete(rfc, changes, change.recorded_at)
        _refuse(findings)
        content.refresh(rfc, [one.policy_version for one in changes])
        rfc.state, rfc.submitted_at = RfcState.SUBMITTED, change.recorded_at
        audit.write(rfc)
        sla.start(clocks.DECISION, rfc, facts={"rfc.urgency": rfc.urgency}, owner=by)
        approving.ask(rfc, by)
        tell("rfc.submitted", rfc)
        return rfc


def schedule(
    *, by: User, pk: int, planned_at: datetime, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    """Plan when an approved request goes live; at that instant it does by itself.

    Raises Blocked for an instant that has passed or lies outside the window, and unless it is approved.
    """
    with audit.change(by=by, action="rfc.schedule", reason=reason) as change:
        rfc = _locked(by, pk, version, "schedule")
        rfc.planned_at = planned_at
        findings = rules.in_state(rfc, GRANTED, "scheduled")
        findings += rules.window(rfc, change.recorded_at)
        if planned_at <= change.recorded_at:
            message = f"{planned_at:%Y-%m-%d %H:%M} UTC has passed. Choose a later instant, or go live now."
            findings.append(Finding("CHG-007", message, field="planned_at", needed="later than now"))
        _refuse(findings)
        rfc.state = RfcState.SCHEDULED
        audit.write(rfc)
        tell("rfc.scheduled", rfc, planned_at=planned_at.isoformat())
        return rfc


def withdraw(*, by: User, pk: int, version: int | None = None, reason: str) -> ChangeRequest:
    """Give a request up before it is live, saying why; its approval ends, its drafts stay drafts."""
    with audit.change(by=by, action="rfc.withdraw", reason=reason):
        rfc = _locked(by, pk, version, "withdraw")
        _refuse([*rules.in_state(rfc, CHANGEABLE, "withdrawn"), *rules.because(reason)])
        if rfc.state in GRANTED:
            deciding.take_back(rfc)
        if rfc.state == RfcState.SUBMITTED:
            deciding.stop_clock(rfc)
        rfc.state = RfcState.WITHDRAWN
        audit.write(rfc)
        approving.drop(rfc, by, reason)
        tell("rfc.withdrawn", rfc)
        return rfc


def _locked(by: User, pk: int, version: int | None, action: str) -> ChangeRequest:
    rfc: ChangeRequest = audit.lock(ChangeRequest.objects.visible_to(by), pk=pk, version=version)
    access.require(by, action, rfc)
    return rfc


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise audit.Blocked(findings)
