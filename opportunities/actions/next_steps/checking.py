"""What speaks against the next step that somebody gives a deal. Source: INV-2.3, `NextStep` of domain 2."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from accounts.models import Contact
from opportunities.enums import CLOSED
from opportunities.models import OppContactRole, Opportunity
from opportunities.policies import next_steps as policy
from opportunities.policies.next_steps import NextSteps
from revops.kernel import audit
from revops.kernel.audit import Finding, Remedy
from revops.kernel.policies.enums import Mode
from revops.kernel.records.drafting import Draft

InDeal = Callable[[Opportunity, Contact], bool]


def deals_with(contact: Contact, deals: Sequence[int]) -> frozenset[int]:
    """Return which of these deals a contact is in, in any role."""
    rows = OppContactRole.objects.filter(contact=contact, opportunity__in=deals, is_active=True)
    return frozenset(rows.values_list("opportunity_id", flat=True))


def in_deal(deal: Opportunity, contact: Contact) -> bool:
    """Say whether a contact is in a deal."""
    return deal.pk in deals_with(contact, [deal.pk])


def check(draft: Draft, takes_part: InDeal = in_deal) -> None:
    """Add what speaks against the next step in a draft of an open deal, as far as it says another one than before.

    A day that has passed is always refused; the rest as hard as the policy insists.
    """
    deal: Opportunity = draft.record
    if deal.stage in CLOSED:
        return
    _check_past(draft)
    in_force = policy.in_force(_segment(draft))
    if in_force.mode != Mode.ENFORCE or not isinstance(in_force.body, NextSteps):
        return
    _check_text(draft, in_force.body)
    _check_horizon(draft, in_force.body)
    _check_contact(draft, in_force.body, takes_part)


def _segment(draft: Draft) -> str:
    account = draft.given.get("account")
    return str(getattr(account, "segment", "") or draft.record.segment)


def _changed(draft: Draft, name: str) -> bool:
    return name in draft.given and draft.given[name] != getattr(draft.record, name)


def _check_past(draft: Draft) -> None:
    on, today = draft.given.get("next_step_on"), policy.day_of(audit.happening_at())
    if on is not None and _changed(draft, "next_step_on") and on < today:
        message = f"The next step is on {on}, which has passed. Give today or a later day."
        draft.refuse("OPP-013", message, "next_step_on", found=on, needed="today or later")


def _check_text(draft: Draft, held: NextSteps) -> None:
    text = " ".join(str(draft.given.get("next_step") or "").split())
    if text and _changed(draft, "next_step") and len(text) < held.least_text:
        message = (
            f"The next step says {text!r} in {len(text)} characters; it needs at least {held.least_text}. "
            "Say who does what with whom."
        )
        needed = f"{held.least_text} characters"
        draft.refuse("OPP-111", message, "next_step", found=text, needed=needed)


def _check_horizon(draft: Draft, held: NextSteps) -> None:
    on, days = draft.given.get("next_step_on"), held.horizon(_segment(draft))
    last = policy.day_of(audit.happening_at()) + timedelta(days=days)
    if on is not None and _changed(draft, "next_step_on") and on > last:
        message = (
            f"The next step is on {on}, later than {last}: for this segment it lies at most {days} days ahead. "
            "Agree on a nearer step on the way there."
        )
        draft.refuse("OPP-110", message, "next_step_on", found=on, needed=f"{last} or earlier")


def _check_contact(draft: Draft, held: NextSteps, takes_part: InDeal) -> None:
    deal, contact = draft.record, draft.value("next_step_contact")
    stage = str(draft.derived.get("to") or deal.stage)
    said = any(_changed(draft, name) and draft.given[name] for name in ("next_step", "next_step_on"))
    told = any(one.field == "next_step_contact" for one in draft.findings)
    if contact is None:
        if said and not told and held.needs_contact(stage):
            draft.findings.append(_needs_contact(deal))
        return
    if not told and _changed(draft, "next_step_contact") and not _is_of(draft, contact, takes_part):
        message = (
            f"{contact} is neither in the deal nor with its account. Choose somebody who is, or add them."
        )
        needed = "a contact in the deal or of its account"
        draft.refuse("OPP-113", message, "next_step_contact", found=contact, needed=needed)


def _is_of(draft: Draft, contact: Contact, takes_part: InDeal) -> bool:
    account = draft.given.get("account")
    account_id = account.pk if account is not None else draft.record.account_id
    return contact.account_id == account_id or (not draft.is_new and takes_part(draft.record, contact))


def _needs_contact(deal: Opportunity) -> Finding:
    remedies = (set_it(deal),) if deal.pk else ()
    message = "From this stage on a next step names whom of the buyer's it is agreed with. Choose a contact."
    return Finding(
        "OPP-112", message, field="next_step_contact", needed="a contact of the buyer", remedies=remedies
    )


def set_it(deal: Opportunity) -> Remedy:
    """Return the way to say what comes next."""
    return Remedy("Set the next step", f"/opportunities/{deal.pk}/do/set_next_step/")
