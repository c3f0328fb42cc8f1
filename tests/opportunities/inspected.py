"""Deals for the tests of inspections: one that is rightly in Commit, and what takes an answer away from it."""

from typing import Any

from opportunities.actions import edit_opportunity
from opportunities.actions.inspecting import inspect
from opportunities.enums import BuyingRole
from opportunities.models import InspectionRecord, Opportunity
from revops.kernel import audit
from tests.cast import Cast
from tests.opportunities.conftest import brought_to

KEEP: dict[str, Any] = {"outcome": "keep", "changed": "no"}


def inspected(cast: Cast, deal: Opportunity, *, by: str = "mona", **values: Any) -> InspectionRecord:
    """Let a manager inspect a deal."""
    return inspect(by=cast.people[by], pk=deal.pk, values=KEEP | values)


def committed(cast: Cast, **values: Any) -> Opportunity:
    """Return a deal in Commit that fails no question: its manager has kept it already."""
    deal = brought_to(cast, "proposal", **values)
    inspected(cast, deal)
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
    deal.refresh_from_db()
    assert deal.forecast_category == "commit"
    return deal


def changed(cast: Cast, row: Any, **values: Any) -> None:
    """Write values of a row past the actions, as time or another mistake would."""
    with audit.change(by=cast.rita, action="test.change"):
        held = audit.lock(type(row).objects.all(), pk=row.pk)
        for name, value in values.items():
            setattr(held, name, value)
        audit.write(held)


def without_risk(cast: Cast, deal: Opportunity) -> None:
    """Take the mitigation of the biggest risk away: question 5 fails."""
    changed(cast, deal.meddicc.get(element="risks"), mitigation=None)


def without_buyer(cast: Cast, deal: Opportunity) -> None:
    """Let nobody be the economic buyer: question 2 fails."""
    changed(cast, deal.contact_roles.get(role=BuyingRole.ECONOMIC_BUYER), is_active=False)
