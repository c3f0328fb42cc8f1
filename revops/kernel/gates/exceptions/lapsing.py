"""The end of an exception: by time, by revocation, by its owner's leaving; what follows happens exactly once.

An exception stops excusing at `expires_at`, whoever looks when. The job only does what follows from that: it marks the
exception, runs the lapse handler of its policy and tells. Late, doubled or two at once, each is done once.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from revops.kernel import audit, clocks, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates.exceptions import about, registry
from revops.kernel.gates.exceptions.enums import GRANTED, ExceptionState, ReviewDecision
from revops.kernel.gates.exceptions.registry import Lapse
from revops.kernel.gates.models.exceptions import ExceptionReview, ExceptionUse, PolicyException
from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs

logger = logging.getLogger(__name__)
UNDECIDED = "Its term passed before anybody decided."


def hold(rows: Any, pk: int, version: int | None = None) -> PolicyException:
    """Lock the record that an exception is about, then the exception. Raises Conflict, DoesNotExist."""
    about.lock([rows.values_list("subject_type", "subject_id").get(pk=pk)])
    held: PolicyException = audit.lock(rows, pk=pk, version=version)
    return held


def payload(held: PolicyException) -> dict[str, Any]:
    """Return what events about an exception say."""
    return {
        "policy_key": held.policy_key,
        "criterion_key": held.criterion_key,
        "subject_type": held.subject_type,
        "subject": held.subject_id,
        "number": held.subject,
        "name": held.name,
        "owner": held.owner_id,
        "requested_by": held.requested_by_id,
        "approver": held.approver_id,
        "expires_at": held.expires_at.isoformat(),
        "state": str(held.state),
        "by": audit.current().by.pk,
    }


def end(held: PolicyException, state: ExceptionState, *, at: datetime, note: str = "") -> None:
    """End a locked exception inside the open change, with all that follows; its subject is locked too.

    `at` is the instant from which it no longer excuses. One that is used up stays so.
    """
    granted = held.state in GRANTED
    held.state, held.closing_note = state, note[:400]
    held.review_week = None
    held.lapsed_at = audit.current().recorded_at
    audit.write(held)
    _close_review(held)
    revoked = state == ExceptionState.REVOKED
    decisions = tuple(
        ExceptionUse.objects.filter(exception=held).order_by("pk").values_list("decision_id", flat=True)
    )
    if granted:
        registry.follow(Lapse(held, decisions, at, revoked))
    outbox.emit(
        "exception.revoked" if revoked else "exception.expired",
        held,
        payload(held) | {"decisions": list(decisions), "at": at.isoformat()},
    )


def _close_review(held: PolicyException) -> None:
    """Close the review that nobody has come to."""
    rows = lock_many(ExceptionReview.objects.filter(exception=held, decision=""))
    for one in rows:
        one.decision = ReviewDecision.OVER
    audit.write_many(rows)


def settle(held: PolicyException, now: datetime) -> bool:
    """Do for one locked exception what time has brought about; say whether that was anything."""
    if held.lapsed_at is not None or held.expires_at > now:
        return False
    if held.state in GRANTED:
        used_up = held.state == ExceptionState.CONSUMED
        end(held, ExceptionState.CONSUMED if used_up else ExceptionState.EXPIRED, at=held.expires_at)
        return True
    if held.state == ExceptionState.REQUESTED:
        end(held, ExceptionState.REVOKED, at=held.expires_at, note=UNDECIDED)
        return True
    return False


def due(now: datetime) -> Any:
    """Return the exceptions whose end nobody has dealt with."""
    states = Q(state__in=[*GRANTED, ExceptionState.REQUESTED])
    return PolicyException.objects.filter(states, expires_at__lte=now, lapsed_at__isnull=True)


def lapse_due(now: datetime) -> int:
    """End every exception whose time is over; return how many this run ended.

    Each ends in a change of its own: where what follows from one fails, the others still end, and that one is tried
    again by the next run, until then it excuses nothing all the same. Raises the first failure in the end.
    """
    ended, failures = 0, []
    for pk in list(due(now).order_by("expires_at", "pk").values_list("pk", flat=True)):
        try:
            ended += _lapse(pk, now)
        except Exception as error:
            logger.exception("Exception %s could not be ended.", pk)
            failures.append(error)
    if failures:
        raise failures[0]
    return ended


def _lapse(pk: int, now: datetime) -> bool:
    with audit.change(by=User.objects.system(), action="exception.lapse", reason="Its term is over"):
        return settle(hold(PolicyException.objects.all(), pk), now)


@jobs.job("exceptions.lapse", owner="REVOPS", every=60)
def lapse() -> str:
    """End the exceptions whose time is over, and do what follows from that."""
    return f"{lapse_due(clocks.now())} exceptions ended"


def owned_open(leaver: User) -> Any:
    """Return the exceptions that end when somebody leaves: what they answer for, asked for or granted."""
    return PolicyException.objects.filter(
        owner=leaver,
        state__in=[*GRANTED, ExceptionState.REQUESTED],
        lapsed_at__isnull=True,
    )


def revoke_of(leaver: User) -> None:
    """Revoke what somebody answers for, in the change that deactivates them (registered with `offboarding`)."""
    rows = owned_open(leaver)
    subjects = list(rows.values_list("subject_type", "subject_id"))
    if not subjects:
        return
    about.lock(subjects)
    held: Sequence[PolicyException] = lock_many(rows)
    now = audit.current().recorded_at
    for one in held:
        if not settle(one, now):
            end(one, ExceptionState.REVOKED, at=now, note=f"{leaver}, who answered for it, was deactivated.")


def foresee(leaver: User) -> str:
    """Say what of exceptions ends when somebody leaves; nothing where they answer for none."""
    count = owned_open(leaver).count()
    return f"{count} {'exception' if count == 1 else 'exceptions'} to rules will be revoked" if count else ""
