"""The scheduled jobs of governance: what is planned goes live."""

from governance.actions.rfcs import go_live_due
from revops.kernel import clocks, outbox


@outbox.job("governance.go_live", owner="REVOPS", every=60)
def go_live() -> str:
    """Put the approved requests for change in force whose planned instant has come."""
    return go_live_due(clocks.now())
