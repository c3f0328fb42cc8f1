"""The clock of each step: it runs from the step's opening to its end. Nothing is ever approved because time ran out."""

from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep


def start(step: ApprovalStep, request: ApprovalRequest) -> None:
    """Start the clock of a step that has just opened, inside the open change."""


def stop(step: ApprovalStep, *, by_decision: bool) -> None:
    """Stop the clock of a step that is over, inside the open change."""
