"""A deal whose buyer is silent, and runs of the sweep at given instants."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from opportunities.actions import sweeping
from opportunities.models import IdleStep, Opportunity
from revops.kernel import audit, clocks
from revops.kernel.identity.models import User
from tests.cast import Cast
from tests.opportunities.conftest import lay_lists, make_account, open_deal

BEGIN = datetime(2026, 3, 2, 15, tzinfo=UTC)  # a Monday, ten in the morning in New York


def on(day: int, hour: int = 10) -> datetime:
    """Return the run at six in New York, so many days after the deal was opened."""
    return (BEGIN + timedelta(days=day)).replace(hour=hour)


@pytest.fixture
def small(cast: Cast, settled_organisation: None) -> Opportunity:
    """A deal of a small business, opened by Alice, whose buyer has not been heard yet."""
    with clocks.at(BEGIN):
        lay_lists()
        account = make_account(cast, "Small", employees="50")
        return open_deal(cast, account=account)


def run(*instants: datetime) -> list[str]:
    """Sweep at these instants; return what each run says it did."""
    told = []
    for now in instants:
        with clocks.at(now):
            told.append(str(sweeping.sweep(now)))
    return told


NOTHING = "0 nudged, 0 escalated, 0 noticed, 0 closed"


def steps() -> list[tuple[str, int, date | None]]:
    rows = IdleStep.objects.order_by("pk")
    return list(rows.values_list("step", "idle_days", "closes_on"))


def change(deal: Opportunity, **values: Any) -> None:
    """Write fields of a deal as the system."""
    with audit.change(by=system(), action="test.change"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        for name, value in values.items():
            setattr(held, name, value)
        audit.write(held)


def system() -> User:
    return User.objects.system()
