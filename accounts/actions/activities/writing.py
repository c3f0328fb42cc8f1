"""The inner part of every activity written, inside a change that is open: for our actions and those of upper apps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.actions.activities import linking, rules
from accounts.actions.activities.qualifying import qualifies
from accounts.enums import ActivityOutcome, AttendeeResponse
from accounts.models import Account, Activity, ActivityAttendee, Lead
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

_LINKED = {"account", "account_id", "lead", "contacts", "owner"}


def draft_activity(
    values: Mapping[str, Any], *, by: User, account: Account | None = None, lead: Lead | None = None
) -> Draft:
    """Read and check a new activity; `account` or `lead` is the record it is logged on, seen already.

    Queries only. The caller raises `Blocked(draft.findings)` with its own findings, or writes the draft.
    """
    draft = drafting.read(values, Activity(), never_empty={"direction", "outcome"})
    draft.given |= {name: one for name, one in (("account", account), ("lead", lead)) if one is not None}
    now = audit.current().occurred_at
    rules.fill_in(draft, now)
    rules.check(draft, now)
    linking.link([draft], by)
    return draft


def write_activity(draft: Draft, by: User) -> Activity:
    """Write one checked draft with its attendees, and tell about it. Inside an open change."""
    return write_new([draft], by)[0]


def write_new(drafts: Sequence[Draft], by: User) -> list[Activity]:
    """Write checked drafts as new activities in a constant number of statements. Inside an open change.

    The owner is `by` unless the draft names another; the activity keeps the team the owner is on now.
    """
    change, teams = audit.current(), organisation().home_team
    for draft in drafts:
        drafting.put(draft, but=_LINKED)
        activity: Activity = draft.record
        activity.account, activity.lead = draft.given.get("account"), draft.given.get("lead")
        if activity.account is None:
            activity.account_id = draft.given.get("account_id")
        activity.owner = draft.given.get("owner") or by
        activity.team_id = teams.get(activity.owner_id)
        if change.occurred_at < change.recorded_at and "created_at" not in draft.given:
            activity.created_at = change.occurred_at
        contacts = draft.given.get("contacts") or ()
        activity.qualifies_buyer = judged(activity, len(contacts), change.occurred_at)
    activities: list[Activity] = [draft.record for draft in drafts]
    audit.write_many(activities)
    audit.write_many(
        [
            ActivityAttendee(activity=draft.record, contact=contact, response=AttendeeResponse.UNKNOWN)
            for draft in drafts
            for contact in draft.given.get("contacts") or ()
        ]
    )
    for draft in drafts:
        planned = draft.record.outcome == ActivityOutcome.PLANNED
        contacts = [contact.pk for contact in draft.given.get("contacts") or ()]
        tell("activity.scheduled" if planned else "activity.logged", draft.record, contacts)
    return activities


def judged(activity: Activity, contacts: int, now: datetime) -> bool:
    """Return whether the activity qualifies as one of the buyer (ALG-2.1)."""
    return qualifies(
        kind=activity.kind,
        direction=activity.direction,
        outcome=activity.outcome,
        duration_s=activity.duration_s,
        occurred_at=activity.occurred_at,
        now=now,
        attendees=contacts + (activity.lead_id is not None),
    )


def tell(event: str, activity: Activity, contacts: Sequence[int]) -> None:
    """Emit an event about an activity with whom it was, so that upper apps need not look it up."""
    outbox.emit(
        event,
        activity,
        {
            "account": activity.account_id,
            "lead": activity.lead_id,
            "contacts": list(contacts),
            "owner": activity.owner_id,
            "kind": activity.kind,
            "direction": activity.direction,
            "outcome": activity.outcome,
            "occurred_at": activity.occurred_at.isoformat(),
            "qualifies_buyer": activity.qualifies_buyer,
        },
    )
