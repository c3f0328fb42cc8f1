"""What pages show of inspections: those of a deal, and the answers that one of them kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Contact
from opportunities.enums import ForecastCategory, InspectionOutcome
from opportunities.models import InspectionRecord, Opportunity

SHOWN = 12
TONES = {"keep": "green", "downgrade": "amber", "remove": "red", "escalate": "violet"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as a kept answer shows it; the name only of a contact that the reader sees."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as an inspection kept it."""

    title: str
    fails: bool
    excused: int | None
    facts: tuple[Fact, ...]
    needed: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """One inspection in a line, with the questions that failed."""

    pk: int
    week: date
    at: datetime
    inspector: str
    outcome: str
    tone: str
    moved: str
    failed: tuple[str, ...]
    note: str
    dissent: str


def of_deal(deal: Opportunity, user: Any) -> list[Inspected]:
    """Return the inspections of a deal, the latest first; one query."""
    rows = InspectionRecord.objects.filter(opportunity=deal).visible_to(user).select_related("inspector")
    return [_line(row) for row in rows.order_by("-inspected_at", "-pk")[:SHOWN]]


def _line(row: InspectionRecord) -> Inspected:
    moved = ""
    if row.category_before != row.category_after:
        before, after = ForecastCategory(row.category_before), ForecastCategory(row.category_after)
        moved = f"{before.label} → {after.label}"
    return Inspected(
        row.pk,
        row.week,
        row.inspected_at,
        str(row.inspector),
        str(InspectionOutcome(row.outcome).label),
        TONES[row.outcome],
        moved,
        tuple(one["title"] for one in row.answers if one["fails"]),
        row.note,
        row.dissent,
    )


def of_inspection(row: InspectionRecord, user: Any) -> list[Kept]:
    """Return the five answers that an inspection kept; one query for the names."""
    people = {fact["contact"] for one in row.answers for fact in one["facts"] if fact["contact"]}
    seen = Contact.objects.filter(pk__in=people).visible_to(user).select_related("tombstone_of")
    names = {contact.pk: str(contact.tombstone_of or contact) for contact in seen}
    return [_kept(one, names) for one in row.answers]


def _kept(one: Mapping[str, Any], names: Mapping[int, str]) -> Kept:
    facts: Sequence[Fact] = [_fact(each, names) for each in one["facts"]]
    if one.get("field"):
        facts = [*facts, Fact("Captured by", f"{one['field']}: {one['old'] or '–'} → {one['new'] or '–'}")]
    return Kept(one["title"], one["fails"], one["exception"], tuple(facts), one["needed"])


def _fact(each: Mapping[str, Any], names: Mapping[int, str]) -> Fact:
    if not each["contact"]:
        return Fact(each["label"], each["value"] or "nobody")
    return Fact(each["label"], names.get(each["contact"], "somebody you do not see"))
