"""The properties of one record for one reader: what they may read, in groups, each with what they may do to it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from revops.kernel.people import access
from revops.kernel.records import listing
from revops.kernel.records.registry import Field, FieldKind, RecordType
from revops.web.cells import Cells
from revops.web.preferences import Preferences

KEY = "Key fields"


@dataclass(frozen=True, slots=True)
class Property:
    """One field of a record as the page shows it; `html` is empty for no value."""

    field: Field
    html: SafeString
    editable: bool
    url: str

    @property
    def long(self) -> bool:
        return self.field.kind is FieldKind.LONG_TEXT


@dataclass(frozen=True, slots=True)
class Group:
    """Properties that stand together; those without a value are folded away, one click from being filled in."""

    name: str
    filled: list[Property]
    empty: list[Property]
    folded: bool = False


@cache
def stored(record_type: RecordType) -> frozenset[str]:
    """Return the fields that the model itself holds; a form may ask for others (a first domain)."""
    return frozenset(
        field.name for field in record_type.model._meta.get_fields() if getattr(field, "column", None)
    )


def find(record_type: RecordType, user: Any, pk: int) -> Any:
    """Return the record, with the people it names and what everybody in this role sees of what it names.

    Raises DoesNotExist for one that `user` does not see.
    """
    people = [field.name for field in record_type.fields if field.kind is FieldKind.PERSON]
    rows = record_type.model.objects.visible_to(user)
    if not 0 < pk < 2**63:
        raise record_type.model.DoesNotExist
    named = [*people, *_open_links(record_type, user)]
    found = rows.select_related(*named).get(pk=pk) if named else rows.get(pk=pk)
    access.note_seen(user, found)
    return found


def _open_links(record_type: RecordType, user: Any) -> list[str]:
    """Return the links to record types of which `user` sees every record: they are read with the record itself."""
    held = stored(record_type)
    links = [one for one in record_type.fields if one.kind is FieldKind.REFERENCE and one.name in held]
    models = {one.name: record_type.model._meta.get_field(one.name).related_model for one in links}
    return [name for name, model in models.items() if _all_seen(model, user)]


def _all_seen(model: Any, user: Any) -> bool:
    label = model._meta.label_lower
    return label in access.declarations() and access.rights(user, label).view == access.Scope.ALL


def _titles_in_hand(record_type: RecordType, record: Any, user: Any) -> dict[str, dict[int, str]]:
    """Return the titles of what was read with the record, as far as `user` sees every one of that type."""
    held = record._state.fields_cache
    read = [(name, held[name]) for name in _open_links(record_type, user) if held.get(name) is not None]
    return {name: {one.pk: str(one)} for name, one in read}


def readable(record_type: RecordType, user: Any) -> list[Field]:
    """Return the stored fields that `user` may read, in page order."""
    names = access.readable(user, record_type.label) & stored(record_type)
    return [field for field in record_type.fields if field.name in names]


def as_row(record: Any, fields: Iterable[Field]) -> dict[str, Any]:
    """Return a record as a list row holds it, so that a page and a list draw a value alike."""
    row: dict[str, Any] = {"id": record.pk, "version": record.version}
    for field in fields:
        row[field.attname] = getattr(record, field.attname)
        if field.kind is FieldKind.PERSON and row[field.attname]:
            row[f"{field.name}__name"] = getattr(record, field.name).name
        if field.currency:
            row[field.currency] = getattr(record, field.currency)
    return row


class Sheet:
    """One record as one reader may see it."""

    def __init__(self, record_type: RecordType, record: Any, user: Any, preferences: Preferences) -> None:
        self.record_type, self.record, self.user = record_type, record, user
        self.fields = readable(record_type, user)
        self.row = as_row(record, self.fields)
        known = _titles_in_hand(record_type, record, user)
        self.titles = known | listing.referenced(record_type, [self.row], user, known=known)
        self.cells = Cells(record_type, preferences.zone, self.titles)
        declared = {field.name for field in record_type.fields}
        # What the role may change, and of that what the action would accept in the record's present state.
        self.allowed = access.editable(user, record) & declared & stored(record_type)
        self.editable = self.allowed - set(record_type.settled(record))

    def shown(self, field: Field) -> Property:
        """Return one field as the page shows it."""
        html = self.cells.draw(field)(self.row)
        url = f"{self.record_type.url(self.record.pk)}field/{field.name}/"
        return Property(field, mark_safe(html), field.name in self.editable, url)  # noqa: S308  drawn escaped

    def groups(self, *, first: Sequence[str] = (), without: Collection[str] = ()) -> list[Group]:
        """Return the readable fields by group, in page order; what is empty and not theirs to fill is left out.

        With `first` these fields stand together on top, and the other groups are folded. `without` names fields that
        stand elsewhere on the page.
        """
        groups: dict[str, Group] = {KEY: Group(KEY, [], [])} if first else {}
        for one in map(self.shown, (field for field in self.fields if field.name not in without)):
            if one.html or one.editable:
                name = KEY if one.field.name in first else one.field.group
                group = groups.setdefault(name, Group(name, [], [], folded=bool(first)))
                (group.filled if one.html else group.empty).append(one)
        return [group for group in groups.values() if group.filled or group.empty]

    def named(self, names: Sequence[str]) -> list[Property]:
        """Return the readable ones of these fields, in this order: the figures and the state of the head."""
        by_name = {field.name: field for field in self.fields}
        return [self.shown(by_name[name]) for name in names if name in by_name]

    @property
    def title(self) -> str:
        if any(field.name == self.record_type.title for field in self.fields):
            return str(getattr(self.record, self.record_type.title)) or self.number
        return self.number

    @property
    def number(self) -> str:
        return self.record_type.number(self.record.pk)
