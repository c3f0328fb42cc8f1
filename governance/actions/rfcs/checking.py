"""What has to be done about a request after it went live: looked at again, or taken back. Source: d1 (post-review)."""

from django.db.models import QuerySet

from governance.actions.rfcs.telling import tell
from governance.models import ChangeRequest
from governance.queries.people import holders
from revops.kernel import audit, clocks
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User, UserKind
from revops.kernel.packets import actions as packets
from revops.kernel.packets.actions import Subject
from revops.kernel.packets.enums import ObligationKind, ObligationState, Priority
from revops.kernel.packets.models import Obligation
from revops.kernel.people.enums import Role

_LABEL = "governance.changerequest"


def ask(rfc: ChangeRequest, by: User) -> Obligation:
    """Ask whoever put a request live to look at what came of it; where that was the clock, its requester."""
    return packets.add_obligation(
        kind=ObligationKind.DECISION_ACTION,
        text=f"Check what came of {rfc.number}: {rfc.title}"[:255],
        owner=_checker(rfc, by),
        subject=_subject(rfc),
        due_on=rfc.check_due_on,
        note=(
            "Compare what the simulation foresaw with what happened since; the request's page counts both. Say what "
            "you found, and roll back if it is not what was wanted."
        ),
        source_ref=rfc.number,
    )


def _checker(rfc: ChangeRequest, by: User) -> User:
    """Return who checks: whoever acted, else the requester, else operations where the requester has left."""
    if by.kind == UserKind.PERSON:
        return by
    return rfc.requester if rfc.requester.is_active else _operations() or rfc.requester


def _operations() -> User | None:
    found: User | None = (
        User.objects.filter(pk__in=holders(Role.REVOPS), is_active=True).order_by("pk").first()
    )
    return found


def ask_for_rollback(rfc: ChangeRequest, why: str) -> Obligation | None:
    """Ask operations to roll a locked request back, once; nobody has to where nobody is in operations."""
    if rfc.rollback_asked_at is not None:
        return None
    rfc.rollback_asked_at = audit.current().recorded_at
    audit.write(rfc)
    tell("rfc.rollback_demanded", rfc, why=why)
    owner = _operations()
    if owner is None:
        return None
    return packets.add_obligation(
        kind=ObligationKind.DECISION_ACTION,
        text=f"Roll back {rfc.number}: {rfc.title}"[:255],
        owner=owner,
        subject=_subject(rfc),
        due_on=clocks.today(),
        note=f"{why} The button is on the request's page.",
        priority=Priority.HIGH,
        source_ref=rfc.number,
    )


def drop(rfc: ChangeRequest) -> None:
    """Close what waits about a request that was rolled back: there is nothing left to check."""
    tasks = lock_many(_open(rfc))
    for task in tasks:
        task.state, task.outcome = ObligationState.CANCELLED, f"{rfc.number} was rolled back."
    audit.write_many(tasks)


def _open(rfc: ChangeRequest) -> QuerySet[Obligation]:
    rows: QuerySet[Obligation] = Obligation.objects.filter(
        subject_type=_LABEL, subject_id=rfc.pk, source_ref=rfc.number, state=ObligationState.OPEN
    )
    return rows


def _subject(rfc: ChangeRequest) -> Subject:
    return Subject(_LABEL, rfc.pk, rfc.number)
