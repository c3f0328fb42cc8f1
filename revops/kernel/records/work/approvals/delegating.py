"""From what somebody typed to the actions of delegations, and what the settings page and the API show of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from revops.kernel import clocks
from revops.kernel.approvals.actions import delegating
from revops.kernel.approvals.models import Delegation
from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.packets.days import zone_of
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind

MOST = 100
FIELDS = (
    Field("delegate", "Who decides for you", FieldKind.PERSON, reference="identity.user", required=True),
    Field("active_from", "From", FieldKind.DATE, required=True),
    Field("active_to", "Until the end of", FieldKind.DATE, required=True, help="90 days at most."),
    Field(
        "reason", "Why", required=True, help="Such as a holiday. It stands with every decision made for you."
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One delegation as its page shows it: `holds` now, `ahead`, or over; `mine` where the reader delegated."""

    delegation: Delegation
    holds: bool
    ahead: bool
    mine: bool

    @property
    def over(self) -> bool:
        return not self.holds and not self.ahead


def delegate(*, by: User, values: Mapping[str, Any]) -> Delegation:
    """Let somebody decide in one's place between two days, both of them whole, on one's own clock."""
    given = drafting.entered("Delegation", FIELDS, values)
    person = User.objects.filter(pk=given["delegate"]).first()
    if person is None:
        message = "There is nobody with this id. Choose somebody else."
        raise Blocked([Finding("APR-053", message, field="delegate", needed="an active person")])
    zone = zone_of(by)
    begins = datetime.combine(given["active_from"], time(), zone)
    ends = datetime.combine(given["active_to"] + timedelta(days=1), time(), zone)
    return delegating.delegate(
        by=by, to=person, active_from=begins, active_to=ends, reason=str(given["reason"])
    )


def entries(user: User) -> list[Entry]:
    """Return the delegations by and for somebody, those that hold first, then the newest; in one query."""
    now = clocks.now()
    rows = Delegation.objects.visible_to(user).select_related("delegator", "delegate").order_by("-pk")
    mine = [one for one in rows[:MOST] if user.pk in (one.delegator_id, one.delegate_id)]
    found = [
        Entry(one, one.active_from <= now < one.active_to, one.active_from > now, one.delegator_id == user.pk)
        for one in mine
    ]
    return sorted(found, key=lambda one: (not one.holds, not one.ahead))
