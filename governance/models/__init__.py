"""What governance keeps: one module a noun."""

from governance.models.council import DecisionItem, DecisionVote
from governance.models.rfc import ChangeRequest, RfcChange

__all__ = ["ChangeRequest", "DecisionItem", "DecisionVote", "RfcChange"]
