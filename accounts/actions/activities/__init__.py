"""What happened between us and a buyer: logged, scheduled, corrected for a day, never deleted.

Apps above log activities about their own records inside their own change: `draft_activity` reads and checks,
`write_activity` writes.
"""

from accounts.actions.activities.answering import create_attendee, edit_attendee
from accounts.actions.activities.creating import log_activity, schedule_meeting
from accounts.actions.activities.editing import edit_activity, record_outcome, set_attendees
from accounts.actions.activities.qualifying import qualifies
from accounts.actions.activities.writing import draft_activity, write_activity

__all__ = [
    "create_attendee",
    "draft_activity",
    "edit_activity",
    "edit_attendee",
    "log_activity",
    "qualifies",
    "record_outcome",
    "schedule_meeting",
    "set_attendees",
    "write_activity",
]
