"""What becomes of a policy version, and how hard a policy insists."""

from django.db import models


class Status(models.TextChoices):
    """The life of a policy version. It only goes forward."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class Mode(models.TextChoices):
    """What a rule does when it fires: it counts, it tells, or it refuses."""

    OBSERVE = "observe", "Observe"
    WARN = "warn", "Warn"
    ENFORCE = "enforce", "Enforce"

    @property
    def strength(self) -> int:
        return _STRENGTHS[self.value]

    @classmethod
    def weaker(cls, one: "Mode", other: "Mode") -> "Mode":
        """Return the one that insists less."""
        return min(one, other, key=lambda mode: mode.strength)


_STRENGTHS = {mode.value: place for place, mode in enumerate(Mode)}
