"""Deals about to be written: their values read, and every reason against them found in a constant number of queries."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.enums import AccountStatus, Source
from accounts.models import Account, Campaign, Contact, Product
from opportunities import policies
from opportunities.enums import CLOSED, FORECAST_ORDER, ForecastCategory, Stage
from opportunities.geography import geo_of
from opportunities.models import Opportunity, UseCase
from opportunities.policies import Stages
from revops.kernel import audit
from revops.kernel.audit import Finding, Remedy
from revops.kernel.identity.models import User
from revops.kernel.money import validate_currency
from revops.kernel.people.models import Queue
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LINKS: dict[str, Any] = {
    "account": Account,
    "primary_product": Product,
    "use_case": UseCase,
    "campaign": Campaign,
    "primary_contact": Contact,
    "next_step_contact": Contact,
    "owner": User,
    "queue": Queue,
}
NEVER_EMPTY = frozenset(
    {
        "type",
        "forecast_category",
        "currency",
        "amount_basis",
        "account",
        "close_date",
        "stage",
        "next_step_kind",
        "next_step_side",
    }
)
ALWAYS = ("account", "close_date")
EXPECTED = ("primary_product", "use_case", "source")
OTHER_NEEDS = 15
# What a deal was closed with stays: it is reopened first.
SETTLED = frozenset({"amount", "currency", "amount_basis", "close_date", "forecast_category"})


def settled(deal: Opportunity) -> frozenset[str]:
    """Return the fields of a deal that no edit changes any more: where it came from, what it was closed with."""
    once = frozenset({"source"} if deal.source else ())
    return once | SETTLED | {"slip_reason", "stage", "stage_reason"} if deal.stage in CLOSED else once


def read(raw: Mapping[str, Any], deal: Opportunity) -> Draft:
    """Read raw values for a deal, new or locked, and add what they contradict among themselves."""
    draft = drafting.read(raw, deal, never_empty=NEVER_EMPTY, code="OPP-001")
    consider(draft)
    return draft


def consider(draft: Draft) -> None:
    """Add what the values of one draft contradict among themselves."""
    _check_source(draft)
    _check_amount(draft)


def check(drafts: Sequence[Draft], by: User) -> None:
    """Add to each draft what the records it names speak against it; links become records."""
    drafting.link(drafts, LINKS, by, code="OPP-003")
    for draft in drafts:
        check_active(draft)


def need(draft: Draft) -> None:
    """Add what a deal entered by hand must have."""
    drafting.need(draft, (*ALWAYS, *EXPECTED), code="OPP-002")


def today() -> date:
    """Return the day of the open change, or today, in the organisation's time zone."""
    return audit.happening_at().astimezone(ZoneInfo(settings.ORG_TIME_ZONE)).date()


def _check_source(draft: Draft) -> None:
    note = draft.value("source_note") or ""
    asked = {"source", "source_note"} & draft.given.keys() and draft.value("source") == Source.OTHER
    if asked and len(note) < OTHER_NEEDS:
        message = f"Source “Other” needs a note of at least {OTHER_NEEDS} characters; it has {len(note)}."
        draft.refuse("OPP-007", message, "source_note", found=note, needed=f"{OTHER_NEEDS} characters")


def _check_amount(draft: Draft) -> None:
    amount, currency = draft.given.get("amount"), draft.given.get("currency")
    if amount is not None and amount < 0:
        message = f"The amount is {amount}; it cannot be below zero. Give zero or more."
        draft.refuse("OPP-005", message, "amount", found=amount, needed="zero or more")
    if currency:
        try:
            validate_currency(currency)
        except ValidationError:
            message = f"{currency!r} is not a currency. Give an ISO 4217 code such as USD or EUR."
            draft.refuse("OPP-006", message, "currency", found=currency, needed="an ISO 4217 code")


def check_active(draft: Draft) -> None:
    """Add a finding for a merged account, and for a product, use case or campaign that is switched off."""
    account = draft.given.get("account")
    if isinstance(account, Account) and account.status == AccountStatus.TOMBSTONE:
        message = f"{account} was merged into another account (INV-1.4). Choose the account that it became."
        draft.refuse("OPP-004", message, "account", found=account, needed="an account that was not merged")
    for name, what in {"primary_product": "product", "use_case": "use case", "campaign": "campaign"}.items():
        chosen = draft.given.get(name)
        if chosen is not None and not isinstance(chosen, int) and not chosen.is_active:
            message = f"The {what} {chosen} is switched off. Choose one that is in use."
            draft.refuse("OPP-019", message, name, found=chosen, needed=f"a {what} in use")


def check_category(draft: Draft, stages: Stages) -> None:
    """Add what speaks against the category that somebody gave a deal in this stage."""
    category = draft.given.get("forecast_category")
    if category is None or (not draft.is_new and category == draft.record.forecast_category):
        return
    if category not in FORECAST_ORDER:
        label = ForecastCategory(category).label
        message = f"“{label}” comes with closing a deal, never by hand. Choose a category for an open deal."
        needed = ", ".join(FORECAST_ORDER)
        draft.refuse("OPP-009", message, "forecast_category", found=category, needed=needed)
        return
    to = Stage(draft.derived.get("to") or draft.record.stage)
    if to not in CLOSED and stages.clamp(to, category) != category:
        most = ForecastCategory(stages.of(to).max_category)
        stage, label = to.label, ForecastCategory(category).label
        message = (
            f"In {stage} a deal is forecast as {most.label} at most, not {label}. Move it forward first."
        )
        draft.refuse("OPP-008", message, "forecast_category", found=category, needed=f"at most {most}")


def overdue_step(draft: Draft) -> list[Finding]:
    """Return a finding where the deal's next step is overdue: say first what comes next. Source: INV-2.3."""
    on = draft.value("next_step_on")
    if draft.record.stage in CLOSED or on is None or on >= today():
        return []
    message = f"The next step was due on {on} (INV-2.3). Say first what comes next, and when."
    finding = Finding(
        "OPP-014",
        message,
        field="next_step_on",
        found=str(on),
        needed="a next step today or later",
        remedies=(Remedy("Set the next step", f"/opportunities/{draft.record.pk}/do/set_next_step/"),),
    )
    return [] if any(one.field == "next_step_on" for one in draft.findings) else [finding]


def copy_from_account(deal: Opportunity) -> None:
    """Copy segment, territory and region of the account: they stay with the deal when the account changes."""
    account = deal.account
    deal.segment, deal.territory_id, deal.geo = account.segment, account.territory_id, geo_of(account.country)


class StagesOf:
    """The stages in force for each segment, asked for once a segment."""

    def __init__(self) -> None:
        self._held: dict[str, Stages] = {}

    def __getitem__(self, segment: str) -> Stages:
        if segment not in self._held:
            self._held[segment] = policies.stages(segment)
        return self._held[segment]
