"""The writes of the people mechanism: people and their roles, the organisation, who leaves."""

from revops.kernel.people.actions.leaving import deactivate_user, plan_offboarding, reactivate_user
from revops.kernel.people.actions.organisation import (
    create_queue,
    create_team,
    create_territory,
    edit_team,
    set_availability,
    staff_queue,
    unstaff_queue,
)
from revops.kernel.people.actions.persons import (
    bootstrap_admin,
    create_user,
    edit_user,
    move_to_team,
    rename_oneself,
    set_manager,
    set_password,
)
from revops.kernel.people.actions.roles import (
    DEFINING,
    apply_custom_roles,
    check_custom_role,
    define_custom_role,
    grant_role,
    revoke_role,
)

__all__ = [
    "DEFINING",
    "apply_custom_roles",
    "bootstrap_admin",
    "check_custom_role",
    "create_queue",
    "create_team",
    "create_territory",
    "create_user",
    "deactivate_user",
    "define_custom_role",
    "edit_team",
    "edit_user",
    "grant_role",
    "move_to_team",
    "plan_offboarding",
    "reactivate_user",
    "rename_oneself",
    "revoke_role",
    "set_availability",
    "set_manager",
    "set_password",
    "staff_queue",
    "unstaff_queue",
]
