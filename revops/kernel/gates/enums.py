"""What came of an attempt to pass a gate."""

from django.db import models


class Outcome(models.TextChoices):
    PASSED = "passed", "Passed"
    REFUSED = "refused", "Refused"
