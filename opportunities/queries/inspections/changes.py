"""What changed about deals on the buyer's side since they were last inspected, field by field. Source: §10.3, Q1."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opportunities.enums import Element, EvidenceKind
from opportunities.models import Meddicc, Opportunity, StageEvidence
from revops.kernel.audit import reading
from revops.kernel.audit.history import history_model

# Without an inspection the last week counts; what is older than the horizon is not looked for.
WEEK, HORIZON = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class BuyerChange:
    """One field that captures what changed: its path, its words, and its value before and after."""

    path: str
    label: str
    old: str
    new: str


def _day(value: Any) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def _contact(pk: Any) -> str:
    return f"CON-{pk:06d}"


# The fields of a deal that speak of the buyer, those that say the most first; how each is spelled. People are named
# by their numbers, so that no name is kept with an inspection.
DEAL_FIELDS: Mapping[str, tuple[str, str, Callable[[Any], str]]] = {
    "last_buyer_activity_at": ("opportunity.last_buyer_activity_at", "Last buyer activity", _day),
    "close_date": ("opportunity.close_date", "Close date", _day),
    "start_date": ("opportunity.start_date", "Start date", _day),
    "amount": ("opportunity.amount", "Amount", lambda amount: f"{amount:f}"),
    "next_step_on": ("opportunity.next_step_on", "Next step on", _day),
    "next_step_contact_id": ("opportunity.next_step_contact", "Buyer's owner of the next step", _contact),
    "competitor": ("opportunity.competitor", "Competitor", str),
}
SCORES = {element: (f"meddicc.{element}", f"Score: {element.label.lower()}") for element in Element}
SAID = {kind: (f"evidence.{kind}", kind.label) for kind in EvidenceKind}
# Every field that may be named as the one that captures a change.
PATHS: Mapping[str, str] = {
    **{path: label for path, label, _ in DEAL_FIELDS.values()},
    "opportunity.stage": "Stage",
    "opportunity.next_step": "Next step",
    "opportunity.contact_roles": "Contacts in the deal",
    "opportunity.reviews": "Legal, security and procurement reviews",
    **dict(SCORES.values()),
    **dict(SAID.values()),
}


def since_of(inspected: datetime | None, now: datetime) -> datetime:
    """Return since when changes count: since the last inspection, as far as the horizon; else since a week ago."""
    return now - WEEK if inspected is None else max(inspected, now - HORIZON)


def changes(deals: Sequence[Opportunity], since: Mapping[int, datetime]) -> dict[int, list[BuyerChange]]:
    """Return what changed about each deal since its instant; five statements, however many deals there are."""
    ids = [deal.pk for deal in deals]
    found: dict[int, list[BuyerChange]] = defaultdict(list)
    if not ids:
        return {}
    first = min(since[pk] for pk in ids)
    for pk, (old, new) in _turns(
        Opportunity, Opportunity.objects.filter(pk__in=ids), first, since.get
    ).items():
        found[pk] += _of_deal(old, new)
    scores = Meddicc.objects.filter(opportunity__in=ids)
    for old, new in _turns(Meddicc, scores, first, lambda pk: None, since).values():
        before, after = (old.score if old is not None else 0), new.score
        if before != after:
            path, label = SCORES[Element(new.element)]
            found[new.opportunity_id].append(BuyerChange(path, label, str(before), str(after)))
    for row in StageEvidence.objects.filter(
        opportunity__in=ids, submitted_at__gte=first, stated_by__isnull=False
    ).order_by("pk"):
        if row.submitted_at >= since[row.opportunity_id]:
            path, label = SAID[EvidenceKind(row.kind)]
            found[row.opportunity_id].append(BuyerChange(path, str(label), "", _day(row.occurred_at)))
    return dict(found)


def _turns(
    model: Any,
    rows: Any,
    first: datetime,
    instant_of: Callable[[int], datetime | None],
    by_deal: Mapping[int, datetime] | None = None,
) -> dict[int, tuple[Any, Any]]:
    """Return the version of each record as it was at its instant, and the newest one, where it changed since."""
    kept: Any = history_model(model)
    later: dict[int, list[Any]] = defaultdict(list)
    for row in kept._base_manager.filter(id__in=rows.values("pk"), history_date__gt=first).order_by(
        "version"
    ):
        later[row.id].append(row)
    before = reading.as_of_many(model, list(later), first) if later else {}
    found = {}
    for pk, versions in later.items():
        at = instant_of(pk) or (by_deal or {})[versions[-1].opportunity_id]
        earlier = [row for row in versions if row.history_date <= at]
        if versions[-1].history_date > at:
            found[pk] = (earlier[-1] if earlier else before.get(pk), versions[-1])
    return found


def _of_deal(old: Any, new: Any) -> Iterable[BuyerChange]:
    if old is None:  # opened since: everything is new, and nothing is a change
        return
    for name, (path, label, spelled) in DEAL_FIELDS.items():
        was, is_now = getattr(old, name), getattr(new, name)
        if was != is_now:
            yield BuyerChange(path, label, _told(was, spelled), _told(is_now, spelled))


def _told(value: Any, spelled: Callable[[Any], str]) -> str:
    return "" if value in (None, "") else spelled(value)
