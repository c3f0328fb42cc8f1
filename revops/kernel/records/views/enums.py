"""The words of saved views."""

from django.db import models

# Besides the codes of roles: everybody who sees the record type at all.
EVERYONE = "everyone"


class Layout(models.TextChoices):
    """How a view lays its records out."""

    LIST = "list", "List"
    BOARD = "board", "Board"
