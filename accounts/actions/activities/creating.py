"""Log what happened with a buyer, and schedule what is to happen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actions.activities.writing import draft_activity, write_activity
from accounts.enums import ActivityKind, ActivityOutcome
from accounts.models import Activity
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access


def log_activity(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Activity:
    """Log one activity of `by`; `values` are as somebody typed them, `contacts` (ids) among them.

    It happened now unless `occurred_at` says when; only a meeting may lie ahead. The account follows from the lead
    or the contacts where it is not given. Raises Blocked with every finding, Forbidden for a field one may not set.
    """
    with audit.change(by=by, action="activity.log", at=at):
        access.require_create(by, Activity, values)
        draft = draft_activity(values, by=by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        return write_activity(draft, by)


def schedule_meeting(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Activity:
    """Plan a meeting that lies ahead; its outcome is recorded afterwards. Raises Blocked, Forbidden."""
    given = {**values, "kind": ActivityKind.MEETING.value, "outcome": ActivityOutcome.PLANNED.value}
    with audit.change(by=by, action="activity.schedule", at=at):
        access.require_create(by, Activity, given)
        draft = draft_activity(given, by=by)
        if not values.get("occurred_at"):
            # Without a time it would be a meeting of this moment, of which one asks how it went.
            draft.findings = [one for one in draft.findings if one.field != "outcome"]
            message = "Say when the meeting is to begin."
            draft.findings.append(
                Finding("ACT-001", message, field="occurred_at", needed="a time that lies ahead")
            )
        if draft.findings:
            raise audit.Blocked(draft.findings)
        return write_activity(draft, by)
