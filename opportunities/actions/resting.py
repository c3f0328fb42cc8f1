"""Scores rest on evidence: what is rejected carries none of them any more. Source: d2 `Meddicc`."""

from collections.abc import Sequence

from opportunities.enums import Score
from opportunities.models import Meddicc, StageEvidence
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many


def lower(evidence: Sequence[StageEvidence]) -> list[Meddicc]:
    """Let scores of 2 that rest on this evidence fall to 1, inside the open change, their deal locked.

    The statement stays as what is claimed; so does the link, which says what was not enough.
    """
    rows = Meddicc.objects.filter(evidence__in=[one.pk for one in evidence], score=Score.EVIDENCED)
    held = lock_many(rows)
    for row in held:
        row.score = Score.CLAIMED
    audit.write_many(held)
    for row in held:
        tell(row, Score.EVIDENCED)
    return held


def tell(row: Meddicc, before: int) -> None:
    """Emit that an element was scored."""
    payload = {
        "opportunity": row.opportunity_id,
        "element": str(row.element),
        "before": int(before),
        "score": int(row.score),
        "evidence": row.evidence_id,
        "contact": row.contact_id,
        "by": audit.current().by.pk,
    }
    outbox.emit("opportunity.meddicc_scored", row, payload)
