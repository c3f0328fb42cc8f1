"""Who is told of exceptions: one waits, was decided, ends soon, is over. Source: M4, alerts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.gates.exceptions import registry, rules
from revops.kernel.gates.exceptions.enums import ExceptionState
from revops.kernel.gates.models import PolicyException
from revops.kernel.notifications import Note, kinds, notify, tell
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.kinds import Kind
from revops.kernel.outbox import jobs, receives
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.people.enums import Role
from revops.kernel.records.work.exceptions.forms import LABEL

KIND = "exception"
_DECIDED = {
    "exception.approved": "was approved",
    "exception.rejected": "was rejected",
    "exception.renewed": "was renewed",
    "exception.revoked": "was revoked",
}
kinds.register(
    Kind(
        KIND,
        "Exceptions to rules",
        "One waits for your decision, was decided, ends soon, or is over.",
        mail=Mail.ONCE,
    ),
    covers=["exception.requested", *_DECIDED, "exception.expired", "exception.ending", "gate_debt.opened"],
)


def _operations() -> set[int]:
    """Return who holds the role that answers for the registry."""
    return {person for person, roles in organisation().roles.items() if Role.REVOPS in roles}


def _tell(
    event: OutboxEvent, people: Iterable[int | None], title: str, text: str = "", url: str = ""
) -> None:
    by = event.payload.get("by")
    notify(
        [person for person in people if person is not None and person != by],
        event.type,
        title,
        text,
        url or f"/exceptions/{event.subject_id}/",
        (event.subject_type, event.subject_id),
        dedupe_key=f"event:{event.pk}",
    )


@receives("exception.requested", key="exceptions.tell_requested")
def tell_requested(event: OutboxEvent) -> None:
    """Tell the nearest manager of the owner who may excuse the line; else those who answer for the registry."""
    told = event.payload
    _tell(event, _approvers(told), f"An exception waits for you: {told['name']}")


def _approvers(told: dict[str, object]) -> set[int]:
    found = registry.get(str(told["policy_key"]))
    line = found.lines().get(str(told["criterion_key"])) if found is not None else None
    roles = set(line.approvers if line is not None else registry.APPROVERS)
    people, step = organisation(), told["owner"]
    while isinstance(step, int) and (step := people.manager_of.get(step)) is not None:
        if people.roles.get(step, frozenset()) & roles and step != told["requested_by"]:
            return {step}
    return {person for person, held in people.roles.items() if held & roles} or _operations()


def tell_decided(event: OutboxEvent) -> None:
    """Tell who asked and who answers for it what was decided; of a revocation the approver as well."""
    told = event.payload
    people = [told["requested_by"], told["owner"]]
    if event.type == "exception.revoked":
        people.append(told["approver"])
    _tell(event, people, f"{told['name']} {_DECIDED[event.type]}", event_reason(event))


def event_reason(event: OutboxEvent) -> str:
    """Return why an exception ended, where somebody said so."""
    held = PolicyException.objects.filter(pk=event.subject_id).first()
    return held.closing_note if held is not None else ""


for _type in _DECIDED:
    receives(_type, key=f"exceptions.tell:{_type}")(tell_decided)


@receives("exception.expired", key="exceptions.tell_expired")
def tell_expired(event: OutboxEvent) -> None:
    """Tell owner, approver and revenue operations that an exception is over, and how many decisions it had excused."""
    told = event.payload
    count = len(told["decisions"])
    text = (
        f"It excused {count} {'decision' if count == 1 else 'decisions'}." if count else "It was never used."
    )
    _tell(event, {told["owner"], told["approver"], *_operations()}, f"{told['name']} is over", text)


@receives("gate_debt.opened", key="exceptions.tell_debt")
def tell_debt(event: OutboxEvent) -> None:
    """Tell who answered for the exception what is owed since it ended."""
    told = event.payload
    _tell(
        event,
        [told["owner"]],
        f"{told['number']} owes what an exception had excused",
        "Supply it before the clock runs out, or the record falls back.",
        f"/exceptions/{told['exception']}/",
    )


@jobs.job("exceptions.warn", owner="REVOPS", every=900)
def warn() -> str:
    """Tell the owners of exceptions that end within a week, and again within a day; each once a term."""
    return f"{warn_owners(clocks.now())} exceptions end soon"


def warn_owners(now: datetime) -> int:
    """Write the warnings that are due: of several at once only the last. A short term has only those that fit in it."""
    first, last = _days(now)
    rows = PolicyException.objects.active(now).filter(
        state=ExceptionState.APPROVED, expires_at__lte=now + timedelta(days=first)
    )
    found = rows.order_by("expires_at", "pk").values_list("pk", "name", "owner_id", "term_from", "expires_at")
    notes = []
    for pk, name, owner, begins, ends in found:
        days = last if ends - now <= timedelta(days=last) else first
        if ends - begins > timedelta(days=days):
            notes.append(_note(pk, name, owner, ends, days))
    if notes:
        tell("exception.ending", notes)
    return len(notes)


def _days(now: datetime) -> tuple[int, int]:
    """Return how many days before the end owners are told: as the rules say, or as shipped where they are broken."""
    try:
        days = rules.in_force(now)[1].warn_days
    except Blocked:
        days = (7, 1)
    return max(days), min(days)


def _note(pk: int, name: str, owner: int, ends: datetime, days: int) -> Note:
    left = "1 day" if days == 1 else f"{days} days"
    return Note(
        owner,
        f"{name} ends in less than {left}",
        f"exception.ending:{pk}:{ends:%Y%m%dT%H%M%S}:{days}",
        f"On {ends:%d %B %Y, %H:%M} UTC. Supply what is missing, or ask for a renewal.",
        f"/exceptions/{pk}/",
        (LABEL, pk),
    )
