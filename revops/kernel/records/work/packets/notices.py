"""Who is told what became of a packet: its receiver that it came, its owner that it was decided."""

from revops.kernel import outbox
from revops.kernel.notifications import kinds, notify, notify_owner_on
from revops.kernel.notifications.kinds import Kind
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets.models import Packet

KIND = "packet"
kinds.register(Kind(KIND, "Packets", "A packet came for you, was accepted, or was sent back with its gaps."))
notify_owner_on("packet.assigned")
_WORDS = {"packet.accepted": "was accepted", "packet.returned": "was sent back with its gaps"}


@outbox.receives("packet.submitted", key="records.packet_submitted")
def tell_receiver(event: OutboxEvent) -> None:
    """Tell the named receiver that a packet waits; without one it stands in the work of all who may decide it."""
    _tell(event, event.payload["receiver"], "waits for your decision")


@outbox.receives("packet.accepted", key="records.packet_accepted")
@outbox.receives("packet.returned", key="records.packet_returned")
def tell_owner(event: OutboxEvent) -> None:
    """Tell the owner of a packet what became of it."""
    _tell(event, event.payload["owner"], _WORDS[event.type])


def _tell(event: OutboxEvent, person: int | None, said: str) -> None:
    if person is None or person == event.payload["by"]:
        return
    title = Packet.objects.filter(pk=event.subject_id).values_list("title", flat=True).first()
    notify(
        [person],
        KIND,
        f"{title} {said}",
        "",
        f"/packets/{event.subject_id}/",
        (event.subject_type, event.subject_id),
        dedupe_key=f"event:{event.pk}",
    )
