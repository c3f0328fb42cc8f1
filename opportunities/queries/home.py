"""What the opportunities domain puts on start pages: deals that close soon, and for managers where the team is late."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from opportunities.enums import OPEN
from opportunities.metrics import score as scoring
from opportunities.models import Opportunity
from opportunities.queries import hygiene
from revops.kernel.dates import add_months
from revops.kernel.metrics import Share
from revops.kernel.records import home
from revops.kernel.records.home import Line, ListBlock, TallyBlock

LABEL = "opportunities.opportunity"
SELLERS = frozenset({"AE", "AM", "CSM", "RENEWALS"})
MANAGERS = frozenset({"SALES_MGR", "DIRECTOR", "VP_SALES", "CS_LEAD"})
IDLE, FRESH = timedelta(days=30), timedelta(days=7)
MOST = 8
_OPEN = ",".join(OPEN)


def _closing(user: Any, now: datetime) -> Mapping[str, str]:
    """Ask for one's own open deals that should close by the end of this month, those overdue among them."""
    last = add_months(now.date().replace(day=1), 1) - timedelta(days=1)
    return {"owner": str(user.pk), "stage": _OPEN, "close_date__lte": last.isoformat(), "sort": "close_date"}


def _idle(user: Any, now: datetime) -> Mapping[str, str]:
    """Ask for the open deals in which no buyer took part for 30 days."""
    since = (now - IDLE).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"stage": _OPEN, "last_buyer_activity_at__lte": since.isoformat(), "sort": "-amount"}


def _new(user: Any, now: datetime) -> Mapping[str, str]:
    since = (now - FRESH).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"created_at__gte": since.isoformat(), "sort": "-created_at"}


def late_steps(user: Any, now: datetime) -> Sequence[Line]:
    """Return how many next steps are overdue by owner, the most first, in one query."""
    yesterday = (now.date() - timedelta(days=1)).isoformat()
    rows = (
        Opportunity.objects.filter(stage__in=OPEN, next_step_on__lte=yesterday, owner__isnull=False)
        .visible_to(user)
        .values("owner_id", "owner__name")
        .annotate(late=Count("pk"))
        .order_by("-late", "owner__name", "owner_id")[:MOST]
    )
    asked = {"stage": _OPEN, "next_step_on__lte": yesterday}
    return [
        Line(
            row["owner__name"],
            f"{row['late']:,}",
            f"/opportunities/?{urlencode({'owner': row['owner_id'], **asked})}",
            alarm=True,
        )
        for row in rows
    ]


def hygiene_of_team(user: Any, now: datetime) -> Sequence[Line]:
    """Return the hygiene score of what a manager sees, and below it the parts that are not as they should be."""
    board = hygiene.board(user, now)
    score = board.total.score
    if score.value is None:
        return []
    bad = [
        Line(
            column.label,
            _said(column, share),
            hygiene.address(column, board.total, board.given),
            alarm=share.tone == "red",
        )
        for column in board.columns
        if (share := board.total.share(column)) is not None and share.tone in ("amber", "red")
    ]
    return [Line(scoring.LABEL, f"{score.value}", "/hygiene/", alarm=score.tone == "red"), *bad]


def _said(column: hygiene.Column, share: Share) -> str:
    value = column.value(share)
    return f"{value}" if column.counts else f"{value} %"


home.register(
    ListBlock("closing", "Your deals closing this month", LABEL, SELLERS, _closing, ("amount", "close_date"))
)
home.register(TallyBlock("hygiene", "Hygiene of your team", MANAGERS, hygiene_of_team, "/hygiene/"))
home.register(TallyBlock("late-steps", "Overdue next steps", MANAGERS, late_steps))
home.register(
    ListBlock("idle", "Idle for 30 days", LABEL, MANAGERS, _idle, ("amount", "last_buyer_activity_at"))
)
home.register(
    ListBlock("new-deals", "New deals of the last week", LABEL, MANAGERS, _new, ("amount", "owner"))
)
