"""Through which door a change came, and what it did to a row."""

from django.db import models


class Source(models.TextChoices):
    """The door: where the request for a change entered the system."""

    UI = "ui", "Web page"
    API = "api", "API"
    JOB = "job", "Background job"
    IMPORT = "import", "Import"
    MERGE = "merge", "Merge"
    ADMIN = "admin", "Set-up"
    COMMAND = "command", "Command line"


class Kind(models.TextChoices):
    """What a change did to one row."""

    CREATED = "+", "Created"
    CHANGED = "~", "Changed"
    ERASED = "x", "Personal data erased"
