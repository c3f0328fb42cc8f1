"""What an app declares about a record type, so that the shells can list, show, edit, search and import it.

`records.py` of an app registers one `RecordType`. Pages, API, search, import and history are made from it;
who may see and edit which field is the access matrix's affair, not this one's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from django.apps import apps

from revops.kernel.records.many import Many


class FieldKind(StrEnum):
    """How a field is shown, entered and filtered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    INSTANT = "instant"
    REFERENCE = "reference"
    REFERENCES = "references"
    PERSON = "person"
    URL = "url"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type. `name` is its name in the model, the API, filters and mappings.

    `column` is what sorting and text filters compare (a folded column); `currency` names the field that holds
    the currency of an amount; `reference` the record type a link leads to; `group` its place on the page. `kept` says
    that operations keep the list of choices: it is read when it is asked for, and the API's schema does not print it.
    In a text with `mentions` people are named (`records/mentions`). What is `silent` no form asks for: a refusal does.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    group: str = "Details"
    column: str = ""
    choices: Sequence[tuple[str, str]] = ()
    reference: str = ""
    currency: str = ""
    help: str = ""
    sortable: bool = False
    filterable: bool = False
    required: bool = False
    kept: bool = False
    mentions: bool = False
    silent: bool = False

    @property
    def compared(self) -> str:
        return self.column or self.name

    @property
    def attname(self) -> str:
        """The attribute that holds the stored value (the id, for a link)."""
        return f"{self.name}_id" if self.kind in (FieldKind.REFERENCE, FieldKind.PERSON) else self.name


@dataclass(frozen=True, slots=True)
class SearchSource:
    """Rows whose words find a record: the record itself, or a child such as a domain.

    `only` names a yes-or-no field: a row finds while it says yes (a domain that was released does not). Where
    `fields` or `only` are worked out by the model, `made_of` names the columns that they are made of. `numbers` are
    phone numbers: they find by their digits, with country and area code or without, for whoever reads `reads`.
    """

    model: str
    record_id: str
    fields: tuple[str, ...]
    only: str = ""
    made_of: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    @property
    def read(self) -> set[str]:
        """The fields whose change brings the words up to date."""
        return {*self.fields, self.only, *self.made_of, *self.numbers}


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a whole address or domain finds a record, by an index of its own: rows of `model` that name `record_id`.

    `email` and `domain` are columns that hold them folded; `only` narrows the rows down; `reads` is the field of the
    record type that one must be able to read to find it so.
    """

    model: str
    record_id: str
    reads: str
    email: str = ""
    domain: str = ""
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the record page besides the properties: `query(record, user)` feeds `template`."""

    key: str
    title: str
    template: str
    query: Callable[[Any, Any], Any]


class Run(Protocol):
    def __call__(
        self, *, by: Any, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Begun:
    """How the form of an action begins for one record.

    `values` stand in it beside those of its address; `choices` are what a field offers there instead of everything
    that there is; what is in `without` it does not ask for.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class RecordAction:
    """A special action on one record: a button and a form on its page, an address in the API.

    `name` is the action's name in the access matrix unless `right` names another; `fields` are asked for, besides
    the reason; `run` calls the app's action and returns the record. `fits` says whether it is offered for a record in
    its present state, `may(record, user)` whether to this reader; whether it may be done there says the action. The
    first that is offered, a `primary` one before all others, is a button; the rest stand in a menu. What is `in_bulk`
    is offered for many records at once: by `many` where it has steps for that, else one by one. `back(values, before)`
    returns the values by which the same action takes itself back, from the columns as they were; None where there are
    none. `begins(record, user, typed)` says how its form begins for a record, after what its address names.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    run: Run
    icon: str = "arrow-right"
    help: str = ""
    right: str = ""
    fits: Callable[[Any], bool] = lambda record: True
    may: Callable[[Any, Any], bool] = lambda record, user: True
    primary: bool = False
    in_bulk: bool = False
    many: Many | None = None
    back: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    begins: Callable[[Any, Any, Mapping[str, str]], Begun] = lambda record, user, typed: Begun()

    @property
    def asks(self) -> str:
        """The name of the right it needs in the access matrix."""
        return self.right or self.name


class Compose(Protocol):
    def __call__(self, *, by: Any, about: Any, values: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Composer:
    """A way to put something on the timeline of a record, from its page: a short form above it.

    `creates` is the record type that comes of it; whoever may create one sees the form. `run` calls the app's
    action about the record `about`, with what was entered into `fields`; `begins` are the values they begin with;
    `key` opens it from the keyboard.
    """

    name: str
    label: str
    icon: str
    fields: tuple[Field, ...]
    creates: str
    run: Compose
    submit: str
    begins: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


class Create(Protocol):
    def __call__(self, *, by: Any, values: Mapping[str, Any]) -> Any: ...


class Edit(Protocol):
    def __call__(
        self, *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
    ) -> Any: ...


@dataclass(frozen=True, eq=False)
class RecordType:
    """A record type as the shells know it.

    `create` and `edit` are the app's actions: they take values as people type them (text) and refuse with
    `Blocked`. With `timeline` its page begins with what happened around the record, `composers` on top of it.
    `fields` are in page order; `columns` are the default columns of the list. Without `has_pages` it is
    a part of another type (a role of a contact in a deal): imported, served by the API, shown on the page of its whole.
    `settled` names the fields of a record that its action would not change any more, whoever asks.
    """

    label: str
    slug: str
    prefix: str
    singular: str
    plural: str
    icon: str
    title: str
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    create_fields: tuple[str, ...]
    create: Create
    edit: Edit
    default_sort: str
    search: tuple[SearchSource, ...] = ()
    reach: tuple[Reach, ...] = ()
    panels: tuple[Panel, ...] = ()
    timeline: bool = False
    composers: tuple[Composer, ...] = ()
    actions: tuple[RecordAction, ...] = ()
    empty_hint: str = ""
    importable: tuple[str, ...] = ()
    description: str = ""
    has_pages: bool = True
    settled: Callable[[Any], Collection[str]] = lambda record: ()
    edit_many: Many | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {one.name: one for one in self.fields}

    @property
    def model(self) -> Any:
        return apps.get_model(self.label)

    def number(self, pk: int) -> str:
        """Return the record's number: derived from its key, unique and rising, not gapless."""
        return f"{self.prefix}-{pk:06d}"

    def url(self, pk: int) -> str:
        return f"/{self.slug}/{pk}/"


_types: dict[str, RecordType] = {}
# What upper apps add to a record type of a lower one, by its label; it may come before the type itself.
_panels: dict[str, dict[str, Panel]] = {}
_actions: dict[str, dict[str, RecordAction]] = {}
# The label that stands for every record type with a timeline.
TIMELINES = "*"
_composers: dict[str, Composer] = {}


def register(record_type: RecordType) -> None:
    """Declare a record type. Raises ValueError when its slug is taken."""
    if any(other.slug == record_type.slug for label, other in _types.items() if label != record_type.label):
        raise ValueError(f"The address /{record_type.slug}/ belongs to another record type.")
    _types[record_type.label] = _completed(record_type)


def add_panel(label: str, panel: Panel) -> None:
    """Put a panel of an upper app on the pages of the record type `label`, or of all TIMELINES. One panel a key."""
    _add(_panels, label, panel.key, panel)


def add_composer(composer: Composer) -> None:
    """Put a form above the timeline of every record type that has one. One form a name."""
    if _composers.setdefault(composer.name, composer) != composer:
        raise ValueError(f"There is a form called {composer.name!r} already.")
    for label, record_type in _types.items():
        _types[label] = _completed(record_type)


def add_action(label: str, action: RecordAction) -> None:
    """Let an upper app offer an action on the record type `label`; who may do it says the matrix of that type."""
    _add(_actions, label, action.name, action)


def _add(added: dict[str, dict[str, Any]], label: str, name: str, part: Any) -> None:
    held = added.setdefault(label, {})
    if held.setdefault(name, part) != part:
        raise ValueError(f"{label} has a part called {name!r} already.")
    for known in list(_types) if label == TIMELINES else [label] if label in _types else []:
        _types[known] = _completed(_types[known])


def _completed(record_type: RecordType) -> RecordType:
    """Return the type with what upper apps add, each once, after its own parts."""
    also = _composers if record_type.timeline else {}
    composers = {**{one.name: one for one in record_type.composers}, **also}
    everywhere = _panels.get(TIMELINES, {}) if record_type.timeline else {}
    held = {**everywhere, **_panels.get(record_type.label, {})}
    panels = {**{one.key: one for one in record_type.panels}, **held}
    actions = {**{one.name: one for one in record_type.actions}, **_actions.get(record_type.label, {})}
    return replace(
        record_type,
        panels=tuple(panels.values()),
        actions=tuple(actions.values()),
        composers=tuple(composers.values()),
    )


def get(label: str) -> RecordType:
    """Return the record type `label` ("accounts.account"). Raises LookupError."""
    try:
        return _types[label]
    except KeyError:
        raise LookupError(f"{label} is not a registered record type.") from None


def every() -> list[RecordType]:
    """Return all record types, in the order of their registration."""
    return list(_types.values())
