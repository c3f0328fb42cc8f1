"""The only writes of policies. Those of `approving` join the change of whoever holds an approved request."""

from revops.kernel.policies.actions.applying import apply_due
from revops.kernel.policies.actions.approving import approve, hold, reopen, roll_back
from revops.kernel.policies.actions.drafting import adopt_shipped, draft_version, edit_draft
from revops.kernel.policies.actions.releasing import (
    activate_version,
    end_set_up_mode,
    put_in_force,
    retire_version,
)
from revops.kernel.policies.actions.watching import watch

__all__ = [
    "activate_version",
    "adopt_shipped",
    "apply_due",
    "approve",
    "draft_version",
    "edit_draft",
    "end_set_up_mode",
    "hold",
    "put_in_force",
    "reopen",
    "retire_version",
    "roll_back",
    "watch",
]
