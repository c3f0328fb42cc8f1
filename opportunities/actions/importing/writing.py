"""Write imported deals: new ones where they stand, changes of known ones; a constant number of statements a chunk."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings

from accounts.actions import creating as accounts_creating
from accounts.actions.drafts import Draft as AccountDraft
from accounts.models import Account, Campaign, Contact, Product
from opportunities.actions import (
    contact_roles,
    delays,
    drafts,
    gating,
    intervals,
    moving,
    naming,
    next_steps,
    placing,
)
from opportunities.actions.creating import BESIDE, tell_created
from opportunities.actions.importing import moves
from opportunities.enums import CLOSED, ForecastCategory, Stage, Via
from opportunities.models import Opportunity, StageInterval, UseCase
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange import external_ids
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

NOON = time(12)
# The reason code of an interval that says where an imported deal stood, before its history is known.
AS_EXPORTED = "as_exported"
_LINKS: dict[str, Any] = {
    "account": Account,
    "primary_product": Product,
    "use_case": UseCase,
    "campaign": Campaign,
    "primary_contact": Contact,
}
_NO_ACCOUNT = "revops:deals-without-an-account"
_NAMED_BY = frozenset({"account", "primary_product", "use_case", "close_date"})


def write_new(ready: Sequence[Draft], by: User, system: str, *, migration: bool) -> list[Opportunity]:
    """Write checked drafts as new deals, inside the open change: in a migration where they stand there."""
    _put_records(ready)
    if migration:
        _put_the_account_of_those_without(ready, by, system)
    stages = drafts.StagesOf()
    for draft in ready:
        deal: Opportunity = draft.record
        drafting.put(draft, but=BESIDE | {"probability", "forecast_category"})
        drafts.copy_from_account(deal)
        deal.currency = deal.currency or deal.account.currency or settings.REPORTING_CURRENCY
        deal.opened_at = deal.stage_since = draft.given.get("opened_at") or audit.current().occurred_at
        if migration:
            deal.created_at = deal.opened_at
        _stand(deal, draft, stages)
    placing.place_imported([(draft.record, draft.given.get("owner")) for draft in ready], by)
    deals = [draft.record for draft in ready]
    naming.rename(deals)
    gating.take_as_found([deal for deal in deals if deal.stage != Stage.QUALIFICATION])
    next_steps.begin(deals)
    audit.write_many(deals)
    intervals.begin(deals, Via.IMPORTED, reason_code=AS_EXPORTED)
    contact_roles.write_primary([(draft.record, draft.given.get("primary_contact")) for draft in ready])
    naming.keep_imported([(draft.record, draft.given.get("imported_name", "")) for draft in ready])
    for deal in deals:
        tell_created(deal)
    return deals


def _stand(deal: Opportunity, draft: Draft, stages: drafts.StagesOf) -> None:
    """Put the deal where it stands: probability as exported while it is open, category within the stage's reach."""
    setting = stages[deal.segment].of(deal.stage)
    given = draft.given.get("probability")
    deal.probability = setting.share if given is None or deal.stage in CLOSED else given
    category = draft.given.get("forecast_category") or ForecastCategory.PIPELINE
    deal.forecast_category = stages[deal.segment].clamp(deal.stage, category)
    if deal.stage in CLOSED:
        deal.closed_at = max(datetime.combine(deal.close_date, NOON, UTC), deal.opened_at)
        deal.booked_at = deal.closed_at if deal.stage == Stage.CLOSED_WON else None


def _put_records(ready: Sequence[Draft]) -> None:
    """Turn the ids of links into records, in one query a field."""
    for name, model in _LINKS.items():
        wanted = {draft.given[name] for draft in ready if isinstance(draft.given.get(name), int)}
        found = model.objects.in_bulk(wanted) if wanted else {}
        for draft in ready:
            if isinstance(draft.given.get(name), int):
                draft.given[name] = found.get(draft.given[name])


def _put_the_account_of_those_without(ready: Sequence[Draft], by: User, system: str) -> None:
    """Keep deals that name no account under one account a system, until somebody names theirs."""
    lonely = [draft for draft in ready if draft.given.get("account") is None]
    if not lonely:
        return
    known = external_ids.find(system, "accounts.account", [_NO_ACCOUNT]).get(_NO_ACCOUNT)
    account = Account.objects.filter(pk=known).first() if known else None
    if account is None:
        name = f"Deals without an account ({system})"
        (account,) = accounts_creating.write_new([AccountDraft(Account(), {"name": name})], by)
        external_ids.link(account, system, _NO_ACCOUNT)
    for draft in lonely:
        draft.given["account"] = account


def write_changed(changing: Sequence[Draft], by: User, *, migration: bool) -> None:
    """Change known deals as their files say now; a stage that moved there moves here.

    What a migration says of its own deals is history; every other deal has passed its gates.
    """
    _put_records(changing)
    before = {draft.record.pk: draft.record.version for draft in changing}
    renamed: list[Opportunity] = []
    stages = drafts.StagesOf()
    placing.assign_imported([(draft.record, draft.given.pop("owner", None)) for draft in changing])
    moved = [
        (draft.record, Stage(draft.given.pop("stage")), draft.derived["stage_reason"])
        for draft in changing
        if "stage" in draft.given
    ]
    known, later = delays.Known(), []
    for draft in changing:
        deal: Opportunity = draft.record
        closes, former = draft.given.get("close_date"), deal.close_date
        drafting.put(draft, but=BESIDE)
        if closes is not None and closes > former:
            later.append(delays.Later(deal, former, draft.given.get("slip_reason") or delays.IMPORTED, known))
        if draft.given.get("account") is not None:
            drafts.copy_from_account(deal)
        deal.forecast_category = stages[deal.segment].clamp(deal.stage, deal.forecast_category)
        renamed += [deal] if _NAMED_BY & draft.given.keys() else []
    events = delays.put_off(later)
    _move(moved, stages, migration=migration)
    naming.rename(renamed)
    next_steps.place([draft.record for draft in changing])
    audit.write_many([draft.record for draft in changing])
    delays.write(events)
    for draft in changing:
        if draft.record.version != before[draft.record.pk]:
            fields = sorted(draft.given.keys() - {"slip_reason"})
            outbox.emit("opportunity.edited", draft.record, {"fields": fields, "by": by.pk})


def _move(
    moved: Sequence[tuple[Opportunity, Stage, str]], stages: drafts.StagesOf, *, migration: bool
) -> None:
    """Bring known deals into the stage that they have in the other system now, each for its reason."""
    leaving = [(deal, to, code) for deal, to, code in moved if deal.stage != to]
    if not leaving:
        return
    rows = StageInterval.objects.filter(
        opportunity__in=[deal.pk for deal, *_ in leaving], active_to__isnull=True
    )
    present = {row.opportunity_id: row for row in lock_many(rows)}
    for deal, *_ in leaving:
        if deal.stage in CLOSED:
            deal.forecast_category = ForecastCategory.PIPELINE
    here = moves.led_here((deal for deal, *_ in leaving), migration=migration)
    came_from = {deal.pk: deal.stage for deal, *_ in leaving}
    back = {deal.pk for deal, to, _ in leaving if deal.pk in here and moving.is_back(deal, to)}
    intervals.turn(
        [
            intervals.Turn(
                deal,
                present[deal.pk],
                to,
                stages[deal.segment],
                _via(deal.pk, here, back),
                code=code if deal.pk in here else "",
            )
            for deal, to, code in leaving
        ]
    )
    gating.take_as_found([deal for deal, *_ in leaving if deal.pk not in here])
    for deal, *_ in leaving:
        if deal.pk in here:
            told = {"from": came_from[deal.pk], "back": deal.pk in back}
            moving.tell("opportunity.stage_moved", deal, told)


def _via(pk: int, here: set[int], back: set[int]) -> Via:
    if pk not in here:
        return Via.IMPORTED
    return Via.REGRESSED if pk in back else Via.MOVED
