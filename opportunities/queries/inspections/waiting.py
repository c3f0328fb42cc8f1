"""Deals that wait for their weekly inspection, in the work of whoever inspects them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from opportunities.enums import ForecastCategory
from opportunities.queries.inspections.due import LABEL, due
from opportunities.weeks import WEEK, begins_at, week_of
from revops.kernel.records import work
from revops.kernel.records.work import Deed, Subject, Urgency, WorkItem, WorkSource

KEY = "inspection"
# From Thursday on what is not inspected waits no longer.
LATE = timedelta(days=3)


def waiting(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the deals that `user` has still to inspect this week, Commit first; one query."""
    week = week_of(now)
    late = now >= begins_at(week) + LATE
    rows = due(user, now).values("pk", "name", "forecast_category")[:limit]
    return [
        WorkItem(
            source=KEY,
            pk=row["pk"],
            title=row["name"],
            why=f"{ForecastCategory(row['forecast_category']).label}: not inspected this week",
            urgency=Urgency.TODAY if late else Urgency.WAITING,
            at=begins_at(week + WEEK),
            subject=Subject(LABEL, row["pk"], row["name"]),
            deeds=("inspect",),
            url=f"/inspections/through/?deal={row['pk']}",
        )
        for row in rows
    ]


work.register(
    WorkSource(
        KEY,
        "Deals to inspect",
        "eye-check",
        waiting,
        (
            Deed(
                "inspect",
                "Inspect",
                "eye-check",
                url=lambda item: f"/inspections/through/?deal={item.pk}",
            ),
        ),
    )
)
