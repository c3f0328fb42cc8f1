"""Open a packet about a record, and read it again."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from revops.kernel import audit, outbox, policies
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import answers, standing, templates, timing
from revops.kernel.packets.actions.tasks import Subject
from revops.kernel.packets.enums import PACKET_IN_FLIGHT, PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.packets.templates import TemplateBody
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.policies.rules import RuleError


def open_packet(
    *,
    by: User,
    template: str,
    subject: Subject,
    values: Mapping[str, Any] | None = None,
    receiver: User | None = None,
    reason: str = "",
) -> Packet:
    """Open a packet from the template in force now, about a record that `by` sees.

    Where one was accepted already this one begins with its answers, and supersedes it once it is accepted. Raises
    Blocked with every finding: no such template, a record that one does not see, one on its way already, answers
    that do not fit. Of two who open at once the second is told of the first. Source: M8.
    """
    given: dict[str, Any] = {"template": template, "subject": subject, "values": values or {}}
    try:
        return _open(by, receiver, reason, **given)
    except IntegrityError:
        return _open(by, receiver, reason, **given)


def _open(
    by: User,
    receiver: User | None,
    reason: str,
    *,
    template: str,
    subject: Subject,
    values: Mapping[str, Any],
) -> Packet:
    with audit.change(by=by, action="packet.open", reason=reason):
        access.require_create(by, Packet, {"template", "subject", "values", "receiver"})
        document = standing.template(template, subject)
        policy = policies.get_sound(template)
        body = policy.body
        if not isinstance(body, TemplateBody):
            raise TypeError(f"{template} is no template of packets.")
        given, findings = answers.read(body, values)
        earlier = list(
            Packet.objects.filter(
                subject_type=subject.record_type, subject_id=subject.record_id, template=template
            ).filter(state__in=[*PACKET_IN_FLIGHT, PacketState.ACCEPTED])
        )
        findings += standing.about(subject, by) or standing.none_in_flight(earlier, document.title)
        findings += standing.receiving(body, receiver, needed=False)
        if findings:
            raise audit.Blocked(findings)
        accepted = next((one for one in earlier if one.state == PacketState.ACCEPTED), None)
        packet = Packet(
            title=f"{document.title}: {subject.number}",
            template=template,
            template_version_id=policy.version_id,
            template_ref=policy.ref,
            form=dict(policy.raw),
            roles=f" {' '.join(body.accepted_by)} ",
            subject_type=subject.record_type,
            subject_id=subject.record_id,
            subject=subject.number,
            receiver=receiver,
            values=_begun(body, accepted, given),
            supersedes=accepted,
        )
        ownership.assign(packet, to=ownership.holder(owner=by), reason=AssignReason.CREATED)
        audit.current().policy_refs.append(policy.ref)
        audit.write(packet)
        tell("packet.opened", packet, by)
        return packet


def _begun(body: TemplateBody, accepted: Packet | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a packet begins with: the answers accepted before that still fit, and those given."""
    before = {key: value for key, value in (accepted.values if accepted else {}).items() if value is not None}
    still, _ = answers.read(body, {key: value for key, value in before.items() if key in body.by_key})
    return {key: value for key, value in {**still, **given}.items() if value is not None}


def locked(by: User, pk: int, version: int | None) -> Packet:
    """Return a packet locked. Raises DoesNotExist for one that `by` does not see, Conflict."""
    packet: Packet = audit.lock(Packet.objects.visible_to(by), pk=pk, version=version)
    return packet


def form_of(packet: Packet) -> TemplateBody:
    """Return the form of a packet. Raises Blocked where today's schema refuses what was stored."""
    try:
        return templates.read(packet.template, packet.form)
    except (LookupError, RuleError) as error:
        message = f"The form of {packet} cannot be read any more ({str(error)[:200]}). Withdraw it and open a new one."
        raise audit.Blocked(
            [Finding("PKT-010", message, field="template", found=packet.template_ref)]
        ) from None


def tell(event: str, packet: Packet, by: User) -> None:
    """Say in an event what became of a packet, and tell its clocks."""
    timing.happened(packet, event)
    outbox.emit(
        event,
        packet,
        {
            "template": packet.template,
            "subject_type": packet.subject_type,
            "subject": packet.subject_id,
            "owner": packet.owner_id,
            "receiver": packet.receiver_id,
            "by": by.pk,
            "gaps": len(packet.gaps),
        },
    )
