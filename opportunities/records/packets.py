"""Packets about deals, on their pages."""

from revops.kernel.records.work.packets import panel_on

panel_on("opportunities.opportunity")
