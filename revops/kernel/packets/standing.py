"""What speaks against doing something with a packet: its state, who may decide it, what it is about."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User, UserKind
from revops.kernel.packets import templates
from revops.kernel.packets.enums import PACKET_IN_FLIGHT, PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.packets.templates import TemplateBody
from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.kernel.policies.documents import PolicyDocument

if TYPE_CHECKING:
    from revops.kernel.packets.actions.tasks import Subject

NOTE = 400


def template(key: str, subject: "Subject") -> PolicyDocument:
    """Return a template that fits the record. Raises Blocked for one that does not exist or is about other records."""
    known = {one.key: one for one in templates.every(subject.record_type)}
    if key in known:
        return known[key]
    needed = ", ".join(known) or "another record: there is no template for this kind"
    message = f"{key[:80]!r} is no packet that one opens about {subject.number}. Use {needed}."
    raise audit.Blocked.because("PKT-004", message, field="template", found=key, needed=needed)


def about(subject: "Subject", by: User) -> list[Finding]:
    """Return what speaks against the record: a hidden one and none are refused alike (A10)."""
    if subject.seen_by(by):
        return []
    message = f"There is no record {subject.number} that you can see. Choose another one."
    return [Finding("PKT-005", message, field="subject", found=subject.number, needed="a record you can see")]


def none_in_flight(earlier: Iterable[Packet], title: str) -> list[Finding]:
    """Return what speaks against another packet: one is on its way already."""
    for one in earlier:
        if one.state in PACKET_IN_FLIGHT:
            holder = one.owner.name if one.owner else "a queue"
            state = PacketState(one.state).label.lower()
            message = (
                f"{title} about {one.subject} is on its way already ({state}, with {holder}). Continue it."
            )
            return [
                Finding("PKT-006", message, field="template", found=f"PKT-{one.pk:06d}", needed="none open")
            ]
    return []


def in_state(packet: Packet, verb: str, *states: str) -> list[Finding]:
    """Return what speaks against doing something with a packet in the state it has."""
    if packet.state in states:
        return []
    needed = " or ".join(PacketState(state).label.lower() for state in states)
    state = PacketState(packet.state)
    more = " Open a new one, which supersedes it." if state == PacketState.ACCEPTED else ""
    message = f"The packet is {state.label.lower()} and cannot be {verb}; it would have to be {needed}.{more}"
    return [Finding("PKT-007", message, field="state", found=str(state.label), needed=needed)]


def receiving(body: TemplateBody, receiver: User | None, *, needed: bool = True) -> list[Finding]:
    """Return what speaks against who shall decide: nobody is named where somebody must be, or they may not."""
    roles = ", ".join(Role(code).label for code in body.accepted_by)
    if receiver is None:
        if not (body.named_receiver and needed):
            return []
        message = f"Say who receives the packet: somebody who is {roles}."
        return [Finding("PKT-008", message, field="receiver", needed=roles)]
    fits = receiver.is_active and receiver.kind == UserKind.PERSON
    if fits and access.roles_of(receiver) & set(body.accepted_by):
        return []
    message = f"{receiver} cannot decide this packet. Choose somebody active who is {roles}."
    return [Finding("PKT-008", message, field="receiver", found=str(receiver), needed=roles)]


def decides(packet: Packet, by: User) -> list[Finding]:
    """Return what speaks against `by` deciding: the wrong role, another receiver, or their own packet (segregation)."""
    roles, found = packet.roles.split(), []
    if not access.roles_of(by) & set(roles):
        words = ", ".join(Role(code).label if code in Role else code for code in roles)
        message = f"This packet is decided by {words}. Ask one of them."
        found.append(Finding("PKT-009", message, field="decided_by", found=str(by), needed=words))
    if packet.receiver_id not in (None, by.pk):
        message = f"This packet was given to {packet.receiver}, who decides it."
        found.append(
            Finding("PKT-009", message, field="decided_by", found=str(by), needed=str(packet.receiver))
        )
    if by.pk in (packet.submitted_by_id, packet.owner_id):
        message = "Nobody accepts or returns a packet of their own. Ask somebody else who holds the role."
        found.append(Finding("PKT-011", message, field="decided_by", found=str(by), needed="somebody else"))
    return found


def gaps(
    body: TemplateBody, given: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, str]], list[Finding]]:
    """Return the gaps as they are kept, and what speaks against them: each names a field and a reason of the form."""
    reasons = {one.code: one.label for one in body.return_reasons}
    kept: list[dict[str, str]] = []
    found: list[Finding] = []
    if not given:
        message = "Name at least one gap: the field, and why what it says is not enough."
        found.append(Finding("PKT-012", message, field="gaps", needed="a field and a reason"))
    for gap in given:
        field, reason, note = (str(gap.get(name) or "").strip() for name in ("field", "reason_code", "note"))
        if field not in body.by_key:
            needed = ", ".join(body.by_key)
            message = f"{field[:40]!r} is no field of this packet. Use {needed}."
            found.append(Finding("PKT-012", message, field="gaps", found=field[:40], needed=needed))
        elif reason not in reasons:
            label, needed = body.by_key[field].label, ", ".join(reasons)
            message = f"{label}: say why it is not enough, with one of {needed}."
            found.append(Finding("PKT-013", message, field=field, found=reason[:40], needed=needed))
        elif len(note) > NOTE:
            message = f"A note has at most {NOTE} characters; this has {len(note)}. Shorten it."
            found.append(
                Finding("PKT-014", message, field=field, found=str(len(note)), needed=f"at most {NOTE}")
            )
        else:
            kept.append({"field": field, "reason_code": reason, "note": note})
    return kept, found
