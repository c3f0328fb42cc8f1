"""Silent buyers: the daily sweep that nudges, escalates, gives notice and closes, and why deals stall. ALG-2.2."""

from opportunities.actions.sweeping.stalling import give_stall_reason
from opportunities.actions.sweeping.sweep import Swept, sweep

__all__ = ["Swept", "give_stall_reason", "sweep"]
