"""What the opportunities domain declares to the shells: one module a noun."""

from opportunities.records import around, opportunity, parts

__all__ = ["around", "opportunity", "parts"]
