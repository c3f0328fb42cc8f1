"""What the sender does with a packet: save, submit, withdraw, name who receives it."""

from collections.abc import Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import answers, standing
from revops.kernel.packets.actions.opening import form_of, locked, tell
from revops.kernel.packets.actions.tasks import subject_of
from revops.kernel.packets.enums import PACKET_OPEN, PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.packets.templates import TemplateBody
from revops.kernel.people import access

_OPEN = tuple(sorted(PACKET_OPEN))


def save_packet(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Packet:
    """Write answers into a packet that is a draft or was returned; what lacks is not asked for yet.

    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="packet.save", reason=reason):
        packet = locked(by, pk, version)
        access.require_edit(by, packet, {"values"})
        findings = standing.in_state(packet, "changed", *_OPEN)
        _, told = _put(packet, values)
        if findings := [*findings, *told]:
            raise audit.Blocked(findings)
        return audit.write(packet)


def name_receiver(
    *, by: User, pk: int, receiver: User | None, version: int | None = None, reason: str = ""
) -> Packet:
    """Say who decides a packet that is not submitted yet. Raises as `save_packet`."""
    with audit.change(by=by, action="packet.address", reason=reason):
        packet = locked(by, pk, version)
        access.require_edit(by, packet, {"receiver"})
        findings = standing.in_state(packet, "addressed to somebody else", *_OPEN)
        if findings := [*findings, *standing.receiving(form_of(packet), receiver, needed=False)]:
            raise audit.Blocked(findings)
        packet.receiver = receiver
        return audit.write(packet)


def submit_packet(
    *,
    by: User,
    pk: int,
    values: Mapping[str, Any] | None = None,
    version: int | None = None,
    reason: str = "",
) -> Packet:
    """Hand a packet over for a decision, with `values` written along; the facts of its record are copied now.

    The clock of who receives it starts, that of the sender ends, where the template has them. Raises Blocked with a
    finding for every answer that lacks or does not fit, Conflict, Forbidden, DoesNotExist. Source: M8.
    """
    with audit.change(by=by, action="packet.submit", reason=reason) as change:
        packet = locked(by, pk, version)
        access.require(by, "submit", packet)
        findings = standing.in_state(packet, "submitted", *_OPEN)
        body, told = _put(packet, values or {})
        findings += [*told, *standing.receiving(body, packet.receiver), *_unseen(packet, by)]
        facts = answers.facts_of(body, packet.subject_type, packet.subject_id)
        wrong = {one.field for one in told}
        lacking = answers.lacking(body, packet.values, facts, change.occurred_at)
        findings += [one for one in lacking if one.field not in wrong]
        if findings:
            raise audit.Blocked(findings)
        packet.facts, packet.gaps = answers.copied(body, facts), []
        packet.state, packet.submitted_at, packet.submitted_by = PacketState.SUBMITTED, change.occurred_at, by
        packet.decided_at = packet.decided_by = None
        change.policy_refs.append(packet.template_ref)
        audit.write(packet)
        tell("packet.submitted", packet, by)
        return packet


def withdraw_packet(*, by: User, pk: int, reason: str, version: int | None = None) -> Packet:
    """Give a packet up that was not decided yet, saying why. Raises as `save_packet`."""
    with audit.change(by=by, action="packet.withdraw", reason=reason):
        packet = locked(by, pk, version)
        access.require(by, "withdraw", packet)
        findings = standing.in_state(packet, "withdrawn", *_OPEN, PacketState.SUBMITTED)
        said = " ".join(reason.split())
        if not 1 <= len(said) <= standing.NOTE:
            message = (
                f"Say why the packet is withdrawn, in 1 to {standing.NOTE} characters (it has {len(said)})."
            )
            findings.append(Finding("PKT-015", message, field="reason", needed="a reason"))
        if findings:
            raise audit.Blocked(findings)
        packet.state, packet.withdrawn_because = PacketState.WITHDRAWN, said
        audit.write(packet)
        tell("packet.withdrawn", packet, by)
        return packet


def _put(packet: Packet, given: Mapping[str, Any]) -> tuple[TemplateBody, list[Finding]]:
    """Set the given answers on a packet. Return its form and what speaks against them."""
    body = form_of(packet)
    read, findings = answers.read(body, given)
    packet.values = {key: value for key, value in {**packet.values, **read}.items() if value is not None}
    return body, findings


def _unseen(packet: Packet, by: User) -> list[Finding]:
    """Return what speaks against submitting about a record that one does not see any more."""
    subject = subject_of(packet)
    return standing.about(subject, by) if subject else []
