"""Close deals and open them again. Besides moving.py nothing else changes a stage. Source: d2, appendix B."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from accounts.actions import races
from opportunities import policies
from opportunities.actions import drafts, filling, gating, intervals, moving, next_steps, reasons
from opportunities.enums import CLOSED, OPEN, ForecastCategory, LostSource, ReasonKind, Stage, Via
from opportunities.models import Opportunity, Reason, StageInterval
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.boards import Deed

# What says that there was no competitor.
_NOBODY = frozenset({"", "none", "no decision"})


@races.told
def close_won(
    *,
    by: User,
    pk: int,
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
    deeds: Sequence[Deed] = (),
    acknowledge: Collection[str] = (),
    idem: str = "",
) -> Opportunity:
    """Win an open deal past the gates of its stage, of every later one, and the won gate (INV-2.6).

    It is booked at `at` and forecast as closed. `changes` are fields that the deal lacked for it, `deeds` what else
    it lacked: they are written with it, or not at all. `acknowledge` names criteria that only warn.
    """
    with audit.change(by=by, action="opportunity.close_won", reason=reason, at=at):
        deal = moving.lock(by, pk, version)
        present = intervals.held(deal)
        findings = moving.check_open(deal)
        if findings:
            raise audit.Blocked(findings)
        filling.fill(deal, changes or {}, by, reason, deeds)
        moving.step(
            deal, present, Stage.CLOSED_WON, gating.WIN, note=reason, acknowledge=acknowledge, idem=idem
        )
        return deal


@races.told
def close_lost(
    *,
    by: User,
    pk: int,
    reason_code: str,
    competitor: str = "",
    last_buyer_contact_on: date | None = None,
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
    acknowledge: Collection[str] = (),
    idem: str = "",
) -> Opportunity:
    """Lose an open deal because the buyer declined, for a reason of kind “loss”, past the criteria of losing.

    `competitor` may be “none” or “no decision”; `last_buyer_contact_on` is the day on which the buyer was last heard,
    where no activity tells it.
    """
    with audit.change(by=by, action="opportunity.close_lost", reason=reason, at=at):
        deal = moving.lock(by, pk, version)
        present = intervals.held(deal)
        findings = moving.check_open(deal)
        if findings:
            raise audit.Blocked(findings)
        why, findings = reasons.named(
            ReasonKind.LOSS,
            reason_code,
            said=reason,
            field="reason_code",
            refusal="OPP-041",
            needed=False,
        )
        rival = competitor.strip() or deal.competitor
        findings += _check_competitor(why, rival) + _check_contact(last_buyer_contact_on)
        findings += intervals.timing(present)
        deal.loss_reason, deal.competitor, deal.loss_note = why, rival[:120], reason[:400]
        deal.lost_source = LostSource.BUYER_DECLINED
        deal.last_buyer_contact_on = last_buyer_contact_on or deal.last_buyer_contact_on
        moving.explain(why, reason)
        gating.pass_through(
            deal, gating.LOSE, Stage.CLOSED_LOST, findings=findings, acknowledge=acknowledge, idem=idem
        )
        before = deal.stage
        stages = policies.stages(deal.segment)
        intervals.turn([intervals.Turn(deal, present, Stage.CLOSED_LOST, stages, Via.LOST, why, reason)])
        audit.write(deal)
        moving.tell(
            "opportunity.lost", deal, {"from": before, "reason": reason_code, "source": deal.lost_source}
        )
        return deal


@races.told
def reopen(
    *,
    by: User,
    pk: int,
    reason_code: str,
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
    idem: str = "",
) -> Opportunity:
    """Open a closed deal again, in the last open stage it stood in; the closed interval stays (INV-2.8).

    A lost deal is reopened by its owner within 30 days and later by a manager, a won one by Finance alone. The
    category begins again as pipeline.
    """
    with audit.change(by=by, action="opportunity.reopen", reason=reason, at=at):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        findings = _check_reopen(deal, by)
        present = intervals.held(deal)
        why, wrong = reasons.named(
            ReasonKind.REOPEN, reason_code, said=reason, field="reason_code", refusal="OPP-043"
        )
        findings += wrong + intervals.timing(present)
        before, stage = deal.stage, last_open_stage(deal)
        gating.pass_through(deal, gating.REOPEN, stage, findings=findings, idem=idem)
        deal.forecast_category = ForecastCategory.PIPELINE
        stages = policies.stages(deal.segment)
        intervals.turn([intervals.Turn(deal, present, stage, stages, Via.REOPENED, why, reason)])
        deal.loss_reason, deal.loss_note, deal.lost_source = None, "", ""
        moving.explain(why, reason)
        next_steps.place([deal])
        audit.write(deal)
        moving.tell("opportunity.reopened", deal, {"from": before})
        return deal


def _check_contact(on: date | None) -> list[Finding]:
    if on is None or on <= drafts.today():
        return []
    message = (
        f"The last contact with the buyer is on {on}, which has not come yet. Give today or an earlier day."
    )
    return [
        Finding("OPP-045", message, field="last_buyer_contact_on", found=str(on), needed="today or earlier")
    ]


def _check_competitor(why: Reason | None, competitor: str) -> list[Finding]:
    if why is None or not why.requires_competitor or competitor.casefold() not in _NOBODY:
        return []
    message = f"“{why.label}” needs the competitor: name who won."
    return [Finding("OPP-042", message, field="competitor", needed="the competitor's name")]


def _check_reopen(deal: Opportunity, by: User) -> list[Finding]:
    """Return what speaks against reopening a deal. Raises Forbidden for a role that may not."""
    if deal.stage == Stage.CLOSED_WON:
        access.require(by, "reopen_won", deal)
        return []
    access.require(by, "transition", deal)
    if deal.stage not in CLOSED or deal.closed_at is None:
        message = f"The deal is open ({Stage(deal.stage).label}). There is nothing to reopen."
        return [Finding("OPP-044", message, field="stage", found=deal.stage, needed="a closed deal")]
    limit = policies.stages(deal.segment).reopen_days
    passed = audit.current().occurred_at - deal.closed_at
    if passed <= timedelta(days=limit) or access.allowed(by, "reopen_late", deal):
        return []
    message = (
        f"The deal was lost {passed.days} days ago; its owner reopens it within {limit} days. "
        "Ask a manager to reopen it."
    )
    return [
        Finding(
            "OPP-040", message, field="stage", found=f"{passed.days} days", needed=f"at most {limit} days"
        )
    ]


def last_open_stage(deal: Opportunity) -> Stage:
    """Return the last open stage a deal stood in; the first one where it never stood in any (imported closed)."""
    rows = StageInterval.objects.filter(opportunity=deal, stage__in=OPEN)
    last = rows.latest_first().values_list("stage", flat=True).first()
    return Stage(last or Stage.QUALIFICATION)
