"""The words of the exception registry."""

from django.db import models


class ExceptionState(models.TextChoices):
    """What was decided about an exception. Whether it is active follows from this and the clock, never from a job."""

    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    CONSUMED = "consumed", "Used up"


OPEN = (ExceptionState.REQUESTED, ExceptionState.APPROVED)
GRANTED = (ExceptionState.APPROVED, ExceptionState.CONSUMED)


class Risk(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "med", "Medium"
    HIGH = "high", "High"


class ReviewDecision(models.TextChoices):
    """What came of the weekly look at an exception; OVER: it ended before anybody looked."""

    KEEP = "keep", "Keep"
    REVOKE = "revoke", "Revoke"
    OVER = "over", "Ended before the review"


class DebtState(models.TextChoices):
    """What became of a criterion that is owed since its exception lapsed."""

    OPEN = "open", "Open"
    CLEARED = "cleared", "Supplied"
    REGRESSED = "regressed", "Fell back"
