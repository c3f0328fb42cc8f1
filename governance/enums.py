"""The words of change control and of the council."""

from django.db import models


class RfcState(models.TextChoices):
    """The life of a request for change. A change to what is asked brings it back to draft (M6: stale)."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SCHEDULED = "scheduled", "Scheduled"
    LIVE = "live", "Live"
    ROLLED_BACK = "rolled_back", "Rolled back"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Urgency(models.TextChoices):
    STANDARD = "standard", "Standard"
    URGENT = "urgent", "Urgent"
    EMERGENCY = "emergency", "Emergency"


class ObjectOwner(models.TextChoices):
    """Which function owns the records that a policy is about, and so decides along."""

    SALES = "sales", "Sales"
    MARKETING = "marketing", "Marketing"
    MONEY = "money", "Money and terms"
    OPERATIONS = "operations", "Operations"


class DecisionState(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    SCHEDULED = "scheduled", "Scheduled"
    DECIDED = "decided", "Decided"
    DEFERRED = "deferred", "Deferred"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Seat(models.TextChoices):
    """The functions that sit in the council, one vote each."""

    SALES = "sales", "Sales"
    MARKETING = "marketing", "Marketing"
    SUCCESS = "success", "Customer success"
    FINANCE = "finance", "Finance"
    LEGAL = "legal", "Legal"


# What is asked may still be changed: afterwards a request is history.
CHANGEABLE = frozenset(
    {RfcState.DRAFT, RfcState.SUBMITTED, RfcState.APPROVED, RfcState.SCHEDULED, RfcState.REJECTED}
)
# Somebody has said yes, and nothing is live yet.
GRANTED = frozenset({RfcState.APPROVED, RfcState.SCHEDULED})
# The council has not said what it thinks yet.
UNDECIDED = frozenset({DecisionState.PROPOSED, DecisionState.SCHEDULED, DecisionState.DEFERRED})
