"""What an app declares so that its list can be a board: what a card shows, and how one is moved.

`RecordType.extra["board"]` holds a `Board`. Without one a card shows title and owner, and a move is an edit of the
field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, RecordAction, RecordType

# A field without an index is grouped by while no record has a higher id than this.
FEW = 50_000
# So many columns fit a board.
MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows besides its title, by the names of fields; what its reader may not read is left out.

    A record whose field holds one of the values in `ended` is over: no next step of it is due any more.
    """

    about: str = ""
    figure: str = ""
    day: str = ""
    person: str = "owner"
    step: str = ""
    step_on: str = ""
    ended: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        every = (self.about, self.figure, self.day, self.person, self.step, self.step_on, *self.ended)
        return tuple(name for name in every if name)


class Run(Protocol):
    def __call__(
        self,
        *,
        by: Any,
        pk: int,
        values: Mapping[str, Any],
        changes: Mapping[str, Any],
        version: int | None,
        reason: str,
        deeds: Sequence["Deed"] = (),
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Supply:
    """A deed by which a move gets what it lacked: its form begins with `values`, and does not ask for them."""

    action: RecordAction
    values: Mapping[str, str] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody entered into the form of such a deed; findings against it name their field after its `key`."""

    key: str
    action: str
    values: Mapping[str, str]

    def named(self, name: str) -> str:
        """Return the name that a value of this deed has in the form of the move."""
        return f"{self.key}-{name}"


def _nothing(name: str) -> Supply | None:
    return None


@dataclass(frozen=True, slots=True)
class Move:
    """The way of one record into one column: the app's own action, with what it asks for.

    `fields` are what the action asks besides what the column says; `run` calls it with `values` for them and, where
    the move `fills`, with `changes` of the record that it lacked. `supplies` returns the deed that supplies what a
    finding names, where it is no field of the record. All of it is written together, or nothing is.
    """

    label: str
    right: str
    run: Run
    fields: tuple[Field, ...] = ()
    fills: bool = False
    supplies: Callable[[str], Supply | None] = _nothing


@dataclass(frozen=True, slots=True)
class Mover:
    """How records get from one column of a field to another.

    `way(record, to)` returns the move into the column `to`, None where no hand brings a record there. Whoever has the
    right `offered` is shown that a card moves; whether it does says the action.
    """

    field: str
    offered: str
    way: Callable[[Any, str], Move | None]


@dataclass(frozen=True, slots=True)
class Board:
    """How the list of a record type is shown as a board: the field it begins with, its cards, its movers.

    `folded` names, for a field, the values whose columns come last and are opened when somebody asks for them.
    """

    begins: str = ""
    card: Card = Card()
    movers: tuple[Mover, ...] = ()
    folded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def of(record_type: RecordType) -> Board:
    """Return the board of a record type, as its app declares it or as every type has it."""
    declared: Board = record_type.extra.get("board") or Board()
    return declared


def groupable(record_type: RecordType, user: Any) -> list[Field]:
    """Return the fields by which `user` may group a board: choices that they may read and filter by.

    Each has an index that begins with it, or the records are few; one query tells, where a field has none. The field
    by which the board begins comes first.
    """
    readable = access.readable(user, record_type.label)
    fields = [one for one in record_type.fields if one.name in readable and _fits(one)]
    indexed = _indexed(record_type)
    if any(one.name not in indexed for one in fields) and not _few(record_type):
        fields = [one for one in fields if one.name in indexed]
    first = of(record_type).begins
    return sorted(fields, key=lambda one: one.name != first)


def _fits(one: Field) -> bool:
    asked = one.kind is FieldKind.CHOICE and one.filterable and not one.kept
    return asked and 1 < len(one.choices) <= MOST_COLUMNS


def _indexed(record_type: RecordType) -> frozenset[str]:
    indexes: Sequence[Any] = record_type.model._meta.indexes
    return frozenset(index.fields[0] for index in indexes if index.fields and not index.condition)


def _few(record_type: RecordType) -> bool:
    last = record_type.model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) <= FEW


def mover(record_type: RecordType, by: Field) -> Mover:
    """Return how records are moved along a field: as the app declares it, or by an edit."""
    declared = next((one for one in of(record_type).movers if one.field == by.name), None)
    return declared or _by_edit(record_type, by)


def _by_edit(record_type: RecordType, column: Field) -> Mover:
    """Return how records are moved along a field that is edited like any other."""

    def way(record: Any, to: str) -> Move:
        def run(
            *,
            by: Any,
            pk: int,
            values: Mapping[str, Any],
            changes: Mapping[str, Any],
            version: int | None,
            reason: str,
            deeds: Sequence[Deed] = (),
        ) -> Any:
            changed = {**changes, column.name: to}
            return record_type.edit(by=by, pk=pk, changes=changed, version=version, reason=reason)

        return Move(f"Change {column.label.lower()}", "", run, fills=True)

    return Mover(column.name, "", way)
