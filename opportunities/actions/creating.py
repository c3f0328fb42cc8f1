"""Create deals: one from a form or the API, many from an import, through the same checks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.actions import races
from opportunities import policies
from opportunities.actions import contact_roles, drafts, intervals, naming, next_steps, placing
from opportunities.enums import OpportunityType, Stage, Via
from opportunities.models import Opportunity
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LABEL = "opportunities.opportunity"
# What is not a column of the deal: each is written by a call of its own.
BESIDE = frozenset(
    {
        "owner",
        "queue",
        "primary_contact",
        "slip_reason",
        "stage_reason",
        "imported_name",
        "is_won",
        "is_closed",
    }
)
FOR_ALL_TYPES = "open_new_business"


@races.told
def create_opportunity(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Opportunity:
    """Create one deal in the first stage; `values` are as somebody typed them, `at` is when it was opened.

    Segment, territory and region are copied from the account, the name is computed. Whoever sees only their own or
    their team's deals becomes its owner; else the account's holder does. Raises Blocked with every finding,
    Forbidden for a field or a type of deal that one may not open.
    """
    with audit.change(by=by, action="opportunity.create", at=at):
        access.require_create(by, Opportunity, values)
        draft = read_new(values, by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        return write_new([draft], by)[0]


def read_new(values: Mapping[str, Any], by: User) -> Draft:
    """Return the draft of a new deal with everything that speaks against it. Raises Forbidden for its type."""
    draft = drafts.read(values, Opportunity())
    require_type(draft, by)
    drafts.check([draft], by)
    drafts.need(draft)
    next_steps.check(draft)
    draft.findings += intervals.not_ahead()
    account = draft.given.get("account")
    if account is not None:
        drafts.check_category(draft, policies.stages(account.segment))
    return draft


def require_type(draft: Draft, by: User) -> None:
    """Raise Forbidden where this person opens renewals and expansions only (access.md), and this is neither."""
    wanted = draft.value("type")
    may_all = access.may_ever(by, FOR_ALL_TYPES, LABEL)
    if not may_all and wanted not in (OpportunityType.RENEWAL, OpportunityType.EXPANSION):
        raise access.Forbidden(
            "Your role opens renewals and expansions only. Let an account executive open it."
        )


def write_new(ready: Sequence[Draft], by: User) -> list[Opportunity]:
    """Write checked drafts as new deals in the first stage, in the open change, in a constant number of statements."""
    stages = drafts.StagesOf()
    for draft in ready:
        deal: Opportunity = draft.record
        drafting.put(draft, but=BESIDE)
        drafts.copy_from_account(deal)
        setting = stages[deal.segment].of(Stage.QUALIFICATION)
        deal.stage, deal.probability = Stage.QUALIFICATION, setting.share
        deal.opened_at = deal.stage_since = audit.current().occurred_at
        deal.currency = deal.currency or deal.account.currency or settings.REPORTING_CURRENCY
        placing.place(deal, draft.given, by)
    deals = [draft.record for draft in ready]
    naming.rename(deals)
    next_steps.begin(deals)
    audit.write_many(deals)
    intervals.begin(deals, Via.CREATED)
    contact_roles.write_primary([(draft.record, draft.given.get("primary_contact")) for draft in ready])
    for deal in deals:
        tell_created(deal)
    return deals


def tell_created(deal: Opportunity) -> None:
    """Emit that a deal was opened."""
    outbox.emit(
        "opportunity.created",
        deal,
        {"name": deal.name, "account": deal.account_id, "owner": deal.owner_id, "stage": deal.stage},
    )
