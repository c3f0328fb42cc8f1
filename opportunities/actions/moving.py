"""Move open deals through their stages, past the gates on the way. Besides closing.py nothing else changes a stage."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.actions import races
from opportunities import policies
from opportunities.actions import drafts, filling, gating, intervals, reasons
from opportunities.actions.gating import ADVANCE, LOSE, REGRESS, WIN
from opportunities.enums import CLOSED, OPEN, ReasonKind, Stage, Via
from opportunities.models import Opportunity, Reason, StageInterval
from opportunities.policies import REQUIRED
from revops.kernel import audit, clocks, outbox
from revops.kernel import policies as kernel_policies
from revops.kernel.audit import Finding, Remedy
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import facts, required
from revops.kernel.policies.enums import Mode
from revops.kernel.records.boards import Deed
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
    deeds: Sequence[Deed] = (),
    acknowledge: Collection[str] = (),
    way: str = "",
    idem: str = "",
) -> Opportunity:
    """Move an open deal to another open stage, for a reason of kind “advance” or “move back”.

    Forward it passes the gates of every stage that it leaves (INV-2.1); going back clamps the forecast category to
    what the stage allows. `at` is when it moved, never before the deal came into its present stage. `changes` are
    fields that the deal lacked for it, `deeds` what else it lacked: they are written with it, or not at all.
    `acknowledge` names criteria that only warn; `way` refuses the other direction (“advance” or “regress”). Raises
    Blocked with every finding, Conflict when somebody was faster.
    """
    with audit.change(by=by, action="opportunity.move_stage", reason=reason, at=at):
        deal = lock(by, pk, version)
        present = intervals.held(deal)
        findings = _check_move(deal, to) or _check_way(deal, Stage(to), way)
        if findings:
            raise audit.Blocked(findings)
        filling.fill(deal, changes or {}, by, reason, deeds)
        stage = Stage(to)
        transition = REGRESS if is_back(deal, stage) else ADVANCE
        why, findings = because(transition, reason_code, reason, "reason_code")
        explain(why, reason)
        step(
            deal,
            present,
            stage,
            transition,
            why=why,
            note=reason,
            findings=findings,
            acknowledge=acknowledge,
            idem=idem,
        )
        return deal


def because(transition: str, code: str, said: str, field: str) -> tuple[Reason | None, list[Finding]]:
    """Return the governed reason of a move, and what speaks against it: every advance and every move back has one."""
    kind, refusal = _REASONED[transition]
    return reasons.named(kind, code, said=said, field=field, refusal=refusal)


def is_back(deal: Opportunity, to: Stage) -> bool:
    """Say whether an open stage lies before the one in which an open deal stands."""
    return _ORDER[to] < _ORDER[Stage(deal.stage)]


def step(
    deal: Opportunity,
    present: StageInterval,
    to: Stage,
    transition: str,
    *,
    why: Reason | None = None,
    note: str = "",
    findings: Sequence[Finding] = (),
    acknowledge: Collection[str] = (),
    idem: str = "",
) -> None:
    """Bring a locked deal into another open stage, or win it, in the open change. Raises Blocked with everything."""
    told = [*findings, *against(deal, present, to)]
    gating.pass_through(deal, transition, to, findings=told, acknowledge=acknowledge, idem=idem)
    before, via = deal.stage, _VIA[transition]
    intervals.turn([intervals.Turn(deal, present, to, policies.stages(deal.segment), via, why, note)])
    audit.write(deal)
    if to == Stage.CLOSED_WON:
        amount = None if deal.amount is None else str(deal.amount)
        tell("opportunity.won", deal, {"from": before, "amount": amount, "currency": deal.currency})
    else:
        tell("opportunity.stage_moved", deal, {"from": before, "back": transition == REGRESS})


_REASONED = {ADVANCE: (ReasonKind.ADVANCE, "OPP-036"), REGRESS: (ReasonKind.REGRESS, "OPP-033")}
_VIA = {ADVANCE: Via.MOVED, REGRESS: Via.REGRESSED, WIN: Via.WON}


def by_edit(deal: Opportunity, to: Stage, code: str, reason: str, findings: Sequence[Finding]) -> None:
    """Bring a locked deal into the stage that an edit names, inside its change, as the transition that leads there.

    `code` is the governed reason that the edit names beside it. What losing asks for is asked for by its own form.
    `findings` speak against the other fields. Raises Blocked with everything that speaks against either.
    """
    closed = check_open(deal)
    if closed:
        raise audit.Blocked([*findings, *closed])
    present = intervals.held(deal)
    told = [*findings]
    if to == Stage.CLOSED_LOST:
        told.append(_by_form(deal, to, "Why it was lost is asked for when it is closed.", "close_lost/"))
        gating.pass_through(deal, LOSE, to, findings=[*told, *intervals.timing(present)])
    if to == Stage.CLOSED_WON:
        step(deal, present, to, WIN, note=reason, findings=told)
        return
    transition = REGRESS if is_back(deal, to) else ADVANCE
    why, against_it = because(transition, code, reason, "stage_reason")
    explain(why, reason)
    step(deal, present, to, transition, why=why, note=reason, findings=[*told, *against_it])


def _by_form(deal: Opportunity, to: Stage, why: str, form: str) -> Finding:
    remedy = Remedy(f"Bring it into {to.label}", f"{deal.get_absolute_url()}do/{form}")
    message = f"{why} Use “{remedy.label}”."
    return Finding(
        "OPP-030", message, field="stage", found=str(to), needed="its own form", remedies=(remedy,)
    )


def lock(by: User, pk: int, version: int | None) -> Opportunity:
    """Return the deal locked, for somebody who may move it. Raises DoesNotExist, Conflict, Forbidden."""
    deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
    may = access.rights(by, "opportunities.opportunity").action("transition")
    if (
        deal.owner_id != by.pk or may == access.Scope.NONE
    ):  # what one owns is within every scope: no need to ask
        access.require(by, "transition", deal)
    return deal


def check_open(deal: Opportunity) -> list[Finding]:
    """Return a finding where a deal is closed: it is reopened first."""
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


def _check_way(deal: Opportunity, to: Stage, way: str) -> list[Finding]:
    actual = REGRESS if is_back(deal, to) else ADVANCE
    if way in ("", actual):
        return []
    message = f"From {Stage(deal.stage).label} to {to.label} a deal does not “{way}”. Use “{actual}”."
    return [Finding("OPP-030", message, field="to", found=str(to), needed=actual)]


def against(deal: Opportunity, present: StageInterval, to: Stage) -> list[Finding]:
    """Return what speaks against bringing a deal into `to`: the instant, an overdue next step, what it would lack."""
    late = overdue(deal) if to in OPEN else []
    return intervals.timing(present) + late + lacking(deal, to)


def overdue(deal: Opportunity) -> list[Finding]:
    """Return a finding where the next step of a deal is overdue: no move before it is said what comes next."""
    return drafts.overdue_step(Draft(deal, {}))


def lacking(deal: Opportunity, stage: str, *, mode: Mode | None = Mode.ENFORCE) -> list[Finding]:
    """Return the required fields that a stored deal would lack in `stage`, as far as the policy insists."""
    policy = kernel_policies.get_sound(REQUIRED.key, {"segment": deal.segment})
    schema, paths = facts.get("opportunities.opportunity"), required.paths(policy, mode=mode)
    in_hand = [path for path in paths if path in schema.by_path and schema.by_path[path].in_hand]
    held: dict[str, Any] = schema.of(deal, in_hand)
    others = [path for path in paths if path not in held]
    if others:
        held |= schema.about(deal.pk, others)
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
