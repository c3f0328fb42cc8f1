"""What the opportunities domain declares to the shells: one module a noun."""

from opportunities.records import (
    around,
    attempts,
    evidence,
    forecast,
    inspections,
    meddicc,
    opportunity,
    packets,
    parts,
    pipeline,
    review_statuses,
    silence,
)

__all__ = [
    "around",
    "attempts",
    "evidence",
    "forecast",
    "inspections",
    "meddicc",
    "opportunity",
    "packets",
    "parts",
    "pipeline",
    "review_statuses",
    "silence",
]
