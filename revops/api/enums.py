"""What became of a request that carried an idempotency key."""

from django.db import models


class RequestState(models.TextChoices):
    """A running request has changed nothing yet: its change and the state `done` commit together."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
