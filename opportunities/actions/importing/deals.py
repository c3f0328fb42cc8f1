"""Import deals: the same drafts and checks as one by one, a chunk at a time. Source: mappings.md.

An ordinary import opens deals in the first stage and edits known ones; it moves them between open stages past their
gates and never closes them (INV-2.6). A migration brings in where they stand, what they were called and when they
were opened: history, no move.
"""

from datetime import UTC, datetime, time
from typing import Any

from accounts.actions import arriving
from accounts.enums import Source
from accounts.models import Account
from opportunities.actions import delays, drafts, fields, next_steps
from opportunities.actions.creating import BESIDE
from opportunities.actions.importing import moves, writing
from opportunities.enums import CLOSED, ForecastCategory, Stage
from opportunities.models import Opportunity
from revops.kernel import clocks
from revops.kernel.exchange.findings import Weight
from revops.kernel.exchange.importers import Batch, ImportRow, load_visible
from revops.kernel.records.drafting import Draft

NOON = time(12)
# What a migration tells and keeps, although a form would refuse it.
_RELAXED = frozenset({"OPP-007", "OPP-013", "OPP-019"})
_ALWAYS = drafts.NEVER_EMPTY | {"stage"}
# Written once: a later file changes none of them.
_ONCE = frozenset(
    {"source", "opened_at", "imported_name", "primary_contact", "is_won", "is_closed", "probability"}
)
_HISTORY = frozenset({"is_won", "is_closed", "opened_at", "probability", "imported_name"})
_STEP = ("next_step", "next_step_on")
_EXPECTED = {"primary_product": "product", "use_case": "use case", "source": "source"}


def prepare(batch: Batch) -> None:
    """Read each row as a draft and refuse what the rules refuse. Queries only."""
    rows = batch.alive
    for row in rows:
        arriving.drop_what_stays(row, _ALWAYS, _ONCE)
        arriving.refuse_history(batch, row, _HISTORY, "OPP-070")
        if row.record_id is None:
            _complete(batch, row)
        row.draft = _draft(row)
    _put_accounts(rows)
    for row in rows:
        drafts.consider(row.draft)
        drafts.check_active(row.draft)
        arriving.tell(batch, row, relaxed=_RELAXED, left_out=())


def _draft(row: ImportRow) -> Draft:
    """Return the row as a draft: of a new deal, or of a stand-in for the known one, which is loaded later."""
    deal = Opportunity(pk=row.record_id)
    deal._state.adding = row.record_id is None
    return Draft(deal, {name: value for name, value in row.values.items() if value not in (None, "")})


def _complete(batch: Batch, row: ImportRow) -> None:
    """Settle the stage of a new row, and tell what every deal has and this one does not say."""
    if row.values.keys() <= {"account"}:
        message = (
            "This file says whose deals they are, and the deal is not known yet. Import the deals first."
        )
        row.reject("OPP-073", message, field="external_id", needed="a deal that is imported already")
        return
    if batch.migration:
        _settle_stage(row)
        _settle_dates(row)
        _tell_missing(row)
        return
    stage = row.values.get("stage")
    if stage not in (None, Stage.QUALIFICATION):
        message = (
            f"An import opens deals in {Stage.QUALIFICATION.label}; it neither moves nor wins them (INV-2.6)."
        )
        row.reject("OPP-070", message, field="stage", needed=str(Stage.QUALIFICATION))
    for name in (*drafts.ALWAYS, *drafts.EXPECTED):
        if row.values.get(name) in (None, ""):
            message = f"{name.replace('_', ' ').capitalize()} is needed. Fill it in."
            row.reject("OPP-002", message, field=name, needed="a value")


def _settle_stage(row: ImportRow) -> None:
    """Bring the stage in line with what the other system says about the end of the deal."""
    values = row.values
    won, closed = values.get("is_won"), values.get("is_closed")
    said = values.get("stage") or ""
    stage = said or Stage.QUALIFICATION
    if won and stage != Stage.CLOSED_WON:
        stage = Stage.CLOSED_WON
    elif closed and not won and won is not None and stage != Stage.CLOSED_LOST:
        stage = Stage.CLOSED_LOST
    elif closed is False and stage in CLOSED:
        stage = Stage.QUALIFICATION
    values["stage"] = str(stage)
    if stage != said:
        message = f"The deal is taken as {Stage(stage).label}: that is how it stands in the other system."
        if not said and won is None and closed is None:
            message = f"The deal names no stage; it is taken as {Stage(stage).label}."
        row.tell("OPP-071", message, field="stage", found=said, needed="a stage")


def _settle_dates(row: ImportRow) -> None:
    """Know when the deal was opened and when it closes, from each other where one is missing."""
    values, now = row.values, clocks.now()
    opened, closes = values.get("opened_at"), values.get("close_date")
    if opened is not None and opened > now:
        message = f"The deal was opened at {opened:%Y-%m-%d %H:%M} UTC, which has not come yet; taken as now."
        row.tell("OPP-035", message, field="opened_at", needed="an instant that has passed")
        opened = now
    if closes is None:
        closes = (opened or now).date()
        message = f"The deal has no close date; it is taken as {closes}."
        row.tell("OPP-002", message, field="close_date", found="", needed="a close date")
    if opened is None:
        closed_at = datetime.combine(closes, NOON, UTC)
        opened = min(closed_at, now) if values["stage"] in CLOSED else now
    values["opened_at"], values["close_date"] = opened, closes


def _tell_missing(row: ImportRow) -> None:
    values = row.values
    if values.get("amount") is None:
        row.tell("OPP-020", "The deal has no amount.", field="amount", found="", needed="an amount")
    if values.get("account") in (None, ""):
        message = "The deal names no account; it is kept under one for such deals until somebody names it."
        row.tell("OPP-002", message, field="account", found="", needed="an account")
    if missing := [label for name, label in _EXPECTED.items() if values.get(name) in (None, "")]:
        message = f"The deal says nothing about: {', '.join(missing)}."
        row.tell("OPP-002", message, weight=Weight.NOTICE, needed=", ".join(missing))
    if values.get("source") == Source.OTHER and not values.get("source_note"):
        values["source_note"] = ""
    stage, category = values["stage"], values.get("forecast_category")
    if stage not in CLOSED and category == ForecastCategory.CLOSED:
        message = "The deal is open, so it is not forecast as closed; taken as pipeline."
        row.tell("OPP-009", message, field="forecast_category", needed="a category of an open deal")
        values["forecast_category"] = str(ForecastCategory.PIPELINE)


def _put_accounts(rows: list[ImportRow]) -> None:
    """Turn the ids of accounts into records, in one query."""
    naming = [row.draft for row in rows if isinstance(row.draft.given.get("account"), int)]
    found = Account.objects.in_bulk({draft.given["account"] for draft in naming}) if naming else {}
    for draft in naming:
        draft.given["account"] = found.get(draft.given["account"])


def load(batch: Batch) -> None:
    """Load the known deals; in an ordinary import refuse what an edit would refuse."""
    load_visible(batch, batch.alive, "opportunities.opportunity")
    known = [row for row in batch.alive if row.record is not None and not row.is_same]
    moved = [row.record for row in known if row.values.get("stage") not in (None, row.record.stage)]
    here = moves.led_here(moved, migration=batch.migration)
    reasons = delays.Known()
    for row in known:
        if row.record.pk in here:
            _check_closing(row)
        if not batch.migration:
            _check_known(row, reasons)


def _check_closing(row: ImportRow) -> None:
    """Leave closing and reopening to their actions."""
    deal, values = row.record, row.values
    stage = values["stage"]
    if {stage, deal.stage} & set(CLOSED):
        message = f"The deal stands in {Stage(deal.stage).label} here; an import does not close or reopen it (INV-2.6)."
        row.tell("OPP-070", message, field="stage", needed="the stage it stands in")
        del values["stage"]


def _check_known(row: ImportRow, known: delays.Known) -> None:
    """Ask for the reason of a later close date (INV-2.4), of its kind, and leave what a closed deal was closed with."""
    deal, values = row.record, row.values
    closes = values.get("close_date")
    if closes is not None and closes > deal.close_date:
        probe = Draft(deal, {"close_date": closes, "slip_reason": values.get("slip_reason")})
        delays.check(probe, "As the file says", known)
        for one in probe.findings:
            row.reject(one.code, one.message, field=one.field, needed=one.needed)
    _check_step(row)
    for name in drafts.SETTLED & values.keys() if deal.stage in CLOSED else ():
        if values[name] is not None and values[name] != getattr(deal, name):
            message = "The deal is closed; what it was closed with stays. Reopen it first."
            row.reject("OPP-012", message, field=name, needed="an open deal")


def _check_step(row: ImportRow) -> None:
    """Refuse what an edit refuses of a next step; while it is overdue, every change of what is forecast (INV-2.3)."""
    given = {name: row.values[name] for name in _STEP if row.values.get(name) not in (None, "")}
    draft = Draft(row.record, given)
    next_steps.check(draft)
    if any(row.values.get(name) not in (None, "", getattr(row.record, name)) for name in fields.WATCHED):
        draft.findings += drafts.overdue_step(draft)
    for one in draft.findings:
        row.reject(one.code, one.message, field=one.field, found=one.found, needed=one.needed)


def write(batch: Batch) -> None:
    """Create the new rows and change the known ones, inside the open change."""
    fresh = [row.draft for row in batch.new]
    made = writing.write_new(fresh, batch.by, batch.system, migration=batch.migration)
    for row, deal in zip(batch.new, made, strict=True):
        row.record, row.record_id = deal, deal.pk
    writing.write_changed([_changing(row) for row in batch.changed], batch.by, migration=batch.migration)


def _changing(row: ImportRow) -> Draft:
    """Return what changed over there as a draft of the known deal; a reason of a later date goes with it."""
    given: dict[str, Any] = arriving.changes(row)
    for name in ("amount", "start_date", "next_step_on", "campaign", "primary_product", "use_case"):
        if given.get(name) == "":
            given[name] = None
    if "close_date" in given and row.values.get("slip_reason"):
        given["slip_reason"] = row.values["slip_reason"]
    draft = Draft(
        row.record, {name: value for name, value in given.items() if name not in BESIDE - {"owner"}}
    )
    draft.derived["stage_reason"] = row.values.get("stage_reason") or ""
    return draft
