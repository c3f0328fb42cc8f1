"""Change an activity: its words for a day, its outcome and its attendees when they are known."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.actions.activities import linking, rules
from accounts.actions.activities.writing import judged, tell
from accounts.enums import ActivityOutcome, AttendeeResponse
from accounts.models import Activity, ActivityAttendee
from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

WINDOW = timedelta(hours=24)
NEVER_EMPTY = frozenset({"subject", "occurred_at", "outcome", "direction"})
_SAYS_HOW = frozenset({"occurred_at", "outcome", "direction", "duration_s"})


def edit_activity(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Activity:
    """Change fields of one's own activity, until 24 hours after it was logged or took place.

    A planned meeting may be changed for as long as its outcome is open. Whether the activity qualifies is decided
    anew. Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="activity.edit", reason=reason):
        activity: Activity = audit.lock(Activity.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, activity, changes)
        draft = drafting.read(changes, activity, never_empty=NEVER_EMPTY, code="ACT-015")
        require_open(draft, activity)
        if _SAYS_HOW & changes.keys():
            rules.check(draft, audit.current().occurred_at)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        drafting.put(draft)
        return rewrite(activity, "activity.edited")


def record_outcome(
    *,
    by: User,
    pk: int,
    values: Mapping[str, Any],
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Activity:
    """Say how a planned meeting went; `values` are `outcome` and, where known, `duration_s` and `contacts`.

    `contacts` are then all who took part. Before it begins a meeting can only be cancelled. Raises Blocked,
    Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="activity.record_outcome", reason=reason, at=at) as change:
        activity: Activity = audit.lock(Activity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "record_outcome", activity)
        draft = drafting.read(values, activity, never_empty={"duration_s"}, code="ACT-015")
        require_open(draft, activity)
        drafting.need(draft, ("outcome",), code="ACT-002")
        if (
            activity.occurred_at > change.occurred_at
            and draft.given.get("outcome") == ActivityOutcome.PLANNED
        ):
            draft.refuse(
                "ACT-014", "This meeting is planned already. Say how it went once it is over.", "outcome"
            )
        rules.check(draft, change.occurred_at)
        linking.link_contacts([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        drafting.put(draft, but=("contacts",))
        if draft.given.get("contacts") is not None:
            set_contacts([(activity, draft.given["contacts"])])
        return rewrite(activity, "activity.outcome_recorded")


def set_attendees(
    *, by: User, pk: int, contacts: Sequence[int], version: int | None = None, reason: str = ""
) -> Activity:
    """Name the contacts who take part, all of them; who is left out is taken off. Qualification follows."""
    with audit.change(by=by, action="activity.set_attendees", reason=reason):
        activity: Activity = audit.lock(Activity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "set_attendees", activity)
        draft = drafting.read({"contacts": contacts}, activity)
        require_open(draft, activity)
        linking.link_contacts([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        set_contacts([(activity, draft.given["contacts"] or ())])
        return rewrite(activity, "activity.edited")


def closes_at(activity: Activity) -> datetime | None:
    """Return when one's own activity closes for changes; None while its outcome is open (planned, or unknown)."""
    if activity.outcome in ("", ActivityOutcome.PLANNED):
        return None
    return max(activity.created_at, activity.occurred_at) + WINDOW


def is_open(activity: Activity) -> bool:
    """Say whether one's own activity can be changed still."""
    closed = closes_at(activity)
    return closed is None or clocks.now() <= closed


def settled(activity: Activity) -> frozenset[str]:
    """Return the fields of an activity that nobody corrects any more: all of them once it has closed."""
    return frozenset() if is_open(activity) else frozenset(field.name for field in activity._meta.fields)


def require_open(draft: Draft, activity: Activity) -> None:
    """Add a finding where the activity is closed for changes."""
    closed = closes_at(activity)
    if closed is not None and closed < audit.current().occurred_at:
        message = (
            f"An activity can be changed for 24 hours; this one closed on {closed:%Y-%m-%d at %H:%M} UTC. "
        )
        message += "Log another one that says what changed."
        draft.refuse("ACT-013", message, "", found=f"{closed:%Y-%m-%d %H:%M} UTC", needed="within 24 hours")


def set_contacts(named: Sequence[tuple[Activity, Sequence[Any]]]) -> None:
    """Make these contacts the attendees of these locked activities, in a constant number of statements.

    Who is new is added, who is not named any more is taken off. Inside an open change.
    """
    if not named:
        return
    wanted = {activity.pk: [contact.pk for contact in contacts] for activity, contacts in named}
    held = lock_many(ActivityAttendee.objects.filter(activity_id__in=wanted))
    known = {(row.activity_id, row.contact_id) for row in held}
    before = {row.pk: row.version for row in held}
    for row in held:
        row.is_active = row.contact_id in wanted[row.activity_id]
    audit.write_many(held)
    added = [
        ActivityAttendee(activity=activity, contact=contact, response=AttendeeResponse.UNKNOWN)
        for activity, contacts in named
        for contact in contacts
        if (activity.pk, contact.pk) not in known
    ]
    audit.write_many(added)
    changed: dict[int, ActivityAttendee] = {}
    for row in [*added, *(row for row in held if row.version != before[row.pk])]:
        changed.setdefault(row.activity_id, row)
    for activity, _ in named:
        if activity.pk in changed:
            contacts = sorted(wanted[activity.pk])
            payload = {"activity": activity.pk, "account": activity.account_id, "contacts": contacts}
            outbox.emit("activity.attendees_changed", changed[activity.pk], payload)


def rewrite(activity: Activity, event: str) -> Activity:
    """Decide anew whether the activity qualifies, write it, and tell about it where it changed."""
    rows = ActivityAttendee.objects.filter(activity=activity, is_active=True)
    answers = dict(rows.order_by("pk").values_list("contact_id", "response"))
    there = [contact for contact, response in answers.items() if response != AttendeeResponse.DECLINED]
    activity.qualifies_buyer = judged(activity, len(there), audit.current().occurred_at)
    before = activity.version
    audit.write(activity)
    if activity.version != before:
        tell(event, activity, list(answers))
    return activity
