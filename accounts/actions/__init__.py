"""The only writes of the accounts domain."""

from accounts.actions.activities import (
    edit_activity,
    log_activity,
    record_outcome,
    schedule_meeting,
    set_attendees,
)
from accounts.actions.catalogues import create_campaign, create_product, edit_campaign, edit_product
from accounts.actions.contacts import (
    add_email,
    add_phone,
    assign_contact,
    create_contact,
    edit_contact,
    make_email_primary,
    make_phone_primary,
    mark_as_left,
    release_email,
    release_phone,
)
from accounts.actions.creating import create_account
from accounts.actions.domains import add_domain, release_domain
from accounts.actions.editing import assign_account, edit_account
from accounts.actions.leads import (
    accept_lead,
    create_lead,
    disqualify_lead,
    edit_lead,
    nurture_lead,
    reassign_lead,
    recycle_lead,
    start_working,
)

__all__ = [
    "accept_lead",
    "add_domain",
    "add_email",
    "add_phone",
    "assign_account",
    "assign_contact",
    "create_account",
    "create_campaign",
    "create_contact",
    "create_lead",
    "create_product",
    "disqualify_lead",
    "edit_account",
    "edit_activity",
    "edit_campaign",
    "edit_contact",
    "edit_lead",
    "edit_product",
    "log_activity",
    "make_email_primary",
    "make_phone_primary",
    "mark_as_left",
    "nurture_lead",
    "reassign_lead",
    "record_outcome",
    "recycle_lead",
    "release_domain",
    "release_email",
    "release_phone",
    "schedule_meeting",
    "set_attendees",
    "start_working",
]
