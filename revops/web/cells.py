"""The cells of a list as finished markup, made in one pass: a column decides once how it draws, then draws 50 times.

No template tag runs a cell (a page of 50 × 10 would spend most of its time there). Everything that came from a
person goes through `escape`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from revops.kernel import clocks
from revops.kernel.records import mentions as named
from revops.kernel.records import registry
from revops.kernel.records.registry import Field, FieldKind, RecordType
from revops.web import formatting, mentions

Row = Mapping[str, Any]
Draw = Callable[[Row], str]
Titles = Mapping[str, Mapping[int, str]]

_HOST = re.compile(r"[\w.-]+(:\d+)?(/|\?|#|$)")
_NUMBERS = (FieldKind.MONEY, FieldKind.INTEGER, FieldKind.PERCENT)


class Rows(SafeString):
    """The rows of a table as finished markup, and which columns they have."""

    columns: str = ""


class Cells:
    """Draws the values of one record type for one reader, in a list and on a record page alike."""

    def __init__(self, record_type: RecordType, zone: ZoneInfo, titles: Titles) -> None:
        self.record_type, self.zone, self.titles = record_type, zone, titles
        self.now = clocks.now()
        # Only what tells a state is marked; every other choice is plain text, or nothing would stand out.
        self.marked: Mapping[str, Mapping[str, str]] = {state(record_type): {}} | record_type.extra.get(
            "tones", {}
        )

    def rows(self, rows: Sequence[Row], names: Sequence[str], *, selectable: bool = False) -> Rows:
        """Return the table rows with these columns; the first links to the record, a box before it selects it."""
        fields = [self.record_type.by_name[name] for name in names]
        draws = [self.draw(field) for field in fields[1:]]
        classes = [' class="num"' if field.kind in _NUMBERS else "" for field in fields[1:]]
        first, slug = self.text(fields[0]), self.record_type.slug
        parts: list[str] = []
        for row in rows:
            pk = row["id"]
            name = first(row) or self.record_type.number(pk)
            parts.append(f'<tr data-pk="{pk}">')
            if selectable:
                parts.append(
                    f'<td class="pick"><input type="checkbox" value="{pk}" aria-label="{name}"></td>'
                )
            parts.append(f'<th scope="row"><a href="/{slug}/{pk}/" data-row>{name}</a></th>')
            for draw, kind in zip(draws, classes, strict=True):
                parts.append(f"<td{kind}>{draw(row)}</td>")
            parts.append("</tr>\n")
        drawn = Rows("".join(parts))  # every value above is escaped by its drawer
        drawn.columns = ",".join(names)
        return drawn

    def text(self, field: Field) -> Draw:
        """Return what draws a field as escaped text without markup of its own."""
        name = field.attname
        match field.kind:
            case FieldKind.PERSON:
                return lambda row: escape(row.get(f"{field.name}__name") or "")
            case FieldKind.REFERENCE:
                return lambda row: escape(self._title(field, row[name]))
            case FieldKind.CHOICE:
                labels = {code: escape(str(label)) for code, label in field.choices}
                return lambda row: labels.get(row[name]) or escape(str(row[name] or ""))
            case FieldKind.MONEY:
                currency = field.currency
                return lambda row: formatting.money(row[name], row[currency] if currency else "")
            case FieldKind.INTEGER:
                return lambda row: formatting.number(row[name])
            case FieldKind.PERCENT:
                return lambda row: formatting.percent(row[name])
            case FieldKind.DATE:
                return lambda row: formatting.day(row[name]) if row[name] else ""
            case FieldKind.INSTANT:
                return lambda row: formatting.instant(row[name], self.zone) if row[name] else ""
            case FieldKind.BOOLEAN:
                return lambda row: {True: "Yes", False: "No"}.get(row[name], "")
            case FieldKind.LONG_TEXT if field.mentions:
                return lambda row: escape(named.plain(str(row[name] or "")))
            case FieldKind.COUNTRY:
                return lambda row: escape(formatting.country(row[name])) if row[name] else ""
            case _:
                return lambda row: escape(str(row[name] or ""))

    def draw(self, field: Field) -> Draw:
        """Return what draws a field with its markup; an empty value draws nothing."""
        plain, name = self.text(field), field.attname
        match field.kind:
            case FieldKind.CHOICE if field.name in self.marked:
                tones = self.marked[field.name]
                marks = {
                    code: f'<span class="pill pill-{tones.get(code, "grey")}">' for code, _ in field.choices
                }
                return lambda row: (
                    f"{marks[row[name]]}{plain(row)}</span>" if row[name] in marks else plain(row)
                )
            case FieldKind.PERSON:
                shown = f"{field.name}__name"
                return lambda row: person(row[name], row.get(shown) or "") if row[name] else ""
            case FieldKind.REFERENCE:
                base = _base(field)
                return lambda row: _link(base, row[name], plain(row)) if row[name] else ""
            case FieldKind.INSTANT:
                return lambda row: self._instant(row[name], plain(row)) if row[name] else ""
            case FieldKind.DATE:
                return lambda row: f'<time datetime="{row[name]}">{plain(row)}</time>' if row[name] else ""
            case FieldKind.LONG_TEXT if field.mentions:
                return lambda row: mentions.draw(str(row[name] or ""))
            case FieldKind.URL:
                return lambda row: _address(str(row[name])) if row[name] else ""
            case _:
                return plain

    def _title(self, field: Field, pk: int | None) -> str:
        return self.titles.get(field.name, {}).get(pk, "") if pk else ""

    def _instant(self, value: Any, text: str) -> str:
        local = value.astimezone(self.zone)
        title = f"{text} · {formatting.relative(value, self.now)}"
        return f'<time datetime="{value.isoformat()}" title="{title}">{formatting.day(local.date())}</time>'


_OUT_OF_SIGHT = (
    '<span class="quiet" title="This record exists; your role does not see it.">Not visible to you</span>'
)


def state(record_type: RecordType) -> str:
    """Return the field that tells the state of a record: the declared one, or the first choice."""
    declared: str = record_type.extra.get("state", "")
    return declared or next(
        (field.name for field in record_type.fields if field.kind is FieldKind.CHOICE), ""
    )


def _base(field: Field) -> str:
    """Return where the pages of linked records begin, or nothing where they have none."""
    linked = next(
        (kind for kind in registry.every() if kind.label == field.reference and kind.has_pages), None
    )
    return f"/{linked.slug}/" if linked else ""


def _link(base: str, pk: int, title: str) -> str:
    if not title:
        return _OUT_OF_SIGHT
    return f'<a href="{base}{pk}/">{title}</a>' if base else title


def mark(pk: int, name: str) -> SafeString:
    """Return the round mark of somebody: their initials on their own colour."""
    initials = escape(formatting.initials(name))
    return mark_safe(f'<i class="avatar tint-{pk % 8}" aria-hidden="true">{initials}</i>')  # noqa: S308  escaped


def person(pk: int, name: str) -> str:
    """Return the mark and the name of somebody."""
    return f'<span class="person">{mark(pk, name)}{escape(name)}</span>'


def _address(text: str) -> str:
    """Return a link that leaves the house, if it is one a browser may follow."""
    shown = text.removeprefix("https://").removeprefix("http://").removesuffix("/")
    target = text if text.startswith(("https://", "http://")) else f"https://{text}"
    if _HOST.match(shown) is None:
        return escape(text)
    return f'<a href="{escape(target)}" rel="noopener noreferrer" target="_blank">{escape(shown)}</a>'


def moment(value: Any, zone: ZoneInfo) -> SafeString:
    """Return the time of day at which something was, its date and how long ago in the title."""
    local = value.astimezone(zone)
    clock = formatting.time_of_day(local)
    title = f"{formatting.instant(value, zone)} · {formatting.relative(value)}"
    return mark_safe(f'<time datetime="{value.isoformat()}" title="{title}">{clock}</time>')  # noqa: S308  no text of a person
