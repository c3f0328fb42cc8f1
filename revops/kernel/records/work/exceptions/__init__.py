"""Exceptions as the shells know them: their record type, panels, places in My work, and who is told of them."""

from revops.kernel.records.work.exceptions import declaring, feeding, owing, telling

__all__ = ["declaring", "feeding", "owing", "telling"]
