"""What a token may do."""

from django.db import models


class TokenScope(models.TextChoices):
    """A token never does more than its owner may; a reading one writes nothing by any method."""

    READ = "read", "Read only"
    WRITE = "write", "Read and write"
