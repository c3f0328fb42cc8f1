from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.actions import create_account, create_campaign, create_product
from accounts.enums import ActivityKind, ActivityOutcome, AttendeeResponse
from accounts.models import Account, Activity, ActivityAttendee, Campaign, Contact, Product
from opportunities.actions import create_opportunity, move_stage
from opportunities.enums import (
    OPEN,
    BuyingRole,
    Element,
    EvidenceKind,
    EvidenceState,
    InspectionOutcome,
    PlanKind,
    ReasonKind,
    ReviewKind,
    ReviewState,
    StepKind,
)
from opportunities.facts.showing import PLAN
from opportunities.models import (
    DealReviewStatus,
    InspectionRecord,
    Meddicc,
    OppContactRole,
    Opportunity,
    OpportunityActivity,
    Reason,
    StageEvidence,
    UseCase,
)
from revops.kernel import audit, clocks
from revops.kernel.clocks import fiscal
from revops.kernel.clocks.models import FiscalPeriod
from revops.kernel.identity.models import User
from revops.kernel.packets.actions.obligations import add_obligation
from revops.kernel.packets.actions.tasks import Subject
from revops.kernel.packets.enums import ObligationKind, Side
from revops.kernel.packets.models import Obligation
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

WHY = "Because the test wants it so"
CLOSES = date(2027, 8, 15)
# Why a deal advances, in tests about something else.
ADVANCE = "criteria_met"
SIGNING = "Sign the order form together"
# What losing a deal asks for besides its reason.
ENDED: dict[str, Any] = {"competitor": "none", "last_buyer_contact_on": date(2026, 1, 6)}
REASONS = (
    (ReasonKind.ADVANCE, ADVANCE, "The exit criteria are met", False, False),
    (ReasonKind.ADVANCE, "advance_other", "Another reason", False, True),
    (ReasonKind.STALL, "waiting_for_budget", "Waiting for a budget", False, False),
    (ReasonKind.PUSH, "meeting_moved", "A meeting was moved", False, False),
    (ReasonKind.LOSS, "timed_out", "No decision: timed out", False, False),
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


def stepped_deal(cast: Cast) -> Opportunity:
    """Open a deal of which it is said what comes next, so that its gate alone keeps it."""
    on = (clocks.now() + timedelta(days=5)).date().isoformat()
    return open_deal(cast, next_step="Go through the offer together", next_step_on=on)


@pytest.fixture
def lists(db: None) -> None:
    lay_lists()


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    return open_deal(cast)


def make_ready(cast: Cast, deal: Opportunity, *, signing: bool = True) -> Opportunity:
    """Give a deal what its gates ask for: people in their roles who were met, what they said, the way to signature.

    Without `signing` its next step stays as it is.
    """
    with audit.change(by=cast.rita, action="test.ready"):
        held: Opportunity = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        roles = _roles(held, _people(cast))
        meet(held, roles[0].contact)
        evidence = _evidence(held, roles[0].contact, held.owner or cast.alice)
        audit.write_many([_element(held, evidence, element) for element in Element])
        for plan in PlanKind:
            _milestone(held, plan)
        now = audit.current().occurred_at
        audit.write_many(
            [
                DealReviewStatus(
                    opportunity=held, kind=ReviewKind.SECURITY, state=ReviewState.IN_REVIEW, state_since=now
                )
            ]
        )
        held.last_buyer_activity_at = now
        if signing:
            held.next_step, held.next_step_on = SIGNING, now.date() + timedelta(days=14)
            held.next_step_kind, held.next_step_side = StepKind.SIGNATURE, Side.BUYER
            held.next_step_contact = roles[0].contact
        audit.write(held)
    deal.refresh_from_db()
    return deal


def _people(cast: Cast) -> list[Contact]:
    held = list(Contact.objects.filter(name_key__startswith="buyer").order_by("pk"))
    if held:
        return held
    with_names = [Contact(last_name=f"Buyer {n}", name=f"Buyer {n}", name_key=f"buyer {n}") for n in range(3)]
    for contact in with_names:
        ownership.assign(
            contact, to=ownership.holder(owner=cast.alice), reason=AssignReason.MANUAL, note="Test"
        )
    audit.write_many(with_names)
    return with_names


def _roles(deal: Opportunity, people: list[Contact]) -> list[OppContactRole]:
    wanted = (BuyingRole.ECONOMIC_BUYER, BuyingRole.CHAMPION, BuyingRole.TECHNICAL)
    now = audit.current().occurred_at
    rows = [
        OppContactRole(opportunity=deal, contact=contact, role=role, engaged_at=now)
        for contact, role in zip(people, wanted, strict=True)
    ]
    audit.write_many(rows)
    return rows


def meet(deal: Opportunity, buyer: Contact) -> None:
    """Let a meeting with the economic buyer have been held, and another one be accepted."""
    now = audit.current().occurred_at
    for days, outcome in ((-1, ActivityOutcome.HELD), (7, ActivityOutcome.PLANNED)):
        met = audit.write(
            Activity(
                kind=ActivityKind.MEETING,
                outcome=outcome,
                subject="Talk about the offer",
                occurred_at=now + timedelta(days=days),
                qualifies_buyer=days < 0,
                owner=deal.owner or audit.current().by,
                account=deal.account,
            )
        )
        audit.write(ActivityAttendee(activity=met, contact=buyer, response=AttendeeResponse.ACCEPTED))
        audit.write(OpportunityActivity(opportunity=deal, activity=met, occurred_at=met.occurred_at))


def _evidence(deal: Opportunity, buyer: Contact, seller: User) -> dict[str, StageEvidence]:
    """Let the buyer have said something of every kind; a manager has verified their problem, as the policy asks."""
    change = audit.current()
    rows = [
        StageEvidence(
            opportunity=deal,
            kind=kind,
            statement=f"{kind.label}: they said so themselves",
            stated_by=buyer,
            occurred_at=change.occurred_at - timedelta(days=1),
            url="https://files.example/minutes",
            submitted_by=seller,
            submitted_at=change.occurred_at,
        )
        for kind in EvidenceKind
    ]
    for row in rows:
        if row.kind == EvidenceKind.PROBLEM_STATEMENT:
            row.state, row.verifier, row.decided_at = EvidenceState.VERIFIED, change.by, change.occurred_at
    audit.write_many(rows)
    return {row.kind: row for row in rows}


def _element(deal: Opportunity, evidence: dict[str, StageEvidence], element: Element) -> Meddicc:
    shown = evidence.get("risk" if element == Element.RISKS else str(element))
    return Meddicc(
        opportunity=deal,
        element=element,
        score=2 if shown else 1,
        statement=f"{element.label}: said in the last meeting",
        evidence=shown,
        on=CLOSES,
        mitigation=_answer(deal) if element == Element.RISKS else None,
    )


def _answer(deal: Opportunity) -> Obligation:
    return _obligation(deal, ObligationKind.MITIGATION, "Bring the champion's successor in early", "")


def _milestone(deal: Opportunity, plan: PlanKind) -> Obligation:
    return _obligation(deal, ObligationKind.MILESTONE, f"{plan.label}: all of it agreed on", f"{PLAN}{plan}")


def _obligation(deal: Opportunity, kind: ObligationKind, text: str, source_ref: str) -> Obligation:
    return add_obligation(
        kind=kind,
        text=text,
        owner=deal.owner or audit.current().by,
        subject=Subject("opportunities.opportunity", deal.pk, f"OPP-{deal.pk:06}"),
        due_on=audit.current().occurred_at.date() + timedelta(days=20),
        source_ref=source_ref,
    )


def make_committable(cast: Cast, deal: Opportunity) -> Opportunity:
    """Let a ready deal show what Commit asks for: a manager has inspected and kept it, the next step is near."""
    with audit.change(by=cast.mona, action="test.inspected"):
        held: Opportunity = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        now = audit.current().occurred_at
        held.next_step_on = now.date() + timedelta(days=13)
        audit.write(held)
        audit.write(
            InspectionRecord(
                opportunity=held,
                week=now.date() - timedelta(days=now.weekday()),
                inspected_at=now,
                inspector=cast.mona,
                deal_owner=held.owner,
                stage=held.stage,
                outcome=InspectionOutcome.KEEP,
                category_before=held.forecast_category,
                category_after=held.forecast_category,
                minutes=5,
            )
        )
    deal.refresh_from_db()
    return deal


def ready_deal(cast: Cast, **options: Any) -> Opportunity:
    """Open a deal that every gate lets pass."""
    made = open_deal(cast, **{"start_date": "2027-09-01", **options})
    return make_ready(cast, made, signing="next_step" not in options)


def without_people(cast: Cast, **options: Any) -> Opportunity:
    """Open a deal that lacks nothing but the people in it."""
    made = ready_deal(cast, **options)
    for role in made.contact_roles.all():
        with audit.change(by=cast.rita, action="test.leaves"):
            held = audit.lock(OppContactRole.objects.all(), pk=role.pk)
            held.is_active = False
            audit.write(held)
    return made


def brought_to(cast: Cast, stage: str, *, by: str = "alice", **values: Any) -> Opportunity:
    """Return a deal that every gate lets pass, moved to an open stage."""
    made = ready_deal(cast, by=by, **values)
    if stage == OPEN[0]:
        return made
    return move_stage(by=cast.people[by], pk=made.pk, to=stage, reason_code=ADVANCE)


def make_campaign(cast: Cast, name: str = "Spring") -> Campaign:
    return create_campaign(by=cast.rita, values={"name": name})


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    """Return code and field of every finding."""
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def instant(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]
