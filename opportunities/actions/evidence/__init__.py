"""Evidence of deals: added, corrected while nobody has decided, verified or rejected. Source: d2 `StageEvidence`."""

from opportunities.actions.evidence.adding import add_evidence, create_evidence, write_evidence
from opportunities.actions.evidence.correcting import correct_evidence
from opportunities.actions.evidence.deciding import reject_evidence, verify_evidence
from opportunities.actions.evidence.reading import read_evidence

__all__ = [
    "add_evidence",
    "correct_evidence",
    "create_evidence",
    "read_evidence",
    "reject_evidence",
    "verify_evidence",
    "write_evidence",
]
