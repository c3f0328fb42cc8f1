"""What speaks against the score of an element: all of it, each with what to do."""

from opportunities.actions.meddicc.fields import DATED, SHOWN_BY, SOMEBODY
from opportunities.enums import BuyingRole, Element, EvidenceKind, EvidenceState, Score
from opportunities.models import StageEvidence
from revops.kernel import audit
from revops.kernel.audit import Finding, Remedy
from revops.kernel.records.drafting import Draft

LEAST, LEAST_MITIGATION = 15, 10


def check(draft: Draft) -> None:
    """Add what speaks against the score, the statement, the day and the person of an element."""
    element = Element(draft.record.element)
    score, statement = draft.value("score"), (draft.value("statement") or "").strip()
    if draft.is_new and "score" not in draft.given:
        draft.refuse("OPP-130", "Score is needed. Give 0, 1 or 2.", "score", needed="0, 1 or 2")
    if score not in Score.values:
        message = f"Score is {score}; it is 0 (unknown), 1 (claimed) or 2 (evidenced)."
        draft.refuse("OPP-131", message, "score", found=score, needed="0, 1 or 2")
    elif score > Score.UNKNOWN and len(statement) < LEAST:
        message = (
            f"{element.label} at {score}: the statement has {len(statement)} characters and needs at least {LEAST}. "
            "Say what is known, in the buyer's words."
        )
        draft.refuse("OPP-132", message, "statement", found=statement, needed=f"at least {LEAST} characters")
    if draft.given.get("on") is not None and element not in DATED:
        message = (
            f"{element.label} has no day. Leave it out; the decision process and the paper process have one."
        )
        draft.refuse("OPP-138", message, "on", found=draft.given["on"], needed="no day")
    _check_somebody(draft, element, score)


def _check_somebody(draft: Draft, element: Element, score: int) -> None:
    role = SOMEBODY.get(element)
    told = {finding.field for finding in draft.findings}
    if role is None or not score or draft.value("contact") is not None or "contact" in told:
        return
    label = BuyingRole(role).label.lower()
    message = f"Who is the {label}? From a score of 1 on they have a name. Choose a contact of the account."
    draft.refuse("OPP-137", message, "contact", needed="a contact")


def check_evidence(draft: Draft, *, inline: bool) -> None:
    """Add what speaks against what a score of 2 rests on: evidence of this deal that stands and shows this element.

    New evidence takes the place of what the score rested on, also where the form still names that.
    """
    element, evidence = Element(draft.record.element), draft.value("evidence")
    told = {finding.field for finding in draft.findings}
    chosen = draft.given.get("evidence")
    if inline and chosen is not None and chosen.pk != draft.record.evidence_id:
        message = "Choose evidence that stands, or give new evidence, not both."
        draft.refuse("OPP-134", message, "evidence", found=evidence, needed="one of them")
    elif draft.value("score") == Score.EVIDENCED and evidence is None and not inline:
        if "evidence" not in told:
            _needs_evidence(draft, element)
    elif evidence is not None and not inline and _is_asked(draft):
        _check_stands(draft, element, evidence)


def _is_asked(draft: Draft) -> bool:
    """Say whether this write rests something on the evidence: what stood before is not asked again."""
    raised = draft.value("score") == Score.EVIDENCED and draft.record.score != Score.EVIDENCED
    return raised or draft.given.get("evidence") is not None


def _needs_evidence(draft: Draft, element: Element) -> None:
    kind = SHOWN_BY[element][0]
    message = (
        f"{element.label} at 2 rests on evidence: what the buyer said or wrote, with who and when. "
        "Add it, choose some of this deal, or score 1."
    )
    way = Remedy("Add evidence", f"{draft.record.opportunity.get_absolute_url()}do/add_evidence/?kind={kind}")
    needed = f"evidence of the kind {kind.label}"
    draft.findings.append(Finding("OPP-135", message, field="evidence", needed=needed, remedies=(way,)))


def _check_stands(draft: Draft, element: Element, evidence: StageEvidence) -> None:
    kinds = SHOWN_BY[element]
    if evidence.kind not in kinds:
        needed = " or ".join(f"“{kind.label}”" for kind in kinds)
        shows = EvidenceKind(evidence.kind).label
        message = f"This evidence shows “{shows}”; {element.label} needs {needed}. Choose another."
        draft.refuse("OPP-133", message, "evidence", found=evidence.kind, needed=", ".join(kinds))
    if evidence.state == EvidenceState.REJECTED:
        message = "This evidence was rejected and carries no score. Choose another, or give new evidence."
        draft.refuse("OPP-133", message, "evidence", found="rejected", needed="evidence that stands")
    over = evidence.expires_at
    if over is not None and over < audit.current().occurred_at:
        message = f"This evidence is out of date since {over.date()}. Give what the buyer said since."
        draft.refuse(
            "OPP-133", message, "evidence", found=over.date(), needed="evidence that is young enough"
        )
