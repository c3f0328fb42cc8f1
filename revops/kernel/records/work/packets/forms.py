"""From what somebody typed to the actions of packets, and the inputs that a form is made of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import actions, templates
from revops.kernel.packets.enums import PACKET_OPEN, PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.packets.templates import TemplateBody, TemplateField
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind, RecordAction
from revops.kernel.records.work import subjects

LABEL = "packets.packet"
Values = Mapping[str, Any]
_KINDS = {
    "text": FieldKind.TEXT,
    "long_text": FieldKind.LONG_TEXT,
    "choice": FieldKind.CHOICE,
    "date": FieldKind.DATE,
    "boolean": FieldKind.BOOLEAN,
    "integer": FieldKind.INTEGER,
    "money": FieldKind.MONEY,
    "percent": FieldKind.TEXT,
}
_YES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class TemplateChoices(Sequence[tuple[str, str]]):
    """The templates there are, by key, read when they are asked for: apps declare them after this one."""

    def _rows(self) -> list[tuple[str, str]]:
        return [(one.key, one.title) for one in templates.every()]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows())

    def __len__(self) -> int:
        return len(self._rows())

    @overload
    def __getitem__(self, place: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[str, str]]: ...
    def __getitem__(self, place: Any) -> Any:
        return self._rows()[place]


def asked(body: TemplateBody) -> list[Field]:
    """Return what a form asks for, as the shells draw it; whether an answer is needed is said at the submission."""
    return [field_of(one) for one in body.typed]


def field_of(one: TemplateField) -> Field:
    """Return one field of a form as the shells draw it."""
    choices = [(choice.code, choice.label) for choice in one.choices]
    return Field(one.key, one.label, _KINDS[one.type], choices=choices, help=one.help, required=one.required)


def typed(body: TemplateBody, raw: Values) -> dict[str, Any]:
    """Return what was entered into a page's form with numbers and yes-or-no as such; what is none stays as it is."""
    return {key: _typed(body.by_key.get(key), value) for key, value in raw.items()}


def _typed(one: TemplateField | None, value: Any) -> Any:
    if one is None or not isinstance(value, str):
        return value
    text = value.strip()
    if one.type == "integer" and text.removeprefix("-").isascii() and text.removeprefix("-").isdigit():
        return int(text) if len(text) < 19 else text
    if one.type == "percent":
        return text.removesuffix("%").strip()
    return _YES.get(text.lower(), text) if one.type == "boolean" else text


def texts(body: TemplateBody, packet: Packet) -> dict[str, str]:
    """Return the answers of a packet as a form holds them."""
    return {one.key: _text(packet.values.get(one.key)) for one in body.typed}


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def create_packet(*, by: User, values: Values) -> Packet:
    """Open a packet from what somebody typed: the template's key, and the number of the record it is about."""
    draft = drafting.read(values, Packet())
    drafting.link([draft], {"receiver": User}, by, code="PKT-008")
    drafting.need(draft, ["template", "subject"], code="VAL-003")
    subject = subjects.by_number(draft.given.get("subject") or "")
    if subject is None and draft.given.get("subject"):
        found = draft.given["subject"]
        message = f"{found!r} is no number of a record. Give one such as OPP-000012."
        draft.refuse("PKT-005", message, "subject", found=found, needed="the number of a record")
    if draft.findings or subject is None:
        raise Blocked(draft.findings)
    return actions.open_packet(
        by=by, template=draft.given["template"], subject=subject, receiver=draft.given.get("receiver")
    )


def edit_packet(
    *, by: User, pk: int, changes: Values, version: int | None = None, reason: str = ""
) -> Packet:
    """Name who receives a packet; what else it says is filled into its form."""
    draft = drafting.read(changes, Packet())
    drafting.link([draft], {"receiver": User}, by, code="PKT-008")
    if draft.findings:
        raise Blocked(draft.findings)
    if set(draft.given) - {"receiver"}:
        access.require_edit(by, Packet.objects.visible_to(by).get(pk=pk), draft.given)
        message = "What a packet says is filled into its form. Open the form."
        raise Blocked([Finding("PKT-001", message, field=next(iter(draft.given)))])
    return actions.name_receiver(
        by=by, pk=pk, receiver=draft.given.get("receiver"), version=version, reason=reason
    )


def _submit(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Packet:
    return actions.submit_packet(by=by, pk=pk, version=version, reason=reason)


def _accept(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Packet:
    return actions.accept_packet(by=by, pk=pk, version=version, reason=reason)


def _withdraw(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Packet:
    return actions.withdraw_packet(by=by, pk=pk, version=version, reason=reason)


def _is(*states: str) -> Any:
    return lambda packet: packet.state in states


ACTIONS = (
    RecordAction(
        "submit", "Submit", (), _submit, icon="send", fits=_is(*PACKET_OPEN), primary=True,
        help="What still lacks is named, each with its field.",
    ),
    RecordAction(
        "accept", "Accept", (), _accept, icon="circle-check", right="decide", primary=True,
        fits=_is(PacketState.SUBMITTED), help="From then on it never changes; another packet supersedes it.",
    ),
    RecordAction(
        "withdraw", "Withdraw", (), _withdraw, icon="ban", help="It is given up. Say why.",
        fits=_is(*PACKET_OPEN, PacketState.SUBMITTED),
    ),
)  # fmt: skip
