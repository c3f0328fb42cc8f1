"""Tasks as the shells know them: their record type, their form on timelines, their panel, their place in My work."""

from revops.kernel.records.work.tasks import declaring, feeding, reminders

__all__ = ["declaring", "feeding", "reminders"]
