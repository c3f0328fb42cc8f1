"""The clocks of a packet: the receiver's runs while it is submitted, the sender's while it is returned. Source: M5, M8.

An app declares them with `timing.receiver_clock` and `timing.sender_clock` beside its template, which names them.
"""

from collections.abc import Mapping
from typing import Any

from revops.kernel import sla
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Packet
from revops.kernel.people.access import organisation
from revops.kernel.policies.documents import PolicyDocument

LABEL = "packets.packet"


def receiver_clock(*, key: str, title: str, target: Mapping[str, Any], source: str) -> PolicyDocument:
    """Declare the clock of whoever decides packets of a template: from the submission to the decision."""
    return sla.document(
        key=key,
        title=title,
        target=target,
        source=source,
        record_type=LABEL,
        stop_on=("packet.accepted", "packet.returned"),
        cancel_on=("packet.withdrawn",),
    )


def sender_clock(*, key: str, title: str, target: Mapping[str, Any], source: str) -> PolicyDocument:
    """Declare the clock of who sends packets of a template: from their return to the next submission."""
    return sla.document(
        key=key,
        title=title,
        target=target,
        source=source,
        record_type=LABEL,
        stop_on=("packet.submitted",),
        cancel_on=("packet.withdrawn",),
    )


def happened(packet: Packet, event: str) -> None:
    """Tell the clocks of a packet what became of it, and start the one that runs from now on, in the open change."""
    accept, back = packet.form.get("accept_sla"), packet.form.get("return_sla")
    if not (accept or back):
        return
    sla.signal(packet, event)
    if event == "packet.submitted" and accept:
        sla.start(str(accept), packet, owner=decider(packet))
    elif event == "packet.returned" and back:
        sla.start(str(back), packet)


def decider(packet: Packet) -> int | None:
    """Return who answers for the decision: the named receiver, else who has been there longest of those who may."""
    if packet.receiver_id is not None:
        return packet.receiver_id
    wanted = set(packet.roles.split())
    may = sorted(pk for pk, held in organisation.current().roles.items() if held & wanted)
    active = User.objects.filter(pk__in=may, is_active=True).exclude(
        pk__in=[one for one in (packet.owner_id, packet.submitted_by_id) if one]
    )
    found: int | None = active.order_by("pk").values_list("pk", flat=True).first()
    return found
