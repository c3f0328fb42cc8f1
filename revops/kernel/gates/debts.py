"""Gate debts: opened when an exception lapses behind its gate, cleared when the criterion holds, else the record falls.

A domain registers for its policy how to ask whether a criterion holds now, and how a record falls back. The clock is
`gates.debt_grace` (M5). Whoever writes a debt has locked its subject first.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from revops.kernel import audit, clocks, outbox, sla
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates.exceptions import about
from revops.kernel.gates.exceptions.enums import DebtState
from revops.kernel.gates.exceptions.registry import Lapse
from revops.kernel.gates.models.debts import GateDebt
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs, receiving
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.sla.enums import ClockState

logger = logging.getLogger(__name__)
GRACE = "gates.debt_grace"
CLEARED, FELL = "debt.cleared", "debt.regressed"
LABEL = "gates.gatedebt"

Holds = Callable[[Any, str, datetime], bool]
Regress = Callable[[Any, Sequence[GateDebt], datetime], None]

sla.document(
    key=GRACE,
    title="Remediation of a gate debt",
    target=sla.length(5, "business_days"),
    source="gate.debt_grace of the defaults: 5 business days, our own.",
    record_type=LABEL,
    stop_on=(CLEARED, FELL),
    help="How long a record may stand past a gate once the exception that opened it is over.",
)


@dataclass(frozen=True, slots=True)
class Debts:
    """What a domain knows of the debts of one policy.

    `holds(record, criterion_key, at)` says whether a criterion is met now; `regress(record, debts, at)` takes the
    locked record back inside the open change, which is the system's.
    """

    policy_key: str
    record_type: str
    holds: Holds
    regress: Regress


_known: dict[str, Debts] = {}


def register(
    policy_key: str, *, record_type: str, holds: Holds, regress: Regress, news: Collection[str] = ()
) -> None:
    """Let lapsed exceptions of a policy become debts. After events of the types `news` they are looked at at once.

    Raises ValueError for a second registration of a policy.
    """
    if policy_key in _known:
        raise ValueError(f"{policy_key} knows its debts already.")
    _known[policy_key] = Debts(policy_key, record_type, holds, regress)
    for kind in news:
        if all(known.key != f"gates.debts:{kind}" for known in receiving.of(kind)):
            receiving.receives(kind, key=f"gates.debts:{kind}", acts=True)(_look_again)


def _look_again(event: OutboxEvent) -> None:
    """Clear what the record of an event owes no more; a record without debts costs one query."""
    look(event.subject_type, event.subject_id, clocks.now())


def open_debt(lapse: Lapse) -> GateDebt | None:
    """Open the debt of a lapsed exception, and its clock, inside the open change with the subject locked.

    None where nothing was excused, where the criterion holds anyway, or where it is owed already.
    """
    held, known = lapse.exception, _known.get(lapse.exception.policy_key)
    if known is None or not lapse.decisions:
        return None
    record = _record(held.subject_type, held.subject_id)
    if record is None or known.holds(record, held.criterion_key, lapse.at):
        _settle_exceptions([held.pk])
        return None
    if _open(held.subject_type, [held.subject_id], (held.policy_key, held.criterion_key)).exists():
        return None
    debt = audit.write(
        GateDebt(
            name=held.name,
            policy_key=held.policy_key,
            criterion_key=held.criterion_key,
            subject_type=held.subject_type,
            subject_id=held.subject_id,
            subject=held.subject,
            exception=held,
            owner_id=held.owner_id,
            opened_at=lapse.at,
        )
    )
    clock = sla.start(GRACE, debt, at=lapse.at, owner=held.owner_id)
    held_debt: GateDebt = audit.lock(GateDebt.objects.all(), pk=debt.pk)
    held_debt.due_at = clock.due_at
    audit.write(held_debt)
    outbox.emit("gate_debt.opened", held_debt, _payload(held_debt))
    return held_debt


def owing(record_type: str, ids: Iterable[int]) -> dict[int, list[GateDebt]]:
    """Return the open debts of records by id, the next due first, in one query."""
    found: dict[int, list[GateDebt]] = {}
    for debt in _open(record_type, list(ids)).order_by("due_at", "pk"):
        found.setdefault(debt.subject_id, []).append(debt)
    return found


def settle(record: Any, at: datetime | None = None) -> list[GateDebt]:
    """Clear what a locked record owes no more, inside the open change; return what was cleared."""
    now = at or audit.current().recorded_at
    held = lock_many(_open(record._meta.label_lower, [record.pk]))
    cleared = [debt for debt in held if _holds(record, debt, now)]
    _close(cleared, DebtState.CLEARED, now)
    return cleared


def look(record_type: str, pk: int, now: datetime) -> str:
    """Clear what one record owes no more, and let it fall back where a clock has breached; say what became of it.

    Nothing is written where nothing changed. Safe when late, doubled or two at once.
    """
    if not _open(record_type, [pk]).exists():
        return ""
    with audit.change(by=User.objects.system(), action="gate_debt.look", reason="exception_expired"):
        about.lock([(record_type, pk)])
        record = _record(record_type, pk)
        if record is None:
            return ""
        cleared = settle(record, now)
        breached = _breached(lock_many(_open(record_type, [pk])), now)
        for key, debts in breached.items():
            _known[key].regress(record, debts, now)
            _close(debts, DebtState.REGRESSED, now)
        return "regressed" if breached else "cleared" if cleared else ""


def sweep(now: datetime) -> tuple[int, int]:
    """Look at every record with open debts; return how many cleared some and how many fell back.

    Each in a change of its own: one that fails is tried again by the next run. Raises the first failure in the end.
    """
    places = GateDebt.objects.filter(state=DebtState.OPEN).order_by("subject_type", "subject_id")
    done, failures = [], []
    for record_type, pk in list(places.values_list("subject_type", "subject_id").distinct()):
        try:
            done.append(look(record_type, pk, now))
        except Exception as error:
            logger.exception("The debts of %s %s could not be looked at.", record_type, pk)
            failures.append(error)
    if failures:
        raise failures[0]
    return done.count("cleared"), done.count("regressed")


@jobs.job("exceptions.debts", owner="REVOPS", every=60)
def sweep_debts() -> str:
    """Clear gate debts whose criterion holds, and let records fall back whose time for it is over."""
    cleared, fell = sweep(clocks.now())
    return f"{cleared} records cleared, {fell} fell back"


def _open(record_type: str, ids: Sequence[int], line: tuple[str, str] | None = None) -> Any:
    rows = GateDebt.objects.filter(subject_type=record_type, subject_id__in=ids, state=DebtState.OPEN)
    return rows if line is None else rows.filter(policy_key=line[0], criterion_key=line[1])


def _record(record_type: str, pk: int) -> Any:
    return apps.get_model(record_type)._base_manager.filter(pk=pk).first()


def _holds(record: Any, debt: GateDebt, now: datetime) -> bool:
    known = _known.get(debt.policy_key)
    return known is not None and known.holds(record, debt.criterion_key, now)


def _breached(debts: Sequence[GateDebt], now: datetime) -> dict[str, list[GateDebt]]:
    """Return the debts whose clock has breached, by policy."""
    rows = sla.SlaClock.objects.filter(
        policy_key=GRACE, subject_type=LABEL, subject_id__in=[debt.pk for debt in debts]
    )
    clocks_of = {clock.pk: clock for clock in rows}
    over = {
        clocks_of[pk].subject_id
        for pk, status in sla.statuses(list(clocks_of.values()), now).items()
        if status.state == ClockState.BREACHED
    }
    found: dict[str, list[GateDebt]] = {}
    for debt in debts:
        if debt.pk in over and debt.policy_key in _known:
            found.setdefault(debt.policy_key, []).append(debt)
    return found


def _close(debts: Sequence[GateDebt], state: DebtState, now: datetime) -> None:
    """Close locked debts and their clocks; what their exceptions excused is owed no more."""
    for debt in debts:
        debt.state, debt.closed_at = state, now
    audit.write_many(debts)
    _settle_exceptions([debt.exception_id for debt in debts])
    for debt in debts:
        sla.signal(debt, CLEARED if state == DebtState.CLEARED else FELL, at=now)
        outbox.emit(f"gate_debt.{state}", debt, _payload(debt))


def _settle_exceptions(ids: Sequence[int]) -> None:
    if ids:
        held = lock_many(PolicyException.objects.filter(pk__in=ids))
        for one in held:
            one.is_settled = True
        audit.write_many(held)


def _payload(debt: GateDebt) -> dict[str, Any]:
    return {
        "policy_key": debt.policy_key,
        "criterion_key": debt.criterion_key,
        "subject_type": debt.subject_type,
        "subject": debt.subject_id,
        "number": debt.subject,
        "owner": debt.owner_id,
        "exception": debt.exception_id,
        "due_at": debt.due_at.isoformat() if debt.due_at else None,
    }
