"""Create leads: one from a form or the API, many from an import, through the same checks and writes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.actions import holders, races
from accounts.actions.leads import drafts
from accounts.models import Lead
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.records.drafting import Draft


@races.told
def create_lead(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Lead:
    """Create one lead; `values` are as somebody typed them. `at` is when it came, if not now.

    Whoever sees only their own or their team's leads owns it; else it waits in the queue for what nobody owns.
    Raises Blocked with every finding, Forbidden for a field one may not set.
    """
    with audit.change(by=by, action="lead.create", at=at):
        access.require_create(by, Lead, values)
        draft = drafts.read(values, Lead())
        drafts.check([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        if at is not None:
            draft.record.created_at = at
        return write_new([draft], by)[0]


def write_new(ready: Sequence[Draft], by: User) -> list[Lead]:
    """Write checked drafts as new leads, inside the open change, in a constant number of statements."""
    for draft in ready:
        drafts.fill(draft)
        lead: Lead = draft.record
        lead.currency = lead.currency or settings.REPORTING_CURRENCY
        lead.source_latest = lead.source_latest or lead.source_original
        _place(draft, by)
    leads: list[Lead] = [draft.record for draft in ready]
    audit.write_many(leads)
    for lead in leads:
        about = {
            "source": lead.source_original,
            "owner": lead.owner_id,
            "account": lead.matched_account_id,
            "status": lead.status,
        }
        outbox.emit("lead.created", lead, about)
    return leads


def _place(draft: Draft, by: User) -> None:
    """Give a new lead its first holder: named, its creator, or the queue."""
    lead: Lead = draft.record
    if draft.derived.get("placed") or holders.place_named(lead, draft.given):
        return
    limited = access.rights(by, "accounts.lead").view < access.Scope.ALL
    if by.kind == UserKind.PERSON and limited:
        to, reason = ownership.holder(owner=by), AssignReason.CREATED
    else:
        to, reason = holders.unassigned(by, migrated=bool(draft.derived.get("migrated")))
    ownership.assign(lead, to=to, reason=reason, explicit=reason == AssignReason.CREATED)
