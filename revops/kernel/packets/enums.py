"""The words of obligations and packets."""

from django.db import models


class ObligationKind(models.TextChoices):
    """What kind of obligation it is; what each demands stands in `kinds` (M8)."""

    TASK = "task", "Task"
    NEXT_STEP = "next_step", "Next step"
    COMMITMENT = "commitment", "Commitment"
    PLAYBOOK_TASK = "playbook_task", "Playbook task"
    MITIGATION = "mitigation", "Mitigation"
    CTA = "cta", "Call to action"
    MILESTONE = "milestone", "Milestone"
    DECISION_ACTION = "decision_action", "Decided action"
    PILOT_EXIT = "pilot_exit", "Pilot exit"


class ObligationState(models.TextChoices):
    """Overdue is no state: it follows from the due date and the clock."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class Priority(models.TextChoices):
    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"


RANK: dict[str, int] = {Priority.LOW: 0, Priority.NORMAL: 1, Priority.HIGH: 2}


class Side(models.TextChoices):
    """Whose move it is."""

    US = "us", "Ours"
    BUYER = "buyer", "The buyer's"


class PacketState(models.TextChoices):
    """The life of a packet. An accepted one ends only by the one that supersedes it."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned"
    ACCEPTED = "accepted", "Accepted"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


# Packets on their way: one a template and record.
PACKET_IN_FLIGHT = ["draft", "submitted", "returned"]
# In these the sender writes.
PACKET_OPEN = frozenset({PacketState.DRAFT, PacketState.RETURNED})


class EvidenceKind(models.TextChoices):
    """What the value of a field must be, so that it can be looked up."""

    NONE = "", "None"
    LINK = "link", "A web address"
    RECORD = "record", "The number of a record"
