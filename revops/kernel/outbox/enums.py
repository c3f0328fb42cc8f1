"""What became of one run of a job."""

from django.db import models


class RunState(models.TextChoices):
    """A run is abandoned when it never reported back within its job's limit: its worker died."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    ABANDONED = "abandoned", "Abandoned"
