"""Through which door a change came, and what it did to a row."""

from django.db import models


class Source(models.TextChoices):
    """The door: where the request for a change entered the system."""

    UI = "ui", "Web page"
    API = "api", "API"
    JOB = "job", "Background job"
    IMPORT = "import", "Import"
    BULK = "bulk", "Bulk change"
    MERGE = "merge", "Merge"
    ADMIN = "admin", "Set-up"
    COMMAND = "command", "Command line"


class Kind(models.TextChoices):
    """What a change did to one row."""

    CREATED = "+", "Created"
    CHANGED = "~", "Changed"
    ERASED = "x", "Personal data erased"
    REMOVED = "-", "Taken back"


# What the columns offer as choices: a removal is written by `audit.remove_many` alone and chosen nowhere, so it
# asks no history table for a migration.
OFFERED = [(kind.value, kind.label) for kind in Kind if kind is not Kind.REMOVED]


class Removal(models.TextChoices):
    """Why a record may be removed. There is one reason; records are kept, archived or merged otherwise."""

    IMPORT_REVERTED = "import_reverted", "The import that brought it was reverted"
