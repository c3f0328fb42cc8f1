"""The words of an obligation."""

from django.db import models


class ObligationKind(models.TextChoices):
    """What kind of obligation it is. Later parts bring next steps, commitments, playbook tasks, mitigations, calls to
    action, milestones, actions that were decided, and pilot exits (M8): each becomes a choice when it exists.
    """

    TASK = "task", "Task"


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
