"""How a notification reaches its recipient besides the bell."""

from django.db import models


class Mail(models.TextChoices):
    """Whether it goes out as an e-mail, and when."""

    NONE = "none", "No e-mail"
    ONCE = "once", "At once"
    DIGEST = "digest", "Daily digest"
