"""Why a deal stalls: asked for by a clock when its silence is escalated, said once an episode. Source: d2, addenda."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from opportunities.actions import reasons
from opportunities.actions.reasons import ReasonChoices
from opportunities.enums import CLOSED, OPEN, ReasonKind, SweepStep
from opportunities.models import IdleStep, Opportunity
from opportunities.policies import days, stale
from revops.kernel import audit, clocks, outbox, sla
from revops.kernel.audit import Finding
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction
from revops.kernel.sla.models import SlaClock
from revops.kernel.sla.starting import start_many

CLOCK = "opportunities.stall_reason"
SAID, OVER = "opportunity.stall_explained", "opportunity.stall_over"
LABEL = "opportunities.opportunity"

sla.document(
    key=CLOCK,
    title="Reason of a stalled deal",
    target=sla.length(2, "business_days"),
    source="Addenda, Funnel: a stall reason within 2 business days of an escalation",
    record_type=LABEL,
    stop_on=(SAID,),
    cancel_on=(OVER,),
    help="How long the owner of a deal has to say why it stalls, once its silence was escalated.",
)


def ask(deals: Sequence[Opportunity]) -> None:
    """Start the clock for the reason of deals that were escalated, in the open change; one that runs goes on."""
    start_many(CLOCK, deals)


def give_stall_reason(
    *, by: User, pk: int, reason_code: str, reason: str = "", version: int | None = None
) -> Opportunity:
    """Say why a deal stalls whose silence was escalated, for a reason of kind “stall”; its clock stops.

    It stays with the escalation. Raises Blocked where nothing was escalated or it was said already.
    """
    with audit.change(by=by, action="opportunity.give_stall_reason", reason=reason):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "transition", deal)
        step = next(iter(lock_many(_escalation(deal))), None)
        why, findings = reasons.named(
            ReasonKind.STALL, reason_code, said=reason, field="reason_code", refusal="OPP-091"
        )
        findings += _against(deal, step)
        if findings or step is None or why is None:
            raise audit.Blocked(findings)
        change = audit.current()
        change.reason = f"{why.label}: {reason}" if reason.strip() else why.label
        step.reason_code, step.note = why.code, reason[:400]
        step.said_by, step.said_at = by, change.recorded_at
        audit.write(step)
        sla.signal(deal, SAID, evidence={"reason": why.code})
        outbox.emit(SAID, step, {"opportunity": deal.pk, "owner": deal.owner_id, "reason": why.code})
        return deal


def let_go(now: datetime) -> int:
    """Cancel the clocks of deals that are closed or whose buyer was heard since: nobody asks any more; return how many.

    A change a deal: they are few, and none of them waits for another.
    """
    gone = 0
    for pk in _unasked():
        with audit.change(by=User.objects.system(), action="opportunity.end_stall_clock", reason=OVER):
            deal: Opportunity = audit.lock(Opportunity.objects.all(), pk=pk)
            if not _asks(deal):
                sla.signal(deal, OVER, at=now)
                gone += 1
    return gone


def _unasked() -> list[int]:
    """Return the deals with an open clock of which no reason is asked in their present episode."""
    running = SlaClock.objects.filter(policy_key=CLOCK, subject_type=LABEL, stopped_at__isnull=True)
    asked = IdleStep.objects.filter(
        opportunity=OuterRef("pk"),
        silent_since=OuterRef("silent_since"),
        step=SweepStep.ESCALATE,
        reason_code="",
    )
    held = Opportunity.objects.filter(pk__in=running.values("subject_id"))
    quiet = held.annotate(silent_since=days.silent_since()).exclude(Exists(asked), stage__in=OPEN)
    return list(quiet.order_by("pk").values_list("pk", flat=True))


def _episode(deal: Opportunity) -> date:
    return days.today(deal.last_buyer_activity_at or deal.opened_at)


def _escalation(deal: Opportunity) -> Any:
    """Return the escalation of the present episode of a deal, as a queryset of at most one row."""
    return IdleStep.objects.filter(opportunity=deal.pk, silent_since=_episode(deal), step=SweepStep.ESCALATE)


def _against(deal: Opportunity, step: IdleStep | None) -> list[Finding]:
    if deal.stage in CLOSED:
        message = "The deal is closed. Why it stalled is asked of open deals alone."
        return [Finding("OPP-092", message, field="stage", found=deal.stage, needed="an open deal")]
    if step is None:
        message = "The silence of this deal was not escalated, so nobody asks why it stalls."
        return [Finding("OPP-092", message, field="reason_code", needed="an escalation")]
    if step.reason_code:
        message = f"Why it stalls was said already: {step.reason_code}. The next escalation asks again."
        return [
            Finding("OPP-093", message, field="reason_code", found=step.reason_code, needed="no reason yet")
        ]
    return []


def _run(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Opportunity:
    given = answers(STALL, values)
    code = given.get("reason_code") or ""
    return give_stall_reason(by=by, pk=pk, reason_code=code, reason=reason, version=version)


def _asks(deal: Opportunity) -> bool:
    """Say whether a reason is waited for; one query, for deals alone that have been silent long enough."""
    _, body = stale.in_force()
    least = min(one.escalate for one in body.segments)
    if deal.stage in CLOSED or (days.today(clocks.now()) - _episode(deal)).days < least:
        return False
    return bool(_escalation(deal).filter(reason_code="").exists())


STALL = RecordAction(
    "give_stall_reason",
    "Say why it stalls",
    (
        Field(
            "reason_code",
            "Why it stalls",
            FieldKind.CHOICE,
            choices=ReasonChoices(ReasonKind.STALL),
            required=True,
            kept=True,
        ),
    ),
    _run,
    icon="player-pause",
    help="Asked for within two business days once the silence of the buyer was escalated.",
    right="transition",
    fits=_asks,
)
