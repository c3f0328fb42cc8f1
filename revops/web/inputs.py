"""Inputs made from declared fields: one for a form, one for an inline edit, one for a filter; all of them alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.http import QueryDict

from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.records import registry
from revops.kernel.records.registry import Begun, Field, FieldKind, RecordAction
from revops.web import formatting, preferences

_TYPES = {
    FieldKind.LONG_TEXT: "textarea",
    FieldKind.CHOICE: "select",
    FieldKind.COUNTRY: "select",
    FieldKind.BOOLEAN: "checkbox",
    FieldKind.REFERENCE: "picker",
    FieldKind.REFERENCES: "pickers",
    FieldKind.PERSON: "picker",
    FieldKind.DATE: "date",
    FieldKind.INSTANT: "datetime-local",
}
# A time as a browser's input holds it: on the clock of whoever looks at it, without a zone.
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)
_KEYBOARDS = {FieldKind.INTEGER: "numeric", FieldKind.MONEY: "decimal", FieldKind.URL: "url"}


@dataclass(frozen=True, slots=True)
class Input:
    """One input as the component `components/input.html` draws it.

    `shown` is a picker's text beside its value, `chosen` what a picker of several holds: ids and names.
    """

    name: str
    label: str
    type: str
    value: str = ""
    shown: str = ""
    chosen: Sequence[tuple[str, str]] = ()
    help: str = ""
    required: bool = False
    options: Sequence[tuple[str, str]] = ()
    source: str = ""
    keyboard: str = ""
    findings: Sequence[Finding] = ()
    mentions: bool = False

    @property
    def id(self) -> str:
        return f"input-{self.name}"


def make(
    field: Field, value: str, *, user: Any, findings: Mapping[str, Sequence[Finding]] | None = None
) -> Input:
    """Return the input of a field with this text in it."""
    kind = _TYPES.get(field.kind, "text")
    return Input(
        name=field.name,
        label=field.label,
        type=kind,
        value=on_their_clock(value, user) if field.kind is FieldKind.INSTANT else value,
        chosen=named(field, value, user) if kind == "pickers" else (),
        shown=shown(field, value, user) if kind == "picker" else "",
        help=field.help,
        required=field.required,
        options=options(field),
        source=source(field),
        keyboard=_KEYBOARDS.get(field.kind, ""),
        findings=(findings or {}).get(field.name, ()),
        mentions=field.mentions,
    )


def asked(action: RecordAction, begun: Begun) -> list[Field]:
    """Return the fields that the form of an action asks for, each with what it offers for this record."""
    fields = [one for one in action.fields if not one.silent and one.name not in begun.without]
    return [
        replace(one, kind=FieldKind.CHOICE, choices=begun.choices[one.name])
        if one.name in begun.choices
        else one
        for one in fields
    ]


def defaults(record_type: registry.RecordType, fields: Sequence[Field]) -> dict[str, str]:
    """Return what a new record begins with, as its model says, or as its type says that nothing is chosen yet."""
    columns = {column.name: column for column in record_type.model._meta.concrete_fields}
    held = {field.name: columns[field.name] for field in fields if field.name in columns}
    open_ones = record_type.extra.get("begins_empty", ())
    return {
        name: formatting.as_input(column.default)
        for name, column in held.items()
        if column.has_default() and not callable(column.default) and name not in open_ones
    }


def options(field: Field) -> Sequence[tuple[str, str]]:
    """Return what a select offers."""
    if field.kind is FieldKind.COUNTRY:
        return formatting.countries()
    return [(code, str(label)) for code, label in field.choices]


def source(field: Field) -> str:
    """Return where a picker finds its options, or nothing where they cannot be searched."""
    if field.kind is FieldKind.PERSON:
        return "/people/options/"
    links = field.kind in (FieldKind.REFERENCE, FieldKind.REFERENCES)
    if links and any(kind.label == field.reference for kind in registry.every()):
        return f"/{registry.get(field.reference).slug}/options/"
    return f"/options/{field.reference}/" if field.reference else ""


def shown(field: Field, value: str, user: Any) -> str:
    """Return the name behind a picker's id, as far as `user` may know it."""
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        return ""
    if field.kind is FieldKind.PERSON:
        return User.objects.filter(pk=int(value)).values_list("name", flat=True).first() or ""
    rows = apps.get_model(field.reference).objects.filter(pk=int(value))
    one = (rows.visible_to(user) if hasattr(rows, "visible_to") else rows).first()
    return str(one) if one else ""


def named(field: Field, value: str, user: Any) -> list[tuple[str, str]]:
    """Return the ids in the text of a picker of several, with their names as far as `user` may know them."""
    wanted = [part for part in value.split(",") if part.isascii() and part.isdigit() and len(part) < 19][:200]
    if not wanted:
        return []
    rows = apps.get_model(field.reference).objects.filter(pk__in=wanted).visible_to(user)
    names = {str(one.pk): str(one) for one in rows}
    return [(pk, names.get(pk, f"Not visible to you ({pk})")) for pk in dict.fromkeys(wanted)]


def on_their_clock(value: str, user: Any) -> str:
    """Return an instant as the input of a browser holds it: to the minute, in the time zone of `user`."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is None:
        return value
    return f"{moment.astimezone(preferences.of(user).zone):%Y-%m-%dT%H:%M}"


def posted(fields: Sequence[Field], form: QueryDict, user: Any = None) -> dict[str, str]:
    """Return the text that a form holds for these fields; a field it does not hold is not touched.

    With `user`, a time without a zone is read on their clock and returned with its offset.
    """
    return {field.name: _posted(field, form, user) for field in fields if field.name in form}


def _posted(field: Field, form: QueryDict, user: Any) -> str:
    if field.kind is FieldKind.REFERENCES:
        return ",".join(part for part in form.getlist(field.name) if part.strip())
    text = str(form[field.name]).replace("\r\n", "\n")
    if field.kind is FieldKind.INSTANT and user is not None and _LOCAL.fullmatch(text):
        try:
            local = datetime.fromisoformat(text).replace(tzinfo=preferences.of(user).zone)
            return local.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            return text
    return text
