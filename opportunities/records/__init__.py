"""What the opportunities domain declares to the shells: one module a noun."""

from opportunities.records import (
    around,
    attempts,
    evidence,
    meddicc,
    opportunity,
    packets,
    parts,
    review_statuses,
)

__all__ = [
    "around",
    "attempts",
    "evidence",
    "meddicc",
    "opportunity",
    "packets",
    "parts",
    "review_statuses",
]
