"""The only writes of requests for change."""

from governance.actions.rfcs.attaching import attach_draft, detach_draft, simulate_again
from governance.actions.rfcs.drafting import create_rfc, edit_rfc
from governance.actions.rfcs.living import go_live, go_live_due
from governance.actions.rfcs.ratifying import demand_rollback
from governance.actions.rfcs.rolling_back import roll_back
from governance.actions.rfcs.submitting import schedule, submit, withdraw

__all__ = [
    "attach_draft",
    "create_rfc",
    "demand_rollback",
    "detach_draft",
    "edit_rfc",
    "go_live",
    "go_live_due",
    "roll_back",
    "schedule",
    "simulate_again",
    "submit",
    "withdraw",
]
