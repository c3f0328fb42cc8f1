"""The words of SLA clocks."""

from django.db import models


class ClockState(models.TextChoices):
    """Where a clock stands. One that breached counts on until its work is done: `stopped_at` says when that was."""

    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    MET = "met", "Met"
    BREACHED = "breached", "Breached"
    CANCELLED = "cancelled", "Cancelled"


class Measure(models.TextChoices):
    """Which time counts."""

    BUSINESS = "business", "Business hours"
    ELAPSED = "elapsed", "Round the clock"


class SignalKind(models.TextChoices):
    """What a signal does to a clock, the strongest first: of those at one instant the strongest holds."""

    STOP = "stop", "Stop"
    CANCEL = "cancel", "Cancel"
    PAUSE = "pause", "Pause"
    RESUME = "resume", "Resume"
    START = "start", "Start"


class SegmentKind(models.TextChoices):
    RUN = "run", "Running"
    PAUSE = "pause", "Paused"


class EventKind(models.TextChoices):
    """What happened to a clock on its way."""

    STARTED = "started", "Started"
    WARNED = "warned", "Warned"
    BREACHED = "breached", "Breached"
    ESCALATED = "escalated", "Escalated"
    MET = "met", "Met"
    CANCELLED = "cancelled", "Cancelled"
    CORRECTED = "corrected", "Corrected"


class Reopen(models.TextChoices):
    """What a new start does to a clock that is over."""

    NEW_CYCLE = "new_cycle", "Begin a new cycle"
    RESUME = "resume", "Count on"
    NONE = "none", "Nothing"


class Escalate(models.TextChoices):
    """Whom an escalation tells, beside the owner."""

    OWNER = "owner", "The owner"
    MANAGER = "manager", "The owner's manager"
    DIRECTOR = "director", "The manager's manager"
    REVOPS = "revops", "Revenue operations"
