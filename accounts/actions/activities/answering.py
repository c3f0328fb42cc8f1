"""What an attendee answered to an invitation, and that they took part."""

from collections.abc import Mapping
from typing import Any, NoReturn

from accounts.actions.activities.editing import require_open, rewrite
from accounts.models import Activity, ActivityAttendee
from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting


def edit_attendee(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> ActivityAttendee:
    """Record what an attendee of one's own activity answered. Who declined does not count as having taken part.

    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="activity.edit_attendee", reason=reason):
        seen = ActivityAttendee.objects.filter(is_active=True).visible_to(by).get(pk=pk)
        activity: Activity = audit.lock(Activity.objects.visible_to(by), pk=seen.activity_id)
        attendee: ActivityAttendee = audit.lock(
            ActivityAttendee.objects.filter(is_active=True), pk=pk, version=version
        )
        access.require_edit(by, attendee, changes)
        draft = drafting.read(changes, attendee, never_empty={"response"}, code="ACT-015")
        require_open(draft, activity)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        drafting.put(draft)
        audit.write(attendee)
        rewrite(activity, "activity.edited")
        return attendee


def create_attendee(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: attendees are named together, so that the activity knows at once whether it qualifies."""
    raise access.Forbidden("Attendees are named on their activity: use its action “Name the attendees”.")
