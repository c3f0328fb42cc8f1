"""The deal behind what qualifies it: MEDDICC, plans, reviews. They wait for its lock and ask for one right."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import Contact
from opportunities.enums import CLOSED, Stage
from opportunities.models import OppContactRole, Opportunity
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access
from revops.kernel.records import values as reading
from revops.kernel.records.registry import Field

RIGHT = "qualify"
LABEL = "opportunities.opportunity"


def lock(by: User, pk: int, version: int | None = None) -> Opportunity:
    """Return the deal locked, for somebody who may qualify it. Raises DoesNotExist, Conflict, Forbidden."""
    deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
    access.require(by, RIGHT, deal)
    return deal


def lock_named(by: User, pk: Any) -> Opportunity:
    """Return the deal that a new part of it names, locked. Raises Blocked where there is none to be seen (A10)."""
    number = int(pk) if str(pk).isascii() and str(pk).isdigit() and len(str(pk)) < 19 else 0
    try:
        return lock(by, number)
    except Opportunity.DoesNotExist:
        message = (
            f"There is no deal with the id {reading.shown(pk)} that you can see. Choose another one."
            if pk not in (None, "")
            else "Deal is needed. Fill it in."
        )
        raise audit.Blocked.because(
            "OPP-003", message, field="opportunity", found=reading.shown(pk), needed="an id you can see"
        ) from None


def check_open(deal: Opportunity) -> list[Finding]:
    """Return a finding where a deal is closed: what it was qualified by then stays as it was."""
    if deal.stage not in CLOSED:
        return []
    message = f"The deal is closed ({Stage(deal.stage).label}). Reopen it first."
    return [Finding("OPP-031", message, field="stage", found=deal.stage, needed="an open deal")]


def said(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said of these values: what is blank leaves alone what stands."""
    return {name: value for name, value in raw.items() if value not in (None, "")}


def read(
    fields: Sequence[Field], raw: Mapping[str, Any], *, what: str, lengths: Mapping[str, int] | None = None
) -> reading.Cleaned:
    """Read typed values by these fields, all findings at once; what is needed and blank is one of them."""
    cleaned = reading.read({one.name: one for one in fields}, raw, what=what, lengths=lengths)
    told = {finding.field for finding in cleaned.findings}
    cleaned.findings.extend(
        Finding("VAL-003", f"{one.label} is needed. Fill it in.", field=one.name, needed="a value")
        for one in fields
        if one.required and raw.get(one.name) in (None, "") and one.name not in told
    )
    return cleaned


def person(pk: int | None, name: str) -> tuple[User | None, list[Finding]]:
    """Return somebody by id and what speaks against giving them something to do: they must be there."""
    found = User.objects.filter(pk=pk).first() if pk is not None else None
    if pk is None or (found is not None and found.is_active and found.kind == UserKind.PERSON):
        return found, []
    message = f"{found or f'Nobody with the id {pk}'} is active here. Choose an active person."
    if found is not None:
        message = f"{found} is not active and cannot take this on. Choose an active person."
    return None, [Finding("OPP-141", message, field=name, found=str(found or pk), needed="an active person")]


def contact(deal: Opportunity, pk: int | None, name: str, by: User) -> tuple[Contact | None, list[Finding]]:
    """Return a contact by id and what speaks against them: they are of the deal's account, or in the deal."""
    if pk is None:
        return None, []
    found = Contact.objects.visible_to(by).filter(pk=pk).first()
    if found is None:
        message = f"There is no contact with the id {pk} that you can see. Choose another one."
        return None, [Finding("OPP-003", message, field=name, found=str(pk), needed="an id you can see")]
    inside = OppContactRole.objects.filter(opportunity=deal, contact=found, is_active=True)
    if found.account_id == deal.account_id or inside.exists():
        return found, []
    message = f"{found} is neither at the account of this deal nor in the deal. Add them to the deal first."
    return None, [
        Finding(
            "OPP-136", message, field=name, found=str(found), needed="a contact of the account or in the deal"
        )
    ]
