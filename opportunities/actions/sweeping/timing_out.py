"""Closing deals whose buyers never answered: as lost, for the reason “timed out”, past the criteria of losing."""

from collections.abc import Sequence

from opportunities import policies
from opportunities.actions import gating, intervals, moving
from opportunities.actions.sweeping.looking import Run
from opportunities.enums import LostSource, ReasonKind, Stage, Via
from opportunities.models import Opportunity, Reason, StageInterval
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates import attempts
from revops.kernel.gates.passing import Refused

CODE = "timed_out"
NOBODY = "no decision"
_SET = ("loss_reason_id", "competitor", "loss_note", "lost_source")


def close(deals: Sequence[Opportunity], run: Run) -> list[Opportunity]:
    """Lose locked deals in the open change; return those that the gate of losing let through.

    What it refuses stays open, and the attempt is kept with every reason. Nobody is named as the competitor where none
    was known: the buyer decided for nobody.
    """
    if not deals:
        return []
    why = Reason.objects.filter(kind=ReasonKind.LOSS, code=CODE).first()
    held = {row.opportunity_id: row for row in _present(deals)}
    passed = [deal for deal in deals if _passes(deal, held[deal.pk], why, run)]
    note = f"No decision: timed out ({run.policy.ref})"
    before = {deal.pk: deal.stage for deal in passed}
    intervals.turn(
        [
            intervals.Turn(
                deal, held[deal.pk], Stage.CLOSED_LOST, policies.stages(deal.segment), Via.LOST, why, note
            )
            for deal in passed
        ]
    )
    audit.write_many(passed)
    for deal in passed:
        told = {"from": before[deal.pk], "reason": CODE, "source": deal.lost_source}
        moving.tell("opportunity.lost", deal, told)
        outbox.emit("opportunity.auto_closed", deal, {"owner": deal.owner_id, **told})
    return passed


def _present(deals: Sequence[Opportunity]) -> list[StageInterval]:
    return lock_many(StageInterval.objects.filter(opportunity__in=deals, active_to__isnull=True))


def _passes(deal: Opportunity, present: StageInterval, why: Reason | None, run: Run) -> bool:
    """Say whether the gate lets a deal be lost; one that it does not stays as it was."""
    before = {name: getattr(deal, name) for name in _SET}
    deal.loss_reason, deal.competitor = why, deal.competitor or NOBODY
    deal.loss_note, deal.lost_source = f"Timed out by {run.policy.ref}", LostSource.TIMED_OUT_POLICY
    try:
        gating.pass_through(deal, gating.LOSE, Stage.CLOSED_LOST, findings=intervals.timing(present))
    except Refused as refusal:
        attempts.keep_here(refusal)
        for name, value in before.items():
            setattr(deal, name, value)
        return False
    return True
