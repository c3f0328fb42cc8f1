"""What a token may do, and what became of a request that carried an idempotency key."""

from django.db import models


class TokenScope(models.TextChoices):
    """A token never does more than its owner may; a reading one writes nothing by any method."""

    READ = "read", "Read only"
    WRITE = "write", "Read and write"


class RequestState(models.TextChoices):
    """A running request has changed nothing yet: its change and the state `done` commit together."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
