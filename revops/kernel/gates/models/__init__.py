"""Attempts to pass gates, and the exceptions that excuse."""

from revops.kernel.gates.models.attempts import GateAttempt
from revops.kernel.gates.models.debts import GateDebt
from revops.kernel.gates.models.exceptions import ExceptionReview, ExceptionUse, PolicyException

__all__ = ["ExceptionReview", "ExceptionUse", "GateAttempt", "GateDebt", "PolicyException"]
