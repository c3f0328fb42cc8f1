"""Which exceptions excuse a record at an instant, and noting that one did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates.exceptions.enums import GRANTED, ExceptionState
from revops.kernel.gates.models.exceptions import ExceptionUse, PolicyException
from revops.kernel.people.access.remembering import once
from revops.kernel.policies.models import Decision


@dataclass(frozen=True, slots=True)
class Excuses:
    """What excuses a record, by criterion; `lapsed` are criteria that were excused once and are owed again."""

    active: Mapping[str, PolicyException]
    lapsed: frozenset[str]


def excuses(subject_type: str, subject_id: int, policy_key: str, at: datetime) -> Excuses:
    """Return what excuses this record from lines of this policy at `at`, in one query; a page asks it once.

    Activity follows from the term, not from a job. A criterion has lapsed where an exception of it was used and is
    over, what it excused has not been supplied since, and no other one excuses it now.
    """
    active: dict[str, PolicyException] = {}
    lapsed: set[str] = set()
    held = once(("excuses", subject_type, subject_id), lambda: _of(subject_type, subject_id))
    for one in held:
        if one.policy_key != policy_key:
            continue
        if one.active_at(at):
            active[one.criterion_key] = one
        elif one.uses and not one.is_settled and (one.state not in GRANTED or one.expires_at <= at):
            lapsed.add(one.criterion_key)
    return Excuses(active, frozenset(lapsed - active.keys()))


def _of(subject_type: str, subject_id: int) -> list[PolicyException]:
    """Return what excuses, or once excused, a record from lines of any policy, in one query."""
    rows = PolicyException.objects.filter(
        Q(state__in=GRANTED) | Q(uses__gt=0, is_settled=False),
        subject_type=subject_type,
        subject_id=subject_id,
    )
    return list(rows.select_related("approver", "owner").order_by("pk"))


def find(
    subject_type: str, subject_id: int, policy_key: str, criterion_key: str, at: datetime
) -> PolicyException | None:
    """Return the exception that excuses this record from one line of a policy at `at`."""
    return excuses(subject_type, subject_id, policy_key, at).active.get(criterion_key)


def holding(subject_type: str, policy_key: str, criterion_key: str, at: datetime) -> Any:
    """Return the exceptions that excuse any record of a type from one line of a policy at `at`, as a queryset."""
    rows = PolicyException.objects.active(at).filter(subject_type=subject_type)
    return rows.filter(policy_key=policy_key, criterion_key=criterion_key)


def used(exceptions: Iterable[PolicyException], decision: Decision | None) -> None:
    """Note inside the open change that these exceptions excused a written decision; the last use closes one.

    The subject is locked, so that nobody ends one of them meanwhile. Raises TypeError for one that is not granted.
    """
    ids = {one.pk for one in exceptions}
    if not ids:
        return
    if decision is None:
        raise TypeError("An exception excuses a decision that was written.")
    now = audit.current().recorded_at
    held = lock_many(PolicyException.objects.filter(pk__in=ids))
    for one in held:
        if one.state != ExceptionState.APPROVED:
            raise TypeError(
                f"{one} is {one.state}: only an exception in force excuses. Lock its subject first."
            )
        one.uses += 1
        if one.max_uses is not None and one.uses >= one.max_uses:
            one.state = ExceptionState.CONSUMED
    audit.write_many(held)
    audit.write_many([ExceptionUse(exception=one, decision=decision, used_at=now) for one in held])
    for one in held:
        outbox.emit(
            "exception.used", one, {"decision": decision.pk, "subject": [one.subject_type, one.subject_id]}
        )
