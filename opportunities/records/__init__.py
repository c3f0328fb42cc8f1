"""What the opportunities domain declares to the shells: one module a noun."""

from opportunities.records import around, attempts, evidence, opportunity, packets, parts

__all__ = ["around", "attempts", "evidence", "opportunity", "packets", "parts"]
