"""What is planned with a buyer: meetings that lie ahead, the next one first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.enums import ActivityOutcome
from accounts.models import Activity
from accounts.queries.timeline import AROUND, ICONS
from revops.kernel import clocks

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """One activity that lies ahead, or whose outcome nobody recorded yet."""

    pk: int
    subject: str
    icon: str
    at: datetime
    owner: str
    is_past: bool

    @property
    def url(self) -> str:
        return f"/activities/{self.pk}/"


def around(record: Any, user: Any) -> list[Planned]:
    """Return what is planned at an account, with a lead or with a contact; one query."""
    return planned(Activity.objects.filter(AROUND[record._meta.label_lower](record.pk)), user)


def planned(rows: "QuerySet[Activity]", user: Any) -> list[Planned]:
    """Return those of `rows` that are planned and that `user` sees; upper apps pass their own rows."""
    now = clocks.now()
    seen = rows.visible_to(user).filter(outcome=ActivityOutcome.PLANNED)  # type: ignore[attr-defined]
    found = seen.order_by("occurred_at", "pk").values_list(
        "pk", "subject", "kind", "occurred_at", "owner__name"
    )
    return [
        Planned(pk, subject, ICONS[kind], at, owner, at < now)
        for pk, subject, kind, at, owner in found[:SHOWN]
    ]
