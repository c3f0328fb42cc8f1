"""The only writes of the opportunities domain."""

from opportunities.actions.activities import link_activity, log_activity
from opportunities.actions.closing import close_lost, close_won, reopen
from opportunities.actions.contact_roles import add_contact_role, edit_contact_role, remove_contact_role
from opportunities.actions.converting import convert_lead
from opportunities.actions.creating import create_opportunity
from opportunities.actions.editing import assign_opportunity, copy_again, edit_opportunity
from opportunities.actions.moving import move_stage
from opportunities.actions.next_steps.setting import set_next_step

__all__ = [
    "add_contact_role",
    "assign_opportunity",
    "close_lost",
    "close_won",
    "convert_lead",
    "copy_again",
    "create_opportunity",
    "edit_contact_role",
    "edit_opportunity",
    "link_activity",
    "log_activity",
    "move_stage",
    "remove_contact_role",
    "reopen",
    "set_next_step",
]
