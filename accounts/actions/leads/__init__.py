"""The writes of leads: creating, editing, giving to somebody, what becomes of them, and importing."""

from accounts.actions.leads.creating import create_lead
from accounts.actions.leads.dispositions import (
    accept_lead,
    disqualify_lead,
    nurture_lead,
    recycle_lead,
    start_working,
)
from accounts.actions.leads.editing import edit_lead, reassign_lead

__all__ = [
    "accept_lead",
    "create_lead",
    "disqualify_lead",
    "edit_lead",
    "nurture_lead",
    "reassign_lead",
    "recycle_lead",
    "start_working",
]
