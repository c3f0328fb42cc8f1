"""Contacts in a deal: add one in a role, change it, take it out. Source: d1 `OppContactRole`."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import races
from accounts.models import Contact
from opportunities.actions import activities
from opportunities.enums import BuyingRole
from opportunities.models import OppContactRole, Opportunity
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LINKS = {"opportunity": Opportunity, "contact": Contact}
RIGHT = "contact_roles"


@races.told
def add_contact_role(*, by: User, values: Mapping[str, Any], reason: str = "") -> OppContactRole:
    """Put a contact into a deal, in a role; a new primary one takes the place of the old.

    Raises Blocked with every finding, Forbidden for a deal that one sees but may not change.
    """
    with audit.change(by=by, action="opportunity.add_contact", reason=reason):
        role = _add(by, values)
        debts.settle(role.opportunity)
        return role


def write_contact_role(deal: Opportunity, values: Mapping[str, Any], *, by: User) -> OppContactRole:
    """Put a contact into a locked deal inside the open change, as `add_contact_role` does; its debts wait."""
    return _add(by, {**values, "opportunity": deal.pk})


def _add(by: User, values: Mapping[str, Any]) -> OppContactRole:
    access.require_create(by, OppContactRole, values)
    draft = drafting.read(values, OppContactRole(), never_empty=("is_primary",), code="OPP-060")
    drafting.link([draft], LINKS, by, code="OPP-003")
    drafting.need(draft, ("opportunity", "contact", "role"), code="OPP-061")
    _check_influence(draft)
    deal = draft.given.get("opportunity")
    if deal is None:
        raise audit.Blocked(draft.findings)
    held = _lock(deal.pk, by)
    _check_once(draft, held)
    if draft.findings:
        raise audit.Blocked(draft.findings)
    drafting.put(draft)
    role: OppContactRole = draft.record
    if role.is_primary:
        _dethrone(held, but=None)
    activities.engage([role])
    audit.write(role)
    _tell("opportunity.contact_added", deal, role)
    return role


@races.told
def edit_contact_role(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> OppContactRole:
    """Change the role, the influence or the place of a contact in a deal; `is_active` false takes it out."""
    with audit.change(by=by, action="opportunity.edit_contact", reason=reason):
        seen = OppContactRole.objects.visible_to(by)
        held = _lock(seen.values_list("opportunity_id", flat=True).get(pk=pk), by)
        role: OppContactRole = audit.lock(seen, pk=pk, version=version)
        access.require_edit(by, role, changes)
        before = role.version
        draft = drafting.read(changes, role, never_empty=("role", "is_primary", "is_active"), code="OPP-060")
        _check_influence(draft)
        _check_once(draft, [one for one in held if one.pk != pk])
        if draft.findings:
            raise audit.Blocked(draft.findings)
        drafting.put(draft)
        role.is_primary = role.is_primary and role.is_active
        if role.is_primary:
            _dethrone(held, but=pk)
        audit.write(role)
        if role.version != before:
            what = "opportunity.contact_changed" if role.is_active else "opportunity.contact_removed"
            _tell(what, role.opportunity, role)
            debts.settle(role.opportunity)
        return role


def remove_contact_role(*, by: User, pk: int, version: int | None = None, reason: str = "") -> OppContactRole:
    """Take a contact out of a deal; the row stays as what was."""
    return edit_contact_role(by=by, pk=pk, changes={"is_active": False}, version=version, reason=reason)


def _lock(deal: int, by: User) -> list[OppContactRole]:
    """Lock the deal, which its roles wait for, and return its roles locked. Raises Forbidden."""
    locked = audit.lock(Opportunity.objects.visible_to(by), pk=deal)
    access.require(by, RIGHT, locked)
    return lock_many(OppContactRole.objects.filter(opportunity=deal, is_active=True))


def _dethrone(held: Sequence[OppContactRole], *, but: int | None) -> None:
    """Let no other contact be the primary one."""
    former = [one for one in held if one.is_primary and one.pk != but]
    for one in former:
        one.is_primary = False
    audit.write_many(former)


def _check_influence(draft: Draft) -> None:
    influence = draft.given.get("influence")
    if influence is not None and not 1 <= influence <= 3:
        message = f"Influence is {influence}; it goes from 1 (little) to 3 (decides)."
        draft.refuse("OPP-062", message, "influence", found=influence, needed="1, 2 or 3")


def _check_once(draft: Draft, others: Sequence[OppContactRole]) -> None:
    contact = draft.value("contact") if draft.is_new else draft.record.contact
    role, label = draft.value("role"), draft.value("raw_label") or ""
    if contact is None or (not draft.is_new and not draft.value("is_active")):
        return
    if any((one.contact_id, one.role, one.raw_label) == (contact.pk, role, label) for one in others):
        said = BuyingRole(role).label
        message = f"{contact} is in this deal as {said} already. Choose another role, or change that one."
        draft.refuse("OPP-063", message, "contact", found=contact, needed="a contact once in a role")


def _tell(event: str, deal: Opportunity, role: OppContactRole) -> None:
    outbox.emit(event, role, {"opportunity": deal.pk, "contact": role.contact_id, "role": role.role})


def write_primary(pairs: Sequence[tuple[Opportunity, Contact | None]]) -> None:
    """Write the first contact of new deals: the primary one, its role not known yet."""
    audit.write_many(
        [
            OppContactRole(opportunity=deal, contact=contact, role=BuyingRole.OTHER, is_primary=True)
            for deal, contact in pairs
            if contact is not None
        ]
    )
