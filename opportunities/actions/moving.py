"""Move open deals through their stages. Besides closing.py nothing else changes a stage. Source: d2."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actions import races
from opportunities import policies
from opportunities.actions import drafts, filling, intervals, reasons
from opportunities.enums import CLOSED, OPEN, ReasonKind, Stage, Via
from opportunities.models import Opportunity, Reason, StageInterval
from opportunities.policies import REQUIRED
from revops.kernel import audit, clocks, outbox
from revops.kernel import policies as kernel_policies
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import facts, required
from revops.kernel.policies.enums import Mode
from revops.kernel.records.drafting import Draft

_ORDER = {stage: place for place, stage in enumerate(OPEN)}


@races.told
def move_stage(
    *,
    by: User,
    pk: int,
    to: str,
    reason_code: str = "",
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Opportunity:
    """Move an open deal to another open stage; moving back needs a reason of kind “move back”.

    Going back clamps the forecast category to what the stage allows. `at` is when it moved, never before the deal
    came into its present stage. `changes` are fields that the deal lacked for it: they are written with it, or not at
    all. Raises Blocked with every finding, Conflict when somebody was faster.
    """
    with audit.change(by=by, action="opportunity.move_stage", reason=reason, at=at):
        deal = lock(by, pk, version)
        present = intervals.held(deal)
        findings = _check_move(deal, to)
        if findings:
            raise audit.Blocked(findings)
        filling.fill(deal, changes or {}, by, reason)
        stage, is_back = Stage(to), _ORDER[Stage(to)] < _ORDER[Stage(deal.stage)]
        why: Reason | None = None
        if is_back:
            why, findings = reasons.named(
                ReasonKind.REGRESS, reason_code, said=reason, field="reason_code", refusal="OPP-033"
            )
        findings += against(deal, present, stage)
        if findings:
            raise audit.Blocked(findings)
        before = deal.stage
        stages = policies.stages(deal.segment)
        via = Via.REGRESSED if is_back else Via.MOVED
        intervals.turn([intervals.Turn(deal, present, stage, stages, via, why, reason)])
        explain(why, reason)
        audit.write(deal)
        tell("opportunity.stage_moved", deal, {"from": before, "back": is_back})
        return deal


def lock(by: User, pk: int, version: int | None) -> Opportunity:
    """Return the deal locked, for somebody who may move it. Raises DoesNotExist, Conflict, Forbidden."""
    deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
    access.require(by, "transition", deal)
    return deal


def check_open(deal: Opportunity) -> list[Finding]:
    if deal.stage not in CLOSED:
        return []
    label = Stage(deal.stage).label
    message = f"The deal is closed ({label}). Reopen it first."
    return [Finding("OPP-031", message, field="stage", found=deal.stage, needed="an open deal")]


def _check_move(deal: Opportunity, to: str) -> list[Finding]:
    needed = ", ".join(stage for stage in OPEN if stage != deal.stage)
    if to not in Stage.values:
        message = f"{to[:20]!r} is not a stage. Choose one of {needed}."
        return [Finding("OPP-030", message, field="to", found=to[:20], needed=needed)]
    if to in CLOSED:
        message = (
            "A deal is closed by winning or losing it, not by a move. Use “Close as won” or “Close as lost”."
        )
        return [Finding("OPP-030", message, field="to", found=to, needed=needed)]
    if to == deal.stage:
        message = f"The deal is in {Stage(to).label} already. Choose another stage."
        return [Finding("OPP-032", message, field="to", found=to, needed=needed)]
    return check_open(deal)


def against(deal: Opportunity, present: StageInterval, to: Stage) -> list[Finding]:
    """Return what speaks against bringing a deal into `to`: the instant, an overdue next step, what it would lack."""
    overdue = drafts.overdue_step(Draft(deal, {})) if to in OPEN else []
    return intervals.timing(present) + overdue + lacking(deal, to)


def lacking(deal: Opportunity, stage: str, *, mode: Mode | None = Mode.ENFORCE) -> list[Finding]:
    """Return the required fields that a stored deal would lack in `stage`, as far as the policy insists."""
    policy = kernel_policies.get(REQUIRED.key, {"segment": deal.segment})
    schema, paths = facts.get("opportunities.opportunity"), required.paths(policy, mode=mode)
    in_hand = [path for path in paths if path in schema.by_path and schema.by_path[path].in_hand]
    held: dict[str, Any] = schema.of(deal, in_hand)
    others = [path for path in paths if path not in held]
    if others:
        held |= schema.fetch(Opportunity.objects.filter(pk=deal.pk), others)[deal.pk]
    held["opportunity.stage"] = stage
    return [one.finding for one in required.missing(policy, held, clocks.now(), mode=mode)]


def explain(why: Reason | None, reason: str) -> None:
    """Let the trail name the governed reason where nothing was written beside it."""
    change = audit.current()
    if why is not None:
        change.reason = f"{why.label}: {reason}" if reason.strip() else why.label


def tell(event: str, deal: Opportunity, more: dict[str, Any]) -> None:
    """Emit that a deal came into its stage."""
    told = {"stage": deal.stage, "owner": deal.owner_id, "category": deal.forecast_category, **more}
    outbox.emit(event, deal, told | {"by": audit.current().by.pk})
