"""Attempts to pass gates, and the exceptions that excuse."""

from revops.kernel.gates.models.attempts import GateAttempt

__all__ = ["GateAttempt"]
