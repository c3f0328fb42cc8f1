"""Approvals as the shells know them: their record type, who is told, their place in My work, their standing."""

from revops.kernel.records.work.approvals import declaring, feeding, telling
from revops.kernel.records.work.approvals.showing import panel_on

__all__ = ["declaring", "feeding", "panel_on", "telling"]
