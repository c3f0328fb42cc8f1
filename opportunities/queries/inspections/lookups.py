"""What the answers of an inspection are looked up in, for any number of deals at once: one statement each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Contact
from opportunities.enums import BuyingRole, DelayKind, Element
from opportunities.models import InspectionRecord, Meddicc, OppContactRole, SlipEvent
from opportunities.policies import inspections as policy
from revops.kernel.gates.models.exceptions import PolicyException

LABEL = "opportunities.opportunity"


def last(ids: Sequence[int]) -> dict[int, InspectionRecord]:
    rows = InspectionRecord.objects.filter(opportunity__in=ids).order_by("inspected_at", "pk")
    return {row.opportunity_id: row for row in rows}


def buyers(ids: Sequence[int]) -> dict[int, OppContactRole]:
    """Return the economic buyer of each deal: the one engaged last, where there are several."""
    rows = OppContactRole.objects.filter(
        opportunity__in=ids, role=BuyingRole.ECONOMIC_BUYER, is_active=True
    ).order_by("-pk")
    found: dict[int, OppContactRole] = {}
    for row in rows:
        held = found.get(row.opportunity_id)
        if held is None or (
            row.engaged_at is not None and (held.engaged_at or row.engaged_at) <= row.engaged_at
        ):
            found[row.opportunity_id] = row
    return found


def slips(ids: Sequence[int], inspected: Mapping[int, InspectionRecord]) -> dict[int, SlipEvent]:
    """Return the last later close date of each deal since its last inspection, a slip before a push."""
    found: dict[int, SlipEvent] = {}
    for row in SlipEvent.objects.filter(opportunity__in=ids, kind=DelayKind.SLIP).order_by(
        "occurred_at", "pk"
    ):
        last = inspected.get(row.opportunity_id)
        if last is None or row.occurred_at > last.inspected_at:
            found[row.opportunity_id] = row
    return found


def risks(ids: Sequence[int]) -> dict[int, Meddicc]:
    rows = Meddicc.objects.filter(opportunity__in=ids, element=Element.RISKS)
    return {row.opportunity_id: row for row in rows.select_related("mitigation__owner")}


def excuses(ids: Sequence[int], now: datetime) -> dict[tuple[int, str], PolicyException]:
    rows = PolicyException.objects.active(now).filter(
        subject_type=LABEL, subject_id__in=ids, policy_key=policy.KEY
    )
    found = rows.select_related("approver", "owner").order_by("pk")
    return {(row.subject_id, row.criterion_key): row for row in found}


def excuse_of(deal: int, key: str, now: datetime) -> PolicyException | None:
    """Return the exception that excuses a deal from one question."""
    return excuses([deal], now).get((deal, key))


def names(people: set[int], user: Any) -> dict[int, str]:
    """Return the names of contacts that one sees; of a merged one the name of whom they became."""
    rows = Contact.objects.filter(pk__in=people).visible_to(user).select_related("tombstone_of")
    return {row.pk: str(row.tombstone_of or row) for row in rows}
