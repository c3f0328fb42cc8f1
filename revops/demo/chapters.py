"""The chapters of the demo company's diary: companies, leads, deals and what is said on the way."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from accounts.actions import (
    accept_lead,
    create_account,
    create_contact,
    create_lead,
    disqualify_lead,
    edit_account,
    log_activity,
    nurture_lead,
    recycle_lead,
    start_working,
)
from accounts.enums import AccountStatus, ActivityOutcome, Direction, LeadStatus
from opportunities import actions as deals
from opportunities.enums import CLOSED, BuyingRole, OpportunityType, Stage
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.demo.words import ADVANCES, GIVEN_UP, PUT_OFF
from revops.kernel.audit import Blocked

_SOON = timedelta(minutes=20)
_STARTS = timedelta(days=30)
_ROLES = (BuyingRole.ECONOMIC_BUYER, BuyingRole.CHAMPION, BuyingRole.TECHNICAL)
_SAID: dict[str, dict[str, Any]] = {
    "call": {"outcome": ActivityOutcome.CONNECTED, "duration_s": 900, "direction": Direction.OUTBOUND},
    "meeting": {"outcome": ActivityOutcome.HELD, "duration_s": 3_600},
    "email": {"outcome": ActivityOutcome.DONE, "direction": Direction.INBOUND},
    "note": {"outcome": ActivityOutcome.DONE},
}


def write(diary: Diary) -> None:
    """Write down everything that the plan says."""
    for company in plan.companies():
        diary.note(company.begins, partial(_company, diary, company))
    for number, lead in enumerate(plan.leads()):
        _lead(diary, number, lead)
    for number, deal in enumerate(plan.deals()):
        _deal(diary, number, deal)


def _company(diary: Diary, company: plan.Company) -> None:
    owner, group = diary.people[company.owner], company.parent is not None
    values = {
        "name": company.name,
        "domain": company.domain,
        "industry": company.industry,
        "employees": company.employees,
        "annual_revenue": company.employees * 180_000,
        "country": company.country,
        "city": company.city,
        "website": f"https://www.{company.domain}",
    }
    if group:
        values |= {"parent": diary.accounts[company.parent or 0].pk, "owner": owner.pk}
    account = create_account(by=diary.people["rita"] if group else owner, values=values)
    diary.accounts[company.index] = account
    where = {"territory": diary.territories[company.region].pk}
    edit_account(by=diary.people["rita"], pk=account.pk, changes=where)
    diary.contacts[company.index] = [
        create_contact(
            by=owner,
            values={
                "account": account.pk,
                "first_name": one.first_name,
                "last_name": one.last_name,
                "title": one.title,
                "seniority": one.seniority,
                "department": one.department,
                "email": one.email,
                "country": company.country,
            },
        )
        for one in company.contacts
    ]


def _lead(diary: Diary, number: int, lead: plan.Lead) -> None:
    diary.note(lead.begins, partial(_come, diary, number, lead))
    for step, deed in enumerate(_way(lead.status, number)):
        diary.note(lead.begins + timedelta(hours=3, days=step), partial(_dispose, diary, number, lead, deed))
    if lead.status in (LeadStatus.WORKING, LeadStatus.NURTURE):
        diary.note(lead.begins + timedelta(hours=5), partial(_ring, diary, number, lead))


def _come(diary: Diary, number: int, lead: plan.Lead) -> None:
    values = {
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "title": lead.title,
        "company": lead.company,
        "email": lead.email,
        "country": lead.country,
        "employees": lead.employees,
        "source_original": lead.source,
        "campaign": diary.campaigns[number % len(diary.campaigns)].pk if number % 3 == 0 else None,
    }
    diary.leads[number] = create_lead(by=diary.people[lead.owner], values=values)


def _dispose(diary: Diary, number: int, lead: plan.Lead, deed: Callable[..., object]) -> None:
    deed(by=diary.people[lead.owner], pk=diary.leads[number].pk)


def _ring(diary: Diary, number: int, lead: plan.Lead) -> None:
    values = {"kind": "call", "subject": "First call", "lead": diary.leads[number].pk}
    log_activity(by=diary.people[lead.owner], values=_SAID["call"] | values)


def _way(status: LeadStatus, number: int) -> list[Callable[..., object]]:
    """Return what brings a new lead to its status."""
    if status == LeadStatus.NEW:
        return []
    if status == LeadStatus.DISQUALIFIED:
        return [partial(disqualify_lead, disposition=GIVEN_UP[number % len(GIVEN_UP)])]
    ends: dict[LeadStatus, Callable[..., object]] = {
        LeadStatus.WORKING: start_working,
        LeadStatus.NURTURE: nurture_lead,
        LeadStatus.RECYCLED: partial(recycle_lead, disposition=PUT_OFF[number % len(PUT_OFF)]),
    }
    if status == LeadStatus.CONVERTED:
        return [accept_lead, start_working, partial(deals.convert_lead, values={})]
    return [accept_lead, ends[status]]


def _deal(diary: Diary, number: int, deal: plan.Deal) -> None:
    diary.note(deal.opens, partial(_open, diary, number, deal))
    for step in deal.steps:
        diary.note(step.at + _SOON, partial(_step, diary, number, deal, step))
    for talk in deal.talks:
        diary.note(talk.at + _SOON, partial(_talk, diary, number, deal, talk))
    if deal.stage == Stage.CLOSED_WON and deal.type == OpportunityType.NEW:
        diary.note(deal.closes + _SOON, partial(_customer, diary, deal))
    if deal.stage == Stage.CONTRACTING and number % 2 == 0:
        diary.note(timedelta(days=DAYS, hours=-18), partial(_too_early, diary, number, deal))


def _open(diary: Diary, number: int, deal: plan.Deal) -> None:
    company = plan.companies()[deal.company]
    owner = diary.people[company.owner]
    contacts = diary.contacts[deal.company]
    closes = diary.instant(deal.closes).date()
    made = deals.create_opportunity(
        by=owner,
        values={
            "account": diary.accounts[deal.company].pk,
            "type": deal.type,
            "primary_product": diary.products[deal.product].pk,
            "use_case": diary.use_cases[deal.use_case],
            "source": deal.source,
            "amount": deal.amount,
            "close_date": closes,
            "start_date": closes + _STARTS if deal.stage in CLOSED or number % 2 else None,
        },
    )
    diary.deals[number] = made
    for contact, role in zip(contacts, _ROLES, strict=False):
        values = {"opportunity": made.pk, "contact": contact.pk, "role": role}
        deals.add_contact_role(by=owner, values=values)


def _step(diary: Diary, number: int, deal: plan.Deal, step: plan.Step) -> None:
    stage = step.stage
    owner, pk = diary.people[plan.companies()[deal.company].owner], diary.deals[number].pk
    if stage == Stage.CLOSED_WON:
        deals.close_won(by=owner, pk=pk)
    elif stage == Stage.CLOSED_LOST:
        deals.close_lost(
            by=owner,
            pk=pk,
            reason_code=deal.loss_reason,
            competitor="no decision" if deal.loss_reason == "no_decision" else "none",
            last_buyer_contact_on=(diary.instant(step.at) - timedelta(days=1)).date(),
        )
    else:
        with suppress(Blocked):  # since the buyer's evidence is asked for, some are held back
            deals.move_stage(by=owner, pk=pk, to=stage, reason_code=ADVANCES[number % len(ADVANCES)])


def _too_early(diary: Diary, number: int, deal: plan.Deal) -> None:
    """Try to win a deal of which nobody has said when it starts: the gate refuses, and keeps the attempt."""
    with suppress(Blocked):
        deals.close_won(by=diary.people[plan.companies()[deal.company].owner], pk=diary.deals[number].pk)


def _talk(diary: Diary, number: int, deal: plan.Deal, talk: plan.Talk) -> None:
    owner = diary.people[plan.companies()[deal.company].owner]
    contact = diary.contacts[deal.company][0]
    values = _SAID[talk.kind] | {"kind": talk.kind, "subject": talk.subject}
    if talk.from_buyer:
        values["contacts"] = [contact.pk]
    deals.log_activity(by=owner, pk=diary.deals[number].pk, values=values)


def _customer(diary: Diary, deal: plan.Deal) -> None:
    """Make the account of a first order a customer: finance completes it, operations says so."""
    account = diary.accounts[deal.company]
    billing = {"legal_name": f"{account.name} Inc.", "billing_account_ext": f"BILL-{account.pk:05d}"}
    edit_account(by=diary.people["fin"], pk=account.pk, changes=billing)
    since = diary.instant(deal.closes).date()
    status = {"status": AccountStatus.CUSTOMER, "customer_since": since}
    edit_account(by=diary.people["rita"], pk=account.pk, changes=status)
