"""What the receiver does with a packet: accept it, or send it back with its gaps."""

from collections.abc import Mapping, Sequence
from typing import Any

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.packets import standing
from revops.kernel.packets.actions.opening import form_of, locked, tell
from revops.kernel.packets.enums import PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.people import access


def accept_packet(*, by: User, pk: int, version: int | None = None, reason: str = "") -> Packet:
    """Accept what was submitted: from now on it never changes, and the one accepted before it is superseded.

    Raises Blocked with every finding (not submitted, not their role, their own packet), Conflict, Forbidden,
    DoesNotExist. Source: M8.
    """
    with audit.change(by=by, action="packet.accept", reason=reason) as change:
        packet = _deciding(by, pk, version, "accepted")
        before = lock_many(
            Packet.objects.filter(
                subject_type=packet.subject_type,
                subject_id=packet.subject_id,
                template=packet.template,
                state=PacketState.ACCEPTED,
            )
        )
        for one in before:
            one.state = PacketState.SUPERSEDED
        audit.write_many(before)
        if before:
            packet.supersedes = before[0]
        packet.state, packet.decided_at, packet.decided_by = PacketState.ACCEPTED, change.occurred_at, by
        audit.write(packet)
        tell("packet.accepted", packet, by)
        return packet


def return_packet(
    *,
    by: User,
    pk: int,
    gaps: Sequence[Mapping[str, Any]],
    version: int | None = None,
    reason: str = "",
) -> Packet:
    """Send back what was submitted, with at least one gap `{"field": …, "reason_code": …, "note": …}`.

    The sender's clock starts, the receiver's ends, where the template has them. Raises as `accept_packet`, and with a
    finding for every gap that names no field or reason of the form.
    """
    with audit.change(by=by, action="packet.return", reason=reason) as change:
        packet = _deciding(by, pk, version, "returned")
        body = form_of(packet)
        packet.gaps, findings = standing.gaps(body, gaps)
        if findings:
            raise audit.Blocked(findings)
        packet.state, packet.decided_at, packet.decided_by = PacketState.RETURNED, change.occurred_at, by
        audit.write(packet)
        tell("packet.returned", packet, by)
        return packet


def _deciding(by: User, pk: int, version: int | None, verb: str) -> Packet:
    """Return a submitted packet, locked, for somebody who may decide it."""
    packet = locked(by, pk, version)
    access.require(by, "decide", packet)
    findings = [*standing.in_state(packet, verb, PacketState.SUBMITTED), *standing.decides(packet, by)]
    if findings:
        raise audit.Blocked(findings)
    return packet
