"""Correct evidence of one's own, as long as nobody has decided about it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from opportunities.actions import qualifying
from opportunities.actions.evidence import checks
from opportunities.actions.evidence.adding import tell
from opportunities.actions.evidence.reading import LINKS, NEEDED, weigh
from opportunities.enums import EvidenceState
from opportunities.models import StageEvidence
from opportunities.policies.evidence import terms
from revops.kernel import audit
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

FIXED = ("opportunity", "kind")


def correct_evidence(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> StageEvidence:
    """Correct a piece of evidence that one has submitted and that nobody has decided about yet.

    What it is about and what it shows stay as they are. Raises Blocked with every finding, Conflict, Forbidden.
    """
    with audit.change(by=by, action="opportunity.correct_evidence", reason=reason):
        seen = StageEvidence.objects.visible_to(by)
        deal = qualifying.lock(by, seen.values_list("opportunity_id", flat=True).get(pk=pk))
        evidence: StageEvidence = audit.lock(seen, pk=pk, version=version)
        access.require_edit(by, evidence, changes)
        draft = drafting.read(changes, evidence, never_empty=(*NEEDED, "occurred_at"), code="EVD-001")
        drafting.link([draft], LINKS, by, code="OPP-003")
        _check_own(draft, by)
        draft.findings += qualifying.check_open(deal)
        weigh(draft, deal, by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        before = evidence.version
        drafting.put(draft, but=FIXED)
        if "field_path" in draft.given:
            path = evidence.field_path
            evidence.field_value = checks.said_in(deal, path) if path else ""
        if "occurred_at" in draft.given:
            held = timedelta(days=terms(deal.segment).of(evidence.kind).max_age_days)
            evidence.expires_at = evidence.occurred_at + held
        audit.write(evidence)
        if evidence.version != before:
            tell("opportunity.evidence_corrected", evidence)
            debts.settle(deal)
        return evidence


def _check_own(draft: Draft, by: User) -> None:
    """Add what speaks against correcting it: it is somebody else's, it was decided, it would show something else."""
    evidence: StageEvidence = draft.record
    if evidence.state != EvidenceState.SUBMITTED:
        state = EvidenceState(evidence.state).label.lower()
        message = f"This evidence was {state} by {evidence.verifier} and stays as it is. Add new evidence."
        draft.refuse("EVD-020", message, "state", found=evidence.state, needed="submitted")
    if evidence.submitted_by_id != by.pk:
        message = f"Only {evidence.submitted_by}, who submitted this evidence, may correct it. Add your own."
        draft.refuse("EVD-021", message, "submitted_by", found=evidence.submitted_by, needed=str(by))
    held = {"opportunity": evidence.opportunity_id, "kind": evidence.kind}
    for name in FIXED:
        if name in draft.given and draft.given[name] != held[name]:
            message = f"What evidence is about is not corrected ({name}). Add new evidence instead."
            draft.refuse("EVD-022", message, name, found=draft.given[name], needed=str(held[name]))
