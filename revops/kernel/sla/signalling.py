"""What happens around a record stops, pauses, resumes, cancels and starts its clocks. Source: M5."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from revops.kernel.audit.writing import lock_many
from revops.kernel.policies import rules
from revops.kernel.policies.rules import Outcome
from revops.kernel.sla import keeping, starting, subjects
from revops.kernel.sla.bodies import SlaBody
from revops.kernel.sla.documents import of_type
from revops.kernel.sla.enums import SignalKind
from revops.kernel.sla.models import SlaClock, SlaSignal
from revops.kernel.sla.starting import Facts, declared, moment, signal_of

_BY_TERM = (
    ("stop_on", SignalKind.STOP),
    ("cancel_on", SignalKind.CANCEL),
    ("pause_on", SignalKind.PAUSE),
    ("resume_on", SignalKind.RESUME),
)


def signal(
    subject: Any,
    event: str,
    *,
    at: datetime | None = None,
    evidence: Mapping[str, Any] | None = None,
    facts: Facts | None = None,
) -> list[SlaClock]:
    """Tell the clocks of a record that something happened, in the change that is open; return those it moved.

    `at` is when it happened: what becomes known late counts where it belongs, and what was told of a breach is
    corrected. A stop needs evidence that its document takes for one; other evidence is kept and moves nothing. An event
    that starts clocks starts those that do not run. Raises Blocked for what has not happened yet.
    """
    record_type, pk = subjects.label_of(subject)
    happened = moment(at)
    clocks = lock_many(SlaClock.objects.filter(subject_type=record_type, subject_id=pk))
    touched = []
    for clock in _then(clocks, happened):
        found = [*_told(clock, event, happened, evidence or {}), *_ruled(clock, subject, facts, happened)]
        if found:
            touched.append((clock, found))
    if touched:
        sheets = keeping.sheets([clock for clock, _ in touched])
        for sheet, (_, found) in zip(sheets, touched, strict=True):
            sheet.signals += found
        starting.settle(sheets)
    return [clock for clock, _ in touched] + _started(subject, event, happened, facts, clocks)


def _then(clocks: Iterable[SlaClock], at: datetime) -> list[SlaClock]:
    """Return the cycle of each policy that the instant belongs to: the last one that had begun by then."""
    found = []
    for cycles in keeping.by_policy(clocks).values():
        begun = [clock for clock in cycles if clock.started_at <= at]
        found += begun[:1]
    return sorted(found, key=lambda clock: clock.pk)


def _told(clock: SlaClock, event: str, at: datetime, evidence: Mapping[str, Any]) -> list[SlaSignal]:
    """Return what the event says to one clock by the clock's own terms."""
    if clock.stopped_at is not None and at >= clock.stopped_at:
        return []
    found = []
    for term, kind in _BY_TERM:
        if event in clock.terms[term]:
            counts = kind != SignalKind.STOP or _qualifies(clock, event, evidence)
            found.append(signal_of(clock, kind, event, at, counts=counts, evidence=evidence))
    return found


def _qualifies(clock: SlaClock, event: str, evidence: Mapping[str, Any]) -> bool:
    document = declared(clock)
    return document is None or document.qualifies is None or document.qualifies(event, evidence)


def _ruled(clock: SlaClock, subject: Any, facts: Facts | None, at: datetime) -> list[SlaSignal]:
    """Return the pause or its end that the facts of the record ask for now; a pause by an event is left alone."""
    if clock.terms["pause_when"] is None or clock.stopped_at is not None:
        return []
    document = declared(clock)
    if document is None:
        return []
    body = document.read(clock.terms)
    if not isinstance(body, SlaBody) or body.pause_rule is None:
        return []
    outcome = rules.evaluate(body.pause_rule, starting.read(body, subject, facts), at).outcome
    stands = clock.running_since is None
    if outcome == Outcome.TRUE and not stands:
        return [signal_of(clock, SignalKind.PAUSE, "pause_when", at)]
    if outcome == Outcome.FALSE and stands and _paused_by_rule(clock):
        return [signal_of(clock, SignalKind.RESUME, "pause_when", at)]
    return []


def _paused_by_rule(clock: SlaClock) -> bool:
    last = (
        SlaSignal.objects.filter(clock=clock, kind=SignalKind.PAUSE, counts=True)
        .order_by("-at", "-pk")
        .first()
    )
    return last is not None and last.event == "pause_when"


def _started(
    subject: Any, event: str, at: datetime, facts: Facts | None, known: Iterable[SlaClock]
) -> list[SlaClock]:
    """Start the clocks that this event starts and that do not run."""
    running = {clock.policy_key for clock in known if clock.stopped_at is None}
    return [
        starting.start(document.key, subject, at=at, facts=facts)
        for document in of_type(subject._meta.label_lower)
        if document.key not in running and event in starting.terms(document.key, None, at).body.start_on
    ]


def cancel(
    subject: Any, policy_key: str, *, at: datetime | None = None, event: str = "cancelled"
) -> SlaClock | None:
    """Cancel the open clock of a policy for a record, in the change that is open; None where none is open."""
    record_type, pk = subjects.label_of(subject)
    happened = moment(at)
    clocks: list[SlaClock] = lock_many(
        SlaClock.objects.filter(
            policy_key=policy_key, subject_type=record_type, subject_id=pk, stopped_at__isnull=True
        )
    )
    for clock in clocks:
        (sheet,) = keeping.sheets([clock])
        when = max(happened, clock.started_at)
        sheet.signals.append(signal_of(clock, SignalKind.CANCEL, event, when))
        starting.settle([sheet])
        return clock
    return None
