"""Starting a clock: under which terms, towards which target, by whose hours. Source: M5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from revops.kernel import audit, clocks, policies
from revops.kernel.audit import Finding
from revops.kernel.audit.writing import lock_many
from revops.kernel.clocks.business import CalendarExhausted
from revops.kernel.clocks.timelines import Hours
from revops.kernel.identity.models import User
from revops.kernel.policies import documents, rules
from revops.kernel.policies import facts as vocabulary
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, Rule
from revops.kernel.sla import hours as calendars
from revops.kernel.sla import keeping, subjects
from revops.kernel.sla.arithmetic import whole
from revops.kernel.sla.bodies import Length, SlaBody
from revops.kernel.sla.documents import SlaDocument
from revops.kernel.sla.enums import EventKind, Measure, Reopen, SignalKind
from revops.kernel.sla.keeping import Sheet
from revops.kernel.sla.models import SlaClock, SlaSignal
from revops.kernel.sla.moving import Happening, Moved, move

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy in force and its terms."""

    policy: InForce
    body: SlaBody


def terms(key: str, scope: Mapping[str, Any] | None, at: datetime) -> Terms:
    """Return the terms in force at `at`; terms that cannot be read any more give way to those that are shipped."""
    policy = policies.get_sound(key, scope, at)
    if not isinstance(policy.body, SlaBody):
        raise TypeError(f"{policy.key} is no clock: declare it with sla.document.")
    return Terms(policy, policy.body)


def moment(at: datetime | None) -> datetime:
    """Return when something happened, as a whole second. Raises Blocked for what has not happened yet."""
    happened, now = at or audit.happening_at(), clocks.now()
    if happened > max(now, audit.current().occurred_at):
        message = f"{happened:%d %B %Y %H:%M} has not come yet. Give the time at which it happened."
        raise audit.Blocked(
            [
                Finding(
                    "SLA-001", message, field="occurred_at", found=str(happened), needed=f"{now} or earlier"
                )
            ]
        )
    return whole(happened)


def start(
    policy_key: str,
    subject: Any,
    *,
    at: datetime | None = None,
    facts: Facts | None = None,
    owner: User | int | None = None,
    scope: Mapping[str, Any] | None = None,
) -> SlaClock:
    """Start the clock of a policy for a record, in the change that is open; one that is open already runs on.

    One that is over begins a new cycle, counts on or stays as it is, by its terms. `facts` are those that the target
    asks for; what is not given is read from the record, and what is unknown matches no condition. Raises Blocked for a
    start in the future and for a target that its calendar never reaches, TypeError outside a change.
    """
    record_type, pk = subjects.label_of(subject)
    since = moment(at)
    earlier: list[SlaClock] = lock_many(
        SlaClock.objects.filter(policy_key=policy_key, subject_type=record_type, subject_id=pk)
    )
    last = max(earlier, key=lambda clock: clock.cycle, default=None)
    if last is not None and (last.stopped_at is None or last.terms["reopen"] == Reopen.NONE):
        return last
    if last is not None and last.terms["reopen"] == Reopen.RESUME:
        return count_on(last, since)
    held = terms(policy_key, scope, since)
    clock = _new(held, subject, since, facts, owner)
    clock.cycle = 1 if last is None else last.cycle + 1
    return _begin(clock, since, _paused(held.body.pause_rule, subject, facts, since))


def start_many(policy_key: str, records: Sequence[Any], *, at: datetime | None = None) -> list[SlaClock]:
    """Start the clock of a policy for records of one type, as `start` would, in a constant number of statements.

    Those whose clock runs already are left out; a clock that resumes is no matter for many.
    """
    if not records:
        return []
    since, record_type = moment(at), subjects.label_of(records[0])[0]
    held = terms(policy_key, None, since)
    cycles: dict[int, SlaClock] = {}
    rows = SlaClock.objects.filter(
        policy_key=policy_key, subject_type=record_type, subject_id__in=[record.pk for record in records]
    )
    for clock in lock_many(rows):
        known = cycles.get(clock.subject_id)
        cycles[clock.subject_id] = clock if known is None or clock.cycle > known.cycle else known
    sheets = []
    for record in records:
        last = cycles.get(record.pk)
        if last is not None and (last.stopped_at is None or Reopen(held.body.reopen) != Reopen.NEW_CYCLE):
            continue
        clock = _new(held, record, since, None, None)
        clock.cycle = 1 if last is None else last.cycle + 1
        sheets.append(Sheet(clock, [signal_of(clock, SignalKind.START, "started", since)]))
    settle(sheets, first=Happening(EventKind.STARTED, "started", since))
    return [sheet.clock for sheet in sheets]


def count_on(clock: SlaClock, since: datetime) -> SlaClock:
    """Let a clock that was over count on from `since`."""
    (sheet,) = keeping.sheets([clock])
    sheet.signals.append(signal_of(clock, SignalKind.START, "reopened", since))
    settle([sheet])
    return clock


def _new(
    held: Terms, subject: Any, since: datetime, facts: Facts | None, owner: User | int | None
) -> SlaClock:
    record_type, pk = subjects.label_of(subject)
    holder = subjects.holder(subject, owner)
    body = held.body
    measure = Measure(body.clock)
    key = calendars.key_for(body.calendar_from, subject, holder.owner) if measure == Measure.BUSINESS else ""
    hours = calendars.of(measure, key)
    target = _target(body, subject, facts, since)
    return SlaClock(
        policy_key=held.policy.key,
        policy_ref=held.policy.ref,
        policy_version_id=held.policy.version_id,
        title=held.policy.document.title[:120],
        terms=body.model_dump(mode="json"),
        subject_type=record_type,
        subject_id=pk,
        subject=subjects.number(subject),
        measure=measure,
        calendar_key=key,
        target_s=_seconds(target, hours, since),
        started_at=since,
        owner_id=holder.owner,
        team_id=holder.team,
        is_named=holder.is_named,
    )


def _begin(clock: SlaClock, since: datetime, paused: bool) -> SlaClock:
    sheet = Sheet(clock, [signal_of(clock, SignalKind.START, "started", since)])
    if paused:
        sheet.signals.append(signal_of(clock, SignalKind.PAUSE, "pause_when", since))
    begun = Happening(EventKind.STARTED, "started", since)
    settle([sheet], first=begun)
    return clock


def settle(sheets: list[Sheet], *, first: Happening | None = None) -> None:
    """Bring clocks in line with their signals and write them."""
    now = whole(max(clocks.now(), audit.current().occurred_at))
    moved = []
    for sheet in sheets:
        clock = sheet.clock
        change = move(clock, sheet.marks, sheet.parts, calendars.of(clock.measure, clock.calendar_key), now)
        if first is not None:
            change = Moved(change.parts, change.anew, (first, *change.happenings))
        moved.append((sheet, change))
    keeping.keep(moved)


def signal_of(
    clock: SlaClock,
    kind: SignalKind,
    event: str,
    at: datetime,
    *,
    counts: bool = True,
    evidence: Mapping[str, Any] | None = None,
) -> SlaSignal:
    """Return a new signal of a clock."""
    return SlaSignal(clock=clock, kind=kind, event=event, at=at, counts=counts, evidence=dict(evidence or {}))


def _target(body: SlaBody, subject: Any, facts: Facts | None, at: datetime) -> Length:
    """Return the first target whose condition is true, else the one for all others."""
    if not body.rows:
        return body.target
    values = read(body, subject, facts)
    for rule, target in body.rows:
        if rules.evaluate(rule, values, at).outcome == Outcome.TRUE:
            return target
    return body.target


def _paused(rule: Rule | None, subject: Any, facts: Facts | None, at: datetime) -> bool:
    """Say whether the facts of the record pause a clock; unknown ones do not."""
    if rule is None:
        return False
    return rules.evaluate(rule, _read(rule.schema, rule.paths, subject, facts), at).outcome == Outcome.TRUE


def read(body: SlaBody, subject: Any, facts: Facts | None) -> dict[str, Any]:
    """Return the facts that the terms ask for."""
    return _read(body.vocabulary, body.paths, subject, facts) if body.paths else {}


def _read(
    schema: vocabulary.FactSchema, paths: tuple[str, ...], subject: Any, facts: Facts | None
) -> dict[str, Any]:
    """Return facts as they were given, else as the record carries them, else from the database."""
    if facts is not None:
        return {path: facts.get(path) for path in paths}
    if all(path in schema.by_path and schema.by_path[path].in_hand for path in paths):
        return schema.of(subject, paths)
    rows = schema.fetch(type(subject)._base_manager.filter(pk=subject.pk), paths)
    return rows.get(subject.pk) or dict.fromkeys(paths)


def _seconds(target: Length, hours: Hours, since: datetime) -> int:
    """Return a target in seconds that count. Raises Blocked for one that the calendar never reaches."""
    try:
        if target.seconds is None:
            found = hours.seconds(since, hours.business_days(since, target.amount))
        else:
            found = target.seconds
        hours.after(since, found)
    except CalendarExhausted as error:
        message = f"The target of {target} cannot be reached: {error}. Give the calendar longer hours."
        raise audit.Blocked([Finding("SLA-002", message, found=str(target), needed="hours enough")]) from None
    return max(1, found)


def declared(clock: SlaClock) -> SlaDocument | None:
    """Return the document of a clock; None once nobody declares it any more."""
    try:
        found = documents.get(clock.policy_key)
    except LookupError:
        return None
    return found if isinstance(found, SlaDocument) else None
