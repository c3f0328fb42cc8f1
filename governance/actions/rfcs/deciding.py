"""What follows from the board's decision: drafts become approved versions, the clock stops, the request moves on.

The approval engine calls these inside its own change, with the request locked.
"""

from typing import Any

from governance.actions.rfcs import content, rules
from governance.actions.rfcs.telling import tell
from governance.enums import GRANTED, RfcState
from governance.models import ChangeRequest
from governance.policies import clocks
from revops.kernel import audit, sla
from revops.kernel.policies import actions as policies
from revops.kernel.policies.enums import Status

DECIDED = "rfc.decided"


def granted(rfc: ChangeRequest, request: Any) -> None:
    """Move a request on to approved, or to scheduled where it says when it goes live; its drafts are sealed."""
    now = audit.current().recorded_at
    for version in policies.hold(content.drafts_of(rfc)):
        if version.status == Status.DRAFT:
            policies.approve(version, authority=rfc.number)
    ahead = rfc.planned_at is not None and rfc.planned_at > now and rules.within(rfc, rfc.planned_at)
    rfc.state = RfcState.SCHEDULED if ahead else RfcState.APPROVED
    rfc.decided_at = now
    audit.write(rfc)
    sla.signal(rfc, DECIDED)
    tell("rfc.approved", rfc)


def rejected(rfc: ChangeRequest, request: Any) -> None:
    """Note that the board said no. Once something of it changes it is a draft again."""
    rfc.state, rfc.decided_at = RfcState.REJECTED, audit.current().recorded_at
    audit.write(rfc)
    sla.signal(rfc, DECIDED)
    tell("rfc.rejected", rfc)


def stale(rfc: ChangeRequest, request: Any) -> None:
    """Make a request a draft again whose content is not what the board was asked. Source: M6, HC-1."""
    if rfc.state not in {RfcState.SUBMITTED, *GRANTED}:
        return
    unsettle(rfc)
    audit.write(rfc)


def unsettle(rfc: ChangeRequest) -> None:
    """Take everything back that submitting and approving brought about; the caller writes the request."""
    if rfc.state in GRANTED:
        take_back(rfc)
    if rfc.state == RfcState.SUBMITTED:
        stop_clock(rfc)
    rfc.state, rfc.submitted_at, rfc.decided_at = RfcState.DRAFT, None, None
    tell("rfc.reopened", rfc)


def take_back(rfc: ChangeRequest) -> None:
    """Make the approved drafts of a request drafts again."""
    for version in policies.hold(content.drafts_of(rfc)):
        if version.status == Status.APPROVED:
            policies.reopen(version)


def stop_clock(rfc: ChangeRequest) -> None:
    """Let nobody wait for a decision any more."""
    sla.cancel(rfc, clocks.DECISION)
