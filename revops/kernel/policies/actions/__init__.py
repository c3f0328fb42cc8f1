"""The only writes of policies."""

from revops.kernel.policies.actions.drafting import adopt_shipped, draft_version
from revops.kernel.policies.actions.releasing import (
    activate_version,
    end_set_up_mode,
    put_in_force,
    retire_version,
)

__all__ = [
    "activate_version",
    "adopt_shipped",
    "draft_version",
    "end_set_up_mode",
    "put_in_force",
    "retire_version",
]
