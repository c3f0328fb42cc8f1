"""Add evidence to a deal: by itself, or together with what rests on it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from opportunities.actions import qualifying
from opportunities.actions.evidence import asking, checks
from opportunities.actions.evidence.reading import read_evidence
from opportunities.models import Opportunity, StageEvidence
from opportunities.policies.evidence import terms
from revops.kernel import audit, outbox
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import Draft, put


def add_evidence(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> StageEvidence:
    """Add one piece of evidence to the deal `pk`; what a manager verifies waits for them, with a clock.

    Raises Blocked with every finding, Forbidden without the right to qualify the deal, Conflict, DoesNotExist.
    """
    with audit.change(by=by, action="opportunity.add_evidence", reason=reason):
        deal = qualifying.lock(by, pk, version)
        return _added(deal, values, by)


def create_evidence(*, by: User, values: Mapping[str, Any]) -> StageEvidence:
    """Add one piece of evidence to the deal that `values` name."""
    with audit.change(by=by, action="opportunity.add_evidence"):
        deal = qualifying.lock_named(by, values.get("opportunity"))
        return _added(deal, values, by)


def _added(deal: Opportunity, values: Mapping[str, Any], by: User) -> StageEvidence:
    evidence = write_evidence(deal, values, by=by)
    debts.settle(deal)
    return evidence


def write_evidence(
    deal: Opportunity, given: Draft | Mapping[str, Any], *, by: User | None = None
) -> StageEvidence:
    """Write evidence about a locked deal inside the open change, from typed values or from a draft of them.

    Raises Blocked with every finding. What the deal owes is settled by the caller, once it has written everything.
    """
    submitter = by or audit.current().by
    draft = given if isinstance(given, Draft) else read_evidence(deal, given, submitter)
    if draft.findings:
        raise audit.Blocked(draft.findings)
    put(draft)
    evidence: StageEvidence = draft.record
    kind = terms(deal.segment).of(evidence.kind)
    evidence.submitted_by, evidence.submitted_at = submitter, audit.happening_at()
    evidence.expires_at = evidence.occurred_at + timedelta(days=kind.max_age_days)
    if evidence.field_path:
        evidence.field_value = checks.said_in(deal, evidence.field_path)
    audit.write(evidence)
    asked = asking.ask(evidence, deal) if kind.verify == "manager" else None
    tell("opportunity.evidence_added", evidence, asked=asked)
    return evidence


def tell(event: str, evidence: StageEvidence, **more: Any) -> None:
    """Emit what became of a piece of evidence."""
    payload = {
        "opportunity": evidence.opportunity_id,
        "kind": str(evidence.kind),
        "state": str(evidence.state),
        "stated_by": evidence.stated_by_id,
        "submitted_by": evidence.submitted_by_id,
        "by": audit.current().by.pk,
    }
    outbox.emit(event, evidence, payload | more)
