"""Clocks as the shells know them: their record type, their panel on the records they run for, My work, what is told."""

from revops.kernel.records.work.clocks import declaring, feeding, notices

__all__ = ["declaring", "feeding", "notices"]
