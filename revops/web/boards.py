"""A list as a board: which columns it has, and its cards as finished markup, made in one pass as rows are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from revops.kernel import clocks, metrics
from revops.kernel.people import access
from revops.kernel.records import boards, listing
from revops.kernel.records.registry import Field, RecordType
from revops.web import cells, formatting, icons, properties
from revops.web.addresses import Address
from revops.web.preferences import Preferences

PAGE = 25
# How a column of what has no value is called in addresses and in the page.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its value as an address writes it, how it is called, and whether it is folded at first."""

    key: str
    label: str
    tone: str
    folded: bool

    @property
    def value(self) -> str:
        """The value that a card of this column holds."""
        return "" if self.key == NONE else self.key


def columns(query: listing.Query, by: Field) -> list[Column]:
    """Return the columns that a list may have cards in, the folded ones last."""
    kind = query.record_type
    wanted = [str(code) for code, _ in by.choices]
    if kind.model._meta.get_field(by.name).blank:
        wanted.append(NONE)
    for one in query.filters:
        if one.field.name == by.name:
            wanted = _left(wanted, one)
    labels = {str(code): str(label) for code, label in by.choices} | {NONE: f"No {by.label.lower()}"}
    tones = kind.extra.get("tones", {}).get(by.name, {})
    folded = boards.of(kind).folded.get(by.name, ())
    found = [Column(key, labels[key], tones.get(key, "grey"), key in folded) for key in wanted]
    return sorted(found, key=lambda column: column.folded)


def _left(wanted: Sequence[str], one: listing.Filter) -> list[str]:
    """Return the columns that a filter on their own field leaves."""
    if one.operator == "empty":
        return [key for key in wanted if (key == NONE) == (one.text == "true")]
    given = {text.strip() for text in one.text.split(",")}
    return [key for key in wanted if (key in given) != (one.operator == "not")]


def inside(query: listing.Query, by: Field, column: Column, *, after: str = "") -> listing.Query:
    """Return the list of one column, a page of it."""
    narrow = listing.Filter(by, "empty", "true") if column.key == NONE else listing.Filter(by, "", column.key)
    return replace(query, filters=(*query.filters, narrow), limit=PAGE, after=after, before="")


def layouts(
    record_type: RecordType, user: Any, address: Address, chosen: str
) -> list[tuple[str, str, str, bool]]:
    """Return the layouts in which a list can be shown: icon, word, address, whether it is the present one."""
    if boards.of(record_type).begins not in access.readable(user, record_type.label):
        return []
    table, board = address.to(layout=None, group=None), address.to(layout="board")
    return [
        ("table", "Table", table, chosen != "board"),
        ("layout-kanban", "Board", board, chosen == "board"),
    ]


def totals_url(record_type: RecordType, user: Any, address: Address) -> str:
    """Return where the totals of a list are, or nothing where the reader is told none."""
    told = metrics.of(record_type.label, user)
    return replace(address, path=f"{address.path}totals/").to(layout=None, group=None) if told else ""


class Cards:
    """Draws the cards of one record type for one reader."""

    def __init__(self, record_type: RecordType, by: Field, user: Any, preferences: Preferences) -> None:
        self.record_type, self.by, self.user, self.preferences = record_type, by, user, preferences
        readable = {one.name for one in properties.readable(record_type, user)}
        self.card = boards.of(record_type).card
        named = (record_type.title, *self.card.names)
        self.shown = frozenset(name for name in named if name in readable)
        self.names = tuple(dict.fromkeys(name for name in (*named, by.name) if name in readable))
        self.mover = boards.mover(record_type, by)
        self.today = clocks.now().astimezone(ZoneInfo(settings.ORG_TIME_ZONE)).date()

    def page(self, query: listing.Query) -> listing.Page:
        """Return one page of a column with the fields that a card shows."""
        return listing.page(query, self.user, self.names)

    def movable(self, ids: Sequence[int]) -> set[int]:
        """Return those of these records that the reader is offered to move; one query at most."""
        model = self.record_type.model
        if self.mover.offered:
            return access.allowed_of(self.user, self.mover.offered, model, ids)
        held = access.editable_of(self.user, model, ids)
        return {pk for pk, fields in held.items() if self.by.name in fields}

    def drawn(self, pages: Sequence[Sequence[cells.Row]]) -> list[SafeString]:
        """Return the cards of several columns; the links of all of them are looked up together."""
        rows = [row for page in pages for row in page]
        titles = listing.referenced(self.record_type, rows, self.user)
        draw = cells.Cells(self.record_type, self.preferences.zone, titles)
        say = {name: draw.text(self.record_type.by_name[name]) for name in self.shown}
        movable = self.movable([row["id"] for row in rows])
        return [
            mark_safe("".join(self._drawn(row, say, row["id"] in movable) for row in page))  # noqa: S308  escaped below
            for page in pages
        ]

    def _drawn(self, row: cells.Row, say: Mapping[str, cells.Draw], moves: bool) -> str:
        """Return one card. Every value is escaped by its drawer."""
        pk, kind, card = row["id"], self.record_type, self.card
        said = {name: say[name](row) if self._held(name, row) else "" for name in self.shown}
        title, about, figure = said.get(kind.title), said.get(card.about), said.get(card.figure)
        name, held = title or kind.number(pk), escape(str(row[self.by.attname] or NONE))
        day, step = self._day(row, said), self._step(row, said)
        held_by = f'data-card="{pk}" data-version="{row["version"]}" data-value="{held}"'
        parts = [
            f'<div class="tile{" tile-moves" if moves else ""}" role="listitem" {held_by}>',
            f'<a class="tile-title" href="/{kind.slug}/{pk}/" data-row draggable="false">{name}</a>',
            f'<span class="tile-about">{about}</span>' if about else "",
            f'<span class="tile-line"><b>{figure or ""}</b>{day}</span>' if figure or step else "",
            f'<span class="tile-foot">{step if figure or step else day}{self._person(row)}</span>',
        ]
        if moves:
            parts.append(
                f'<button class="tile-menu" type="button" data-move aria-haspopup="true" tabindex="-1"'
                f' aria-label="Move {name} to…" title="Move to… (m)">{_DOTS}</button>'
            )
        return "".join([*parts, "</div>"])

    def _held(self, name: str, row: cells.Row) -> Any:
        return row[self.record_type.by_name[name].attname]

    def _day(self, row: cells.Row, said: Mapping[str, str]) -> str:
        """Return the day of a card; of an instant, its day where the reader is."""
        if not said.get(self.card.day):
            return ""
        value, text = row[self.card.day], said[self.card.day]
        if isinstance(value, datetime):
            text = formatting.day(value.astimezone(self.preferences.zone).date())
        return f'<time datetime="{value.isoformat()}">{text}</time>'

    def _step(self, row: cells.Row, said: Mapping[str, str]) -> str:
        """Return what comes next and when; what is overdue says so in a word."""
        card = self.card
        if any(row.get(name) in values for name, values in card.ended.items()):
            return ""
        text, day = said.get(card.step, ""), said.get(card.step_on, "")
        if not day:
            return f'<span class="tile-step" title="{text}">{text}</span>' if text else ""
        due: date = row[card.step_on]
        if due < self.today:
            return f'<span class="tile-step tile-overdue" title="{text}">{_LATE}Overdue · {day}</span>'
        return (
            f'<span class="tile-step" title="{text}">{_NEXT}<span>{day} · {text or "Next step"}</span></span>'
        )

    def _person(self, row: cells.Row) -> str:
        if self.card.person not in self.shown or not (pk := self._held(self.card.person, row)):
            return ""
        name = row.get(f"{self.card.person}__name") or ""
        read = f'<span class="visually-hidden">{escape(name)}</span>'
        return f'<span class="tile-person" title="{escape(name)}">{cells.mark(pk, name)}{read}</span>'


_DOTS, _LATE, _NEXT = icons.icon("dots", 14), icons.icon("alert-circle", 12), icons.icon("calendar-event", 12)
