"""What the shells know of packets."""

from typing import Any

from revops.kernel.packets.enums import PACKET_OPEN, PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.records.registry import Field, FieldKind, Panel, RecordType, register
from revops.kernel.records.work.packets import forms, showing

_WHAT, _WHO, _SYSTEM = "What it is", "Who and when", "System"
_PERSON: dict[str, Any] = {"reference": "identity.user"}

FIELDS = (
    Field("title", "Packet", group=_WHAT),
    Field(
        "template",
        "Template",
        FieldKind.CHOICE,
        _WHAT,
        choices=forms.TemplateChoices(),
        filterable=True,
        required=True,
        kept=True,
    ),
    Field(
        "subject",
        "About",
        group=_WHAT,
        filterable=True,
        required=True,
        help="The number of a record, such as OPP-000012.",
    ),
    Field("state", "State", FieldKind.CHOICE, _WHAT, choices=PacketState.choices, filterable=True),
    Field("owner", "Owner", FieldKind.PERSON, _WHO, filterable=True, **_PERSON),
    Field(
        "receiver",
        "Receiver",
        FieldKind.PERSON,
        _WHO,
        filterable=True,
        help="Who decides it; without, anybody who holds the role.",
        **_PERSON,
    ),
    Field("submitted_at", "Submitted", FieldKind.INSTANT, _WHO, filterable=True),
    Field("submitted_by", "Submitted by", FieldKind.PERSON, _WHO, **_PERSON),
    Field("decided_at", "Decided", FieldKind.INSTANT, _WHO, filterable=True),
    Field("decided_by", "Decided by", FieldKind.PERSON, _WHO, **_PERSON),
    Field("withdrawn_because", "Withdrawn because", group=_WHO),
    Field("supersedes", "Supersedes", FieldKind.REFERENCE, _SYSTEM, reference=forms.LABEL),
    Field("queue", "Queue", FieldKind.REFERENCE, _SYSTEM, reference="people.queue"),
    Field("team", "Team", FieldKind.REFERENCE, _SYSTEM, reference="people.team", filterable=True),
    Field("template_ref", "Version of the template", group=_SYSTEM),
    Field("created_at", "Opened", FieldKind.INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", FieldKind.INSTANT, _SYSTEM),
)


def _settled(packet: Packet) -> tuple[str, ...]:
    return () if packet.state in PACKET_OPEN else ("receiver",)


register(
    RecordType(
        label=forms.LABEL,
        slug="packets",
        prefix="PKT",
        singular="Packet",
        plural="Packets",
        icon="package",
        title="title",
        fields=FIELDS,
        columns=("title", "state", "subject", "owner", "submitted_at", "decided_by"),
        create_fields=("template", "subject", "receiver"),
        create=forms.create_packet,
        edit=forms.edit_packet,
        default_sort="-created_at",
        panels=(Panel("content", "What it says", "packets/panels/content.html", showing.content),),
        actions=forms.ACTIONS,
        settled=_settled,
        extra={
            "navigation": ("Records", 25, ""),
            "state": "state",
            "figures": ("submitted_at", "decided_at"),
            "tones": {"state": showing.TONES},
            "first_panels": ("content",),
        },
        empty_hint="A packet is what one role hands to another, such as a deal desk request. Open one on a deal.",
        description="A filled-in form about a record, accepted by who receives it or sent back with its gaps.",
    )
)
