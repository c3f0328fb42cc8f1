"""Reads of activities and of who took part, always from what the asking person may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Activity, ActivityAttendee, Contact


@dataclass(frozen=True, slots=True)
class Attendee:
    """One attendee as a page shows them; without a name where the contact is out of the reader's sight."""

    pk: int
    name: str
    response: str


def attendees(activity: Activity, user: Any) -> list[Attendee]:
    """Return who takes part in an activity, in the order they were named."""
    return attendees_of([activity.pk], user).get(activity.pk, [])


def attendees_of(activities: Iterable[int], user: Any) -> dict[int, list[Attendee]]:
    """Return who takes part, by the id of the activity (of activities that `user` sees), in two queries."""
    rows = list(
        ActivityAttendee.objects.filter(activity_id__in=list(activities), is_active=True)
        .order_by("pk")
        .values_list("activity_id", "contact_id", "response")
    )
    named = _names({contact for _, contact, _ in rows}, user)
    found: dict[int, list[Attendee]] = {}
    for activity, contact, response in rows:
        found.setdefault(activity, []).append(Attendee(contact, named.get(contact, ""), response))
    return found


def _names(contacts: set[int], user: Any) -> dict[int, str]:
    if not contacts:
        return {}
    return dict(Contact.objects.filter(pk__in=contacts).visible_to(user).values_list("pk", "name"))
