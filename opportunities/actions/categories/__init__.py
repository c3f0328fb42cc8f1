"""The forecast category of deals: as far as their evidence carries it, down by itself, up by hand. Source: d2."""

from opportunities.actions.categories.holding import bring_down, hold, lower
from opportunities.actions.categories.refusing import lacking
from opportunities.actions.categories.weighing import Scales, highest

__all__ = ["Scales", "bring_down", "highest", "hold", "lacking", "lower"]
