"""Reads of inspections: the five answers of deals, what is to be inspected this week, what inspections found."""

from opportunities.queries.inspections.answering import Answer, Shown, answers, answers_of, remedies
from opportunities.queries.inspections.due import Coverage, Rep, coverage, due, inspectable
from opportunities.queries.inspections.lookups import excuse_of

__all__ = [
    "Answer",
    "Coverage",
    "Rep",
    "Shown",
    "answers",
    "answers_of",
    "coverage",
    "due",
    "excuse_of",
    "inspectable",
    "remedies",
]
