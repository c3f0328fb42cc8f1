"""Packets as the shells know them: their record type, the form made of a template, panels, their place in My work."""

from revops.kernel.records.work.packets import declaring, feeding, notices
from revops.kernel.records.work.packets.showing import panel_on

__all__ = ["declaring", "feeding", "notices", "panel_on"]
