"""Convert a lead: into an account, a contact and, where there is business, a deal. Source: appendix B, Lead.

Everything is written in one change, by the checks of each record's own creation and within the rights of who
converts. An account that has the lead's domain and a contact that has its address are linked, never doubled.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actions import creating as account_creating
from accounts.actions import drafts as account_drafts
from accounts.actions import persons, races
from accounts.actions.contacts import creating as contact_creating
from accounts.actions.contacts import drafts as contact_drafts
from accounts.actions.leads.dispositions import move_on
from accounts.enums import LeadStatus
from accounts.models import Account, Activity, Contact, Lead, MailDomain
from opportunities.actions import activities, creating
from opportunities.models import LeadConversion, Opportunity
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding, Remedy
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access

# What an account and a contact take over from the lead, by their own names.
_COMPANY = (
    "website",
    "country",
    "region",
    "city",
    "industry",
    "industry_note",
    "employees",
    "annual_revenue",
    "currency",
)
_PERSON = ("salutation", "first_name", "last_name", "title", "country", "description")
DEAL_FIELDS = (
    "type",
    "primary_product",
    "use_case",
    "amount",
    "close_date",
    "next_step",
    "next_step_on",
)


@races.told
def convert_lead(
    *,
    by: User,
    pk: int,
    values: Mapping[str, Any],
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> LeadConversion:
    """Convert a lead that is being worked on; `values` may name `account`, `contact`, `open_deal` and a deal's fields.

    Without an account the one that the lead matches is taken, else one is created of the lead's company. Without a
    contact the one with the lead's address is, else one is created. Raises Blocked with every finding, Forbidden
    for a record that one may not create.
    """
    with audit.change(by=by, action="lead.convert", reason=reason, at=at) as change:
        lead: Lead = audit.lock(Lead.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "convert", lead)
        _check_status(lead)
        findings: list[Finding] = []
        account = _account(lead, values, by, findings)
        contact = _contact(lead, values, account, by, findings)
        deal = _deal(lead, values, account, contact, by, findings) if values.get("open_deal") else None
        if findings:
            raise audit.Blocked(findings)
        lead.converted_at = change.occurred_at
        lead.converted_account, lead.converted_contact = account, contact
        before = lead.status
        move_on(lead, LeadStatus.CONVERTED)
        _bring_activities(lead, account, deal)
        told = {
            "from": before,
            "account": account.pk if account else None,
            "contact": contact.pk if contact else None,
            "opportunity": deal.pk if deal else None,
            "by": by.pk,
        }
        outbox.emit("lead.converted", lead, told)
        return audit.write(LeadConversion(lead=lead, opportunity=deal, converted_at=change.occurred_at))


def _check_status(lead: Lead) -> None:
    if lead.status != LeadStatus.WORKING:
        said = LeadStatus(lead.status).label.lower()
        message = f"The lead is {said}; a lead is converted while it is being worked on. Accept it and start working."
        needed = str(LeadStatus.WORKING)
        raise audit.Blocked.because("OPP-080", message, field="status", found=lead.status, needed=needed)


def _account(lead: Lead, values: Mapping[str, Any], by: User, findings: list[Finding]) -> Account | None:
    """Return the account: named, matched, or created of the lead's company."""
    wanted = _id(values.get("account")) or lead.matched_account_id
    if wanted:
        found: Account | None = Account.objects.filter(pk=wanted).visible_to(by).first()
        if found is None:
            findings.append(_out_of_sight(lead, values, wanted))
        return found
    given = {name: value for name in _COMPANY if (value := getattr(lead, name)) not in ("", None)}
    given |= {"name": lead.company, "source_original": lead.source_original}
    shared = MailDomain.objects.filter(domain=lead.email_domain, is_active=True)
    if lead.email_domain and not shared.exists():
        given["domain"] = lead.email_domain
    access.require_create(by, Account, given)
    draft = account_drafts.read(given, Account())
    account_drafts.check([draft], by)
    if draft.findings:
        findings += draft.findings
        return None
    return account_creating.write_new([draft], by)[0]


def _out_of_sight(lead: Lead, values: Mapping[str, Any], wanted: int) -> Finding:
    """Say whose the matched account is (its domain was entered), or that there is none of that id."""
    if _id(values.get("account")):
        message = f"There is no account with the id {wanted} that you can see. Choose another one."
        return Finding("OPP-003", message, field="account", found=str(wanted), needed="an id you can see")
    account = Account.objects.select_related("owner", "queue").get(pk=wanted)
    message = (
        f"The lead matches the account {account.name} (owner: {account.owner or account.queue}), which you do not "
        "see. Ask its owner for access, or choose another account."
    )
    way = (Remedy("Ask its owner for access"),)
    return Finding("OPP-081", message, field="account", needed="an account you can see", remedies=way)


def _contact(
    lead: Lead, values: Mapping[str, Any], account: Account | None, by: User, findings: list[Finding]
) -> Contact | None:
    """Return the contact: named, the one with the lead's address, or created of the lead's person."""
    known = persons.contacts_with([lead.email_key]) if lead.email_key else {}
    match = known.get(lead.email_key)
    wanted = _id(values.get("contact")) or (match.pk if match else lead.matched_contact_id)
    if wanted:
        found: Contact | None = Contact.objects.filter(pk=wanted).visible_to(by).first()
        if found is None and match is not None and match.pk == wanted:
            findings.append(persons.taken(match, lead.email, "OPP-082", seen=False))
        elif found is None:
            message = f"There is no contact with the id {wanted} that you can see. Choose another one."
            needed = "an id you can see"
            findings.append(Finding("OPP-003", message, field="contact", found=str(wanted), needed=needed))
        return found
    given = {name: value for name in _PERSON if (value := getattr(lead, name)) not in ("", None)}
    given |= {name: getattr(lead, name) for name in ("email", "phone", "mobile_phone") if getattr(lead, name)}
    given["source_original"] = lead.source_original
    given |= {"source_note": lead.source_note} if lead.source_note else {}
    access.require_create(by, Contact, given)
    given |= {"account": account.pk} if account is not None else {}
    draft = contact_drafts.read(given, Contact())
    draft.derived["lead"] = lead.pk
    contact_drafts.check([draft], by)
    # Where the account itself was refused, what follows from that is not told again.
    findings += [one for one in draft.findings if account is not None or one.field != "account"]
    return None if findings else contact_creating.write_new([draft], by)[0]


def _deal(
    lead: Lead,
    values: Mapping[str, Any],
    account: Account | None,
    contact: Contact | None,
    by: User,
    findings: list[Finding],
) -> Opportunity | None:
    """Return the deal, opened with the source of the lead; its first contact is the lead's."""
    given = {name: values[name] for name in DEAL_FIELDS if values.get(name) not in (None, "")}
    given["source"] = lead.source_original
    given |= {"source_note": lead.source_note} if lead.source_note else {}
    given |= {"campaign": lead.campaign_id} if lead.campaign_id else {}
    given |= {"account": account.pk} if account is not None else {}
    given |= {"primary_contact": contact.pk} if contact is not None else {}
    access.require_create(by, Opportunity, given)
    draft = creating.read_new(given, by)
    findings += [one for one in draft.findings if account is not None or one.field != "account"]
    return None if findings else creating.write_new([draft], by)[0]


def _bring_activities(lead: Lead, account: Account | None, deal: Opportunity | None) -> None:
    """Let what happened with the lead be told at its account, and on its deal."""
    rows: list[Activity] = lock_many(Activity.objects.filter(lead=lead))
    for activity in rows:
        activity.account_id = activity.account_id or (account.pk if account else None)
    audit.write_many(rows)
    if deal is not None and rows:
        activities.write_links([audit.lock(Opportunity.objects.all(), pk=deal.pk)], rows)


def _id(given: Any) -> int:
    """Return the id that somebody chose, 0 for none."""
    text = str(getattr(given, "pk", given) or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
