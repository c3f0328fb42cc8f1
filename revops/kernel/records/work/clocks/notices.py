"""Who is told that a clock warns, breached or was corrected: the owner, their manager, whoever the terms name."""

from collections.abc import Iterable

from revops.kernel import outbox
from revops.kernel.identity.models import User
from revops.kernel.notifications import kinds, notify
from revops.kernel.notifications.kinds import Kind
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import Role
from revops.kernel.records import registry
from revops.kernel.sla.enums import Escalate
from revops.kernel.sla.models import SlaClock

KIND = "clocks"
TYPES = ("sla.escalated", "sla.corrected")

kinds.register(
    Kind(KIND, "Clocks", "A target of yours, or of your people, is nearly used up or was missed."),
    covers=TYPES,
)


@outbox.receives("sla.escalated", key="records.clocks.escalated")
def tell_escalation(event: OutboxEvent) -> None:
    """Tell whom the terms of a clock name that so much of its target is used."""
    clock = SlaClock.objects.filter(pk=event.subject_id).first()
    if clock is None or clock.stopped_at is not None:
        return
    percent = int(event.payload["percent"])
    done = "is over its target" if percent >= 100 else f"has used {percent} % of its target"
    _tell(event, clock, f"{clock.title} of {clock.subject} {done}", recipients(clock, event.payload["to"]))


@outbox.receives("sla.corrected", key="records.clocks.corrected")
def tell_correction(event: OutboxEvent) -> None:
    """Tell the owner that what was told of a breach is not so."""
    clock = SlaClock.objects.filter(pk=event.subject_id).first()
    if clock is not None:
        now = "was met after all" if event.payload["is"] != "breached" else "was missed after all"
        _tell(event, clock, f"{clock.title} of {clock.subject} {now}", recipients(clock, Escalate.OWNER))


def _tell(event: OutboxEvent, clock: SlaClock, title: str, people: Iterable[int]) -> None:
    notify(
        people,
        event.type,
        title,
        "",
        _url(clock),
        (clock._meta.label_lower, clock.pk),
        dedupe_key=f"event:{event.pk}",
    )


def _url(clock: SlaClock) -> str:
    try:
        kind = registry.get(clock.subject_type)
    except LookupError:
        return clock.get_absolute_url()
    return kind.url(clock.subject_id) if kind.has_pages else clock.get_absolute_url()


def recipients(clock: SlaClock, to: str) -> list[int]:
    """Return who is told: the one named by `to`; where there is nobody active, their manager, then operations."""
    known = organisation.current()
    chain: list[int] = []
    person = clock.owner_id
    if person is None and clock.team_id is not None:
        person = known.team_manager.get(clock.team_id)
    while person is not None and person not in chain:
        chain.append(person)
        person = known.manager_of.get(person)
    first = {Escalate.OWNER: 0, Escalate.MANAGER: 1, Escalate.DIRECTOR: 2}.get(Escalate(to))
    above = chain[first:] if first is not None else []
    active = set(User.objects.filter(pk__in=above, is_active=True).values_list("pk", flat=True))
    found = [pk for pk in above if pk in active][:1]
    return found or sorted(pk for pk, roles in known.roles.items() if Role.REVOPS in roles)
