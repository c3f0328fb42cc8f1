"""The words of approvals."""

from django.db import models


class RequestState(models.TextChoices):
    """The life of a request. What would be a draft is a preview, which is not stored."""

    PENDING = "pending", "Waiting"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    RECALLED = "recalled", "Recalled"
    STALE = "stale", "Out of date"
    EXPIRED = "expired", "Expired"


class StepState(models.TextChoices):
    """The life of one step of a request."""

    WAITING = "waiting", "Not yet asked"
    OPEN = "open", "Open"
    GRANTED = "granted", "Granted"
    REJECTED = "rejected", "Rejected"
    SKIPPED = "skipped", "Carried over"
    CANCELLED = "cancelled", "Cancelled"


class StepMode(models.TextChoices):
    """Who of those asked must say yes."""

    ANY = "any", "Any one of them"
    ALL = "all", "Each of them"
    K_OF_N = "k_of_n", "Some of them"


class Verdict(models.TextChoices):
    """What an approver says."""

    APPROVE = "approve", "Approve"
    REJECT = "reject", "Reject"


LIVE = (RequestState.PENDING, RequestState.APPROVED)
UNDECIDED = (StepState.WAITING, StepState.OPEN)
SETTLED = (StepState.GRANTED, StepState.SKIPPED)
