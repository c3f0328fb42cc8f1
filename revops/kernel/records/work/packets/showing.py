"""What the pages and the API show of a packet: its form with answers, gaps and live facts; packets about a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from revops.kernel.audit import Blocked
from revops.kernel.packets import answers, standing, templates
from revops.kernel.packets.actions.opening import form_of
from revops.kernel.packets.enums import PACKET_IN_FLIGHT, PACKET_OPEN, PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.packets.templates import TemplateBody, TemplateField
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.registry import Panel
from revops.kernel.records.work import subjects

TONES = {
    "draft": "grey", "submitted": "blue", "returned": "amber", "accepted": "green", "superseded": "grey",
    "withdrawn": "grey",
}  # fmt: skip
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Gap:
    """Why one field was sent back, in words."""

    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a packet: its answer in words, or a day, and what the record says now where that is another."""

    key: str
    label: str
    text: str
    url: str = ""
    now: str = ""
    sourced: bool = False
    gap: Gap | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A packet as somebody reads it; `broken` says why its form cannot be read any more."""

    packet: Packet
    lines: tuple[Line, ...]
    about: str
    about_url: str
    may_fill: bool
    may_decide: bool
    broken: str = ""


def content(packet: Packet, user: Any) -> Content:
    """Return a packet as `user` reads it; the live facts of its record only where they see it (A08)."""
    kind = next((one for one in registry.every() if one.label == packet.subject_type), None)
    record = None
    if kind is not None:
        record = kind.model.objects.filter(pk=packet.subject_id).visible_to(user).first()
    url = kind.url(packet.subject_id) if kind is not None and record is not None else ""
    title = str(record) if record is not None else packet.subject
    try:
        body = form_of(packet)
    except Blocked as error:
        return Content(packet, (), title, url, False, False, error.findings[0].message)
    live = answers.facts_of(body, packet.subject_type, packet.subject_id) if url else {}
    return Content(
        packet,
        tuple(lines(packet, body, live, url)),
        title,
        url,
        may_fill=packet.state in PACKET_OPEN and "values" in access.editable(user, packet),
        may_decide=packet.state == PacketState.SUBMITTED
        and access.allowed(user, "decide", packet)
        and not standing.decides(packet, user),
    )


def lines(packet: Packet, body: TemplateBody, live: Mapping[str, Any], url: str) -> list[Line]:
    """Return the fields of a packet in their order; until it is submitted a fact is shown as it is now."""
    labels = {one.code: one.label for one in body.return_reasons}
    gaps = {
        one["field"]: Gap(labels.get(one["reason_code"], one["reason_code"]), one["note"])
        for one in packet.gaps
    }
    found = []
    for one in body.fields:
        now = words(body, one, answers.plain(live.get(one.source_path))) if one.source_path and url else ""
        if one.source_path and packet.state in PACKET_OPEN:
            text = now or NOTHING
        else:
            text = words(body, one, (packet.facts if one.source_path else packet.values).get(one.key))
        other = now if now not in ("", text) else ""
        link = url if one.source_path else evidence_url(one, packet.values.get(one.key))
        found.append(
            Line(
                one.key,
                one.label,
                text,
                link,
                other,
                bool(one.source_path),
                gaps.get(one.key),
                _day(one, text),
            )
        )
    return found


def _day(one: TemplateField, text: str) -> date | None:
    return date.fromisoformat(text) if one.type == "date" and text != NOTHING else None


def words(body: TemplateBody, one: TemplateField, value: Any) -> str:
    """Return an answer as one reads it."""
    if value in (None, ""):
        return NOTHING
    if one.source_path:
        fact = body.about.by_path[one.source_path]
        if fact.choices:
            return str(fact.labels.get(str(value), value))
    if one.choices:
        return {choice.code: choice.label for choice in one.choices}.get(str(value), str(value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if one.type in ("money", "percent"):
        return _number(str(value)) + (" %" if one.type == "percent" else "")
    return str(value)


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    whole = number == number.to_integral_value()
    return f"{number:,.0f}" if whole else f"{number.normalize():,f}"


def evidence_url(one: TemplateField, value: Any) -> str:
    """Return where evidence is looked up."""
    if not one.evidence_kind or not isinstance(value, str):
        return ""
    subject = subjects.by_number(value)
    if subject is not None:
        return registry.get(subject.record_type).url(subject.record_id)
    return value if value.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True)
class About:
    """One packet about a record, as its page shows it."""

    url: str
    title: str
    state: str
    tone: str
    who: str


@dataclass(frozen=True, slots=True)
class Packets:
    """The packets about a record, the newest first, and the templates of which one may be opened now."""

    packets: list[About]
    openable: list[tuple[str, str]]
    number: str
    all_url: str


MOST = 8


def about_record(record: Any, user: Any) -> Packets | None:
    """Return the packets about a record that `user` sees, in two queries; None for a role without packets."""
    held = access.rights(user, Packet._meta.label_lower)
    if not held.sees_any:
        return None
    label = record._meta.label_lower
    rows = Packet.objects.filter(subject_type=label, subject_id=record.pk)
    found = list(rows.visible_to(user).select_related("owner", "queue").order_by("-pk")[:MOST])
    going = set(rows.filter(state__in=PACKET_IN_FLIGHT).values_list("template", flat=True))
    open_ones = [(one.key, one.title) for one in templates.every(label) if one.key not in going]
    number = registry.get(label).number(record.pk)
    return Packets(
        [_about(one) for one in found],
        open_ones if held.creatable else [],
        number,
        "/packets/?" + urlencode({"subject": number}),
    )


def _about(packet: Packet) -> About:
    title = packet.title.partition(":")[0]
    state = PacketState(packet.state)
    return About(
        packet.get_absolute_url(),
        title,
        str(state.label),
        TONES[packet.state],
        str(packet.owner or packet.queue),
    )


def panel_on(label: str) -> None:
    """Let the packets about records of a type stand on their pages, with the templates that one may open there."""
    registry.add_panel(label, Panel("packets", "Packets", "packets/panels/about_record.html", about_record))
