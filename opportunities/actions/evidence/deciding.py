"""Verify or reject a piece of evidence: neither one's own, nor about one's own deal. Source: d2, access."""

from opportunities.actions import resting
from opportunities.actions.evidence.adding import tell
from opportunities.actions.evidence.asking import RIGHT
from opportunities.enums import EvidenceState
from opportunities.models import Opportunity, StageEvidence
from opportunities.policies.evidence import REJECTED, VERIFIED
from revops.kernel import audit, sla
from revops.kernel.audit import Finding
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.people import access

LEAST, MOST = 10, 400
_SIGNALS = {EvidenceState.VERIFIED: VERIFIED, EvidenceState.REJECTED: REJECTED}


def verify_evidence(
    *, by: User, pk: int, note: str = "", version: int | None = None, reason: str = ""
) -> StageEvidence:
    """Say that a piece of evidence shows what it says. Raises Blocked with every finding, Conflict, Forbidden."""
    with audit.change(by=by, action="opportunity.verify_evidence", reason=reason):
        return _decide(by, pk, EvidenceState.VERIFIED, note, version)


def reject_evidence(
    *, by: User, pk: int, note: str = "", version: int | None = None, reason: str = ""
) -> StageEvidence:
    """Say why a piece of evidence does not show what it says; scores of 2 that rest on it fall to 1."""
    with audit.change(by=by, action="opportunity.reject_evidence", reason=reason):
        return _decide(by, pk, EvidenceState.REJECTED, note, version)


def _decide(by: User, pk: int, to: EvidenceState, note: str, version: int | None) -> StageEvidence:
    seen = StageEvidence.objects.visible_to(by)
    about = seen.values_list("opportunity_id", flat=True).get(pk=pk)
    deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=about)
    access.require(by, RIGHT, deal)
    evidence: StageEvidence = audit.lock(seen, pk=pk, version=version)
    said = " ".join(note.split())
    findings = _check(evidence, deal, by, to, said)
    if findings:
        raise audit.Blocked(findings)
    evidence.state, evidence.verifier = to, by
    evidence.decided_at, evidence.verdict_note = audit.happening_at(), said
    audit.write(evidence)
    if to == EvidenceState.REJECTED:
        resting.lower([evidence])
    sla.signal(evidence, _SIGNALS[to])
    tell(f"opportunity.evidence_{to}", evidence, note=bool(said))
    debts.settle(deal)
    return evidence


def barred(evidence: StageEvidence, user: User) -> bool:
    """Say whether somebody may not decide whatever their role: who submitted it, and whose deal it is about."""
    return user.pk in (evidence.submitted_by_id, evidence.opportunity.owner_id)


def _check(
    evidence: StageEvidence, deal: Opportunity, by: User, to: EvidenceState, note: str
) -> list[Finding]:
    found = []
    if evidence.state != EvidenceState.SUBMITTED:
        state = EvidenceState(evidence.state).label.lower()
        message = (
            f"{evidence.verifier} decided about this on {evidence.decided_at:%Y-%m-%d}: it was {state}. "
            "A decision stays; ask for new evidence."
        )
        found.append(Finding("EVD-030", message, field="state", found=evidence.state, needed="submitted"))
    if evidence.submitted_by_id == by.pk:
        message = "You submitted this evidence, so somebody else decides about it. Ask your manager."
        found.append(Finding("EVD-031", message, field="verifier", found=str(by), needed="somebody else"))
    if deal.owner_id == by.pk:
        message = "This deal is yours, so somebody else decides about its evidence. Ask your manager."
        found.append(Finding("EVD-032", message, field="verifier", found=str(by), needed="not the owner"))
    if to == EvidenceState.REJECTED and len(note) < LEAST:
        message = f"The note has {len(note)} characters; who submitted it needs at least {LEAST}. Say what is missing."
        needed = f"at least {LEAST} characters"
        found.append(Finding("EVD-033", message, field="note", found=note, needed=needed))
    if len(note) > MOST:
        message = f"The note has {len(note)} characters and may have at most {MOST}. Shorten it."
        needed = f"at most {MOST} characters"
        found.append(Finding("EVD-034", message, field="note", found=note[:80], needed=needed))
    return found
