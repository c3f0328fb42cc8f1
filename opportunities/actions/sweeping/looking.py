"""Which deals something may be due about, found in SQL, and what is known of each of a batch. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from opportunities.enums import OPEN, SweepStep
from opportunities.models import IdleStep, Opportunity
from opportunities.policies import days, stale
from opportunities.policies.silence import STEPS, Silence, closes_from
from opportunities.policies.stale import Patience, Stale
from revops.kernel.clocks import timelines
from revops.kernel.clocks.timelines import Hours
from revops.kernel.policies.resolving import InForce


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the sweep goes by: its instant and day, the policy in force, the calendar of its notices."""

    now: datetime
    today: date
    policy: InForce
    body: Stale
    hours: Hours

    def patience(self, deal: Opportunity) -> Patience:
        return self.body.of(deal.segment)

    def notice_ends(self, given_at: datetime) -> date | None:
        """Return the first day after the business days of a final notice."""
        return closes_from(given_at, self.hours, self.body.notice_business_days)


def begin(now: datetime) -> Run:
    """Return what a run at `now` goes by, in two queries for the calendar."""
    policy, body = stale.in_force(now)
    hours = timelines.load([body.calendar])[body.calendar]
    return Run(now, days.today(now), policy, body, hours)


def candidates(run: Run) -> QuerySet[Opportunity]:
    """Return the open deals about which a step may be due; those whose steps are all taken are not among them.

    Thresholds are those of the deal's segment today. What is kept from being closed is looked at anew every day.
    """
    meeting, kept, due = stale.meeting_ahead(run.now), stale.excluded(run.now), Q(pk__in=[])
    for one in run.body.segments:
        here = Q(segment=one.segment)
        for step in STEPS:
            old = here & days.silent_for(one.after(step), run.today) & ~_taken(STEPS[STEPS.index(step) :])
            if step == SweepStep.NUDGE:
                old &= ~meeting
            elif step == SweepStep.CLOSE:
                old &= _taken((SweepStep.NOTICE,)) & ~kept
            due |= old
    found: QuerySet[Opportunity] = open_deals().annotate(silent_since=days.silent_since()).filter(due)
    return found


def open_deals() -> Any:
    """Return the deals that are swept at all."""
    return Opportunity.objects.filter(stage__in=OPEN, tombstone_of__isnull=True)


def _taken(steps: Sequence[str]) -> Q:
    """Return the condition that one of these steps was taken in the present episode of a deal."""
    rows = IdleStep.objects.filter(
        opportunity=OuterRef("pk"), silent_since=OuterRef("silent_since"), step__in=list(steps)
    )
    return Q(Exists(rows))


def look(deals: Sequence[Opportunity], run: Run) -> Mapping[int, Silence]:
    """Return what is known of locked deals: silence, steps that were taken, what keeps them open; two queries."""
    marks = _marks([deal.pk for deal in deals], run.now)
    since = {deal.pk: days.today(deal.last_buyer_activity_at or deal.opened_at) for deal in deals}
    done: dict[int, dict[str, datetime]] = {}
    rows = IdleStep.objects.filter(opportunity__in=deals)
    for pk, begun, step, taken_at in rows.values_list("opportunity_id", "silent_since", "step", "taken_at"):
        if begun == since[pk]:
            done.setdefault(pk, {})[step] = taken_at
    found = {}
    for deal in deals:
        steps, (meeting, kept) = done.get(deal.pk, {}), marks[deal.pk]
        told_at = steps.get(SweepStep.NOTICE)
        found[deal.pk] = Silence(
            since=since[deal.pk],
            today=run.today,
            done=tuple(steps),
            meeting=meeting,
            kept=kept,
            closes_from=None if told_at is None else run.notice_ends(told_at),
        )
    return found


def _marks(pks: Sequence[int], now: datetime) -> dict[int, tuple[bool, tuple[str, ...]]]:
    """Return for each deal whether an accepted meeting lies ahead, and what keeps it from being closed."""
    asked = {"meeting": stale.meeting_ahead(now)}
    known = stale.exclusions()
    asked |= {f"kept_{number}": one.condition(now) for number, one in enumerate(known)}
    marked = {name: ExpressionWrapper(held, BooleanField()) for name, held in asked.items()}
    rows = Opportunity.objects.filter(pk__in=pks).annotate(**marked).values("pk", *marked)
    return {
        row["pk"]: (
            bool(row["meeting"]),
            tuple(one.says for number, one in enumerate(known) if row[f"kept_{number}"]),
        )
        for row in rows
    }
