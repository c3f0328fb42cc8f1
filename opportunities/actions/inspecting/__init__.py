"""Inspections of deals: one inspects, the records answer, what fails takes Commit away. Source: §10.3."""

from opportunities.actions.inspecting.inspecting import inspect

__all__ = ["inspect"]
