"""What deals tell on timelines: what happened about them, their stages, who held them; and on an account its deals."""

from collections.abc import Sequence
from typing import Any

from accounts.enums import ActivityKind
from accounts.models import Activity
from accounts.queries.timeline import OWNERSHIP, activity_entries, owners_of
from opportunities.enums import Stage, Via
from opportunities.models import Reason, StageInterval
from revops.kernel.records.timeline import Asked, Entry, Link, Mark, Source, source

STAGE, DEALS = "stage", "deal"
_DEAL = frozenset({"opportunities.opportunity"})
_ICONS = {Via.CREATED: "circle-plus", Via.WON: "trophy", Via.LOST: "circle-x", Via.REOPENED: "rotate"}
_TONES = {Stage.CLOSED_WON: "green", Stage.CLOSED_LOST: "red"}


def activities_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return the activities that were about a deal, in three queries."""
    rows = Activity.objects.filter(
        opportunity_links__opportunity=record.pk, opportunity_links__is_active=True
    )
    return activity_entries(rows, user, asked, key="deal_activity")


def stages_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return when a deal came into which stage, in two queries."""
    rows = StageInterval.objects.filter(opportunity=record.pk)
    return _entries(rows, user, asked, STAGE)


def deals_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return when the deals of an account came into which stage, in two queries."""
    rows = StageInterval.objects.filter(opportunity__account=record.pk)
    return _entries(rows, user, asked, DEALS)


def _entries(rows: Any, user: Any, asked: Asked, key: str) -> list[Entry]:
    rows = rows.visible_to(user).filter(asked.behind(key, at="active_from"))
    if asked.person is not None:
        rows = rows.filter(entered_by=asked.person)
    rows = rows.select_related("opportunity", "entered_by").order_by("-active_from", "-pk")
    found = list(rows[: asked.limit])
    labels = _labels(found)
    return [_entry(row, key, labels.get(row.reason_code, "")) for row in found]


def _labels(found: Sequence[StageInterval]) -> dict[str, str]:
    codes = {row.reason_code for row in found if row.reason_code}
    return dict(Reason.objects.filter(code__in=codes).values_list("code", "label")) if codes else {}


def _entry(row: StageInterval, key: str, reason: str) -> Entry:
    stage, via = Stage(row.stage), Via(row.via)
    deal = row.opportunity
    title = Link(f"{via.label}: {stage.label}")
    if key == DEALS:
        title = Link(f"{deal.name}: {stage.label}", deal.get_absolute_url())
    return Entry(
        source=key,
        pk=row.pk,
        at=row.active_from,
        kind=key,
        icon=_ICONS.get(via, "arrow-right"),
        title=title,
        who_id=row.entered_by_id,
        who=row.entered_by.name,
        text=" · ".join(part for part in (reason, row.note) if part),
        marks=(Mark(f"{row.probability:.0%}", _TONES.get(stage, "grey")),),
    )


source(Source("deal_activity", _DEAL, {kind.value: str(kind.label) for kind in ActivityKind}, activities_of))
source(Source("deal_owners", _DEAL, {OWNERSHIP: "Owners"}, owners_of))
source(Source(STAGE, _DEAL, {STAGE: "Stages"}, stages_of))
source(Source(DEALS, frozenset({"accounts.account"}), {DEALS: "Deals"}, deals_of))
