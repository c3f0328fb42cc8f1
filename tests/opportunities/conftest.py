from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.actions import create_account, create_campaign, create_product
from accounts.models import Account, Campaign, Contact, Product
from opportunities.actions import create_opportunity, move_stage
from opportunities.enums import OPEN, BuyingRole, ReasonKind
from opportunities.models import OppContactRole, Opportunity, Reason, UseCase
from revops.kernel import audit
from revops.kernel.clocks import fiscal
from revops.kernel.clocks.models import FiscalPeriod
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation
from tests.opportunities.people import make_contact

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

WHY = "Because the test wants it so"
CLOSES = date(2027, 8, 15)
# What losing a deal asks for besides its reason.
ENDED: dict[str, Any] = {"competitor": "none", "last_buyer_contact_on": date(2026, 1, 6)}
REASONS = (
    (ReasonKind.LOSS, "price", "Price", False, False),
    (ReasonKind.LOSS, "lost_to_competitor", "Lost to a competitor", True, False),
    (ReasonKind.LOSS, "loss_other", "Another reason", False, True),
    (ReasonKind.REGRESS, "champion_lost", "Champion lost", False, False),
    (ReasonKind.REGRESS, "regress_other", "Another reason", False, True),
    (ReasonKind.REOPEN, "buyer_returned", "The buyer came back", False, False),
    (ReasonKind.SLIP, "buyer_delayed", "The buyer delayed", False, False),
    (ReasonKind.SLIP, "slip_other", "Another reason", False, True),
)

Open = Callable[..., Opportunity]


def lay_lists() -> None:
    """Have the reasons, a use case and two fiscal years, also after another test emptied the tables."""
    for kind, code, label, rival, words in REASONS:
        Reason.objects.get_or_create(
            code=code,
            defaults={"kind": kind, "label": label, "requires_competitor": rival, "requires_text": words},
        )
    UseCase.objects.get_or_create(code="IntelQQL", defaults={"label": "Intelligence"})
    if not FiscalPeriod.objects.exists():
        fiscal.define(
            [*fiscal.month_year(2026, date(2026, 1, 1)), *fiscal.month_year(2027, date(2027, 1, 1))]
        )


def make_account(cast: Cast, name: str = "Acme", *, owner: str = "alice", **values: Any) -> Account:
    given = {"name": name, "country": "US", "employees": "5000", "owner": cast.people[owner].pk, **values}
    return create_account(by=cast.rita, values=given)


def make_product(cast: Cast, name: str = "Platform", **values: Any) -> Product:
    held = Product.objects.filter(code=name.upper()).first()
    return held or create_product(by=cast.rita, values={"name": name, "code": name.upper(), **values})


def worth(account: Account, product: Product, **values: Any) -> dict[str, Any]:
    """Return the values of a complete deal."""
    return {
        "account": account.pk,
        "primary_product": product.pk,
        "use_case": UseCase.objects.get(code="IntelQQL").pk,
        "source": "web",
        "close_date": CLOSES.isoformat(),
        "amount": "50000",
        **values,
    }


def open_deal(
    cast: Cast, *, by: str = "alice", account: Account | None = None, at: Any = None, **values: Any
) -> Opportunity:
    """Open a complete deal of Alice, on an account of hers."""
    lay_lists()
    chosen = account or Account.objects.filter(name="Acme").first() or make_account(cast)
    given = worth(chosen, make_product(cast), **values)
    given = {name: value for name, value in given.items() if value is not None}
    return create_opportunity(by=cast.people[by], values=given, at=at)


@pytest.fixture
def lists(db: None) -> None:
    lay_lists()


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    return open_deal(cast)


def make_ready(cast: Cast, deal: Opportunity) -> Opportunity:
    """Give a deal what its gates ask for: three contacts in their roles, and when it starts. Its version stays."""
    roles = (BuyingRole.ECONOMIC_BUYER, BuyingRole.CHAMPION, BuyingRole.TECHNICAL)
    held = list(Contact.objects.filter(name_key__startswith="buyer").order_by("pk"))
    people = held or [make_contact(cast, f"Buyer {number}") for number in range(3)]
    with audit.change(by=cast.rita, action="test.ready"):
        audit.write_many(
            [
                OppContactRole(opportunity=deal, contact=contact, role=role)
                for contact, role in zip(people, roles, strict=True)
            ]
        )
    return deal


def ready_deal(cast: Cast, **options: Any) -> Opportunity:
    """Open a deal that every gate lets pass."""
    return make_ready(cast, open_deal(cast, **{"start_date": "2027-09-01", **options}))


def brought_to(cast: Cast, stage: str, *, by: str = "alice", **values: Any) -> Opportunity:
    """Return a deal that every gate lets pass, moved to an open stage."""
    made = ready_deal(cast, by=by, **values)
    return move_stage(by=cast.people[by], pk=made.pk, to=stage) if stage != OPEN[0] else made


def make_campaign(cast: Cast, name: str = "Spring") -> Campaign:
    return create_campaign(by=cast.rita, values={"name": name})


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    """Return code and field of every finding."""
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def instant(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]
