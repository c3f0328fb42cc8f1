"""Facts: what a rule may ask about a record. Declared by apps in `facts.py`, registered in `AppConfig.ready()`.

A fact names its path, its type and the ORM expression that holds it; nothing else can be read by a rule. The same
declaration reads a fetched row and compiles into SQL, so that both back-ends of a rule see the same value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import ExpressionWrapper, F, Model, QuerySet
from django.db.models.expressions import Combinable, Expression

from revops.kernel.folding import fold
from revops.kernel.people.access.remembering import once
from revops.kernel.policies.kinds import COLUMNS, OPERATORS, TEXTUAL, WORDED, FactKind


@dataclass(frozen=True, eq=False)
class Fact:
    """One value a rule may ask for.

    `column` is an ORM path (by default the last word of `path`) or an expression; an expression that a record does
    not carry needs a query to be read, unless `read` gets it from the record. `folded` names the column that stores
    the text folded: only then has the text `contains`, `starts_with`, `ends_with` and `like`, and compares without
    case; `folded_length` is the length at which that column is cut, if it is. Empty text is no value. `unit` is said
    after a number.
    """

    path: str
    label: str
    kind: FactKind = FactKind.TEXT
    column: str | Combinable = ""
    folded: str = ""
    folded_length: int | None = None
    unit: str = ""
    choices: Iterable[tuple[Any, Any]] = ()
    read: Callable[[Any], Any] | None = None
    help: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "choices", tuple((str(key), str(label)) for key, label in self.choices))
        if self.folded and self.kind != FactKind.TEXT:
            raise ValueError(f"{self.path}: only text is stored folded.")
        if (self.kind == FactKind.CHOICE) is not bool(self.choices):
            raise ValueError(f"{self.path}: a choice names its choices, nothing else does.")

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Return the words for the values of a choice."""
        return dict(self.choices)

    @property
    def operators(self) -> tuple[str, ...]:
        """Return the operators this fact has."""
        return (*OPERATORS[self.kind], *(TEXTUAL if self.folded else ()))

    @property
    def at(self) -> str | Combinable:
        """Return the ORM path or expression that holds the value."""
        last = self.path.rpartition(".")[2]
        return self.column or (f"{last}_id" if self.kind == FactKind.REFERENCE else last)

    @cached_property
    def expression(self) -> Expression:
        """Return the value in SQL."""
        held = F(self.at) if isinstance(self.at, str) else self.at
        return ExpressionWrapper(held, output_field=COLUMNS[self.kind])

    @cached_property
    def compared(self) -> Expression:
        """Return what comparisons look at in SQL: the folded column, or the value itself."""
        if not self.folded:
            return self.expression
        return ExpressionWrapper(F(self.folded), output_field=COLUMNS[FactKind.TEXT])

    @property
    def in_hand(self) -> bool:
        """Say whether a record carries the value, so that reading it costs no query."""
        return self.read is not None or isinstance(self.at, str)

    def of(self, record: Any) -> Any:
        """Return the value of a record in hand, saved or not. Raises TypeError for one that needs a query."""
        if self.read is not None:
            return self.clean(self.read(record))
        if not isinstance(self.at, str):
            raise TypeError(f"{self.path} is computed by the database: use FactSchema.fetch.")
        for name in self.at.split("__"):
            record = None if record is None else getattr(record, name)
        return self.clean(record)

    def clean(self, value: Any) -> Any:
        """Return `value`, or None for an empty text."""
        return None if self.kind in WORDED and value == "" else value

    def comparable(self, value: Any) -> Any:
        """Return what comparisons look at in Python."""
        value = self.clean(value)
        return fold(value)[: self.folded_length] if self.folded and value is not None else value


@dataclass(frozen=True, eq=False)
class Collection:
    """Rows that belong to a record and that a rule may count: `rows` gives them all, `link` points to the record."""

    path: str
    label: str
    rows: Callable[[], QuerySet[Any]]
    link: str
    facts: tuple[Fact, ...]

    @cached_property
    def by_path(self) -> Mapping[str, Fact]:
        return {fact.path: fact for fact in self.facts}

    def fetch(self, records: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
        """Return the items of each record as facts, in one statement."""
        values = {f"f{number}": fact.expression for number, fact in enumerate(self.facts)}
        rows = self.rows().filter(**{f"{self.link}__in": list(records)}).order_by("pk")
        found: dict[int, list[dict[str, Any]]] = {}
        for record, *items in rows.values_list(self.link, *values.values()):
            named = zip(self.facts, items, strict=True)
            found.setdefault(record, []).append({fact.path: fact.clean(value) for fact, value in named})
        return found


@dataclass(frozen=True, eq=False)
class FactSchema:
    """What rules may ask about one record type, by path."""

    record_type: str
    facts: tuple[Fact, ...]
    collections: tuple[Collection, ...] = ()
    by_path: Mapping[str, Fact] = field(init=False)
    collections_by_path: Mapping[str, Collection] = field(init=False)

    def __post_init__(self) -> None:
        paths = [fact.path for fact in self.facts] + [one.path for one in self.collections]
        if twice := {path for path in paths if paths.count(path) > 1}:
            raise ValueError(f"{self.record_type}: declared twice: {', '.join(sorted(twice))}.")
        object.__setattr__(self, "by_path", {fact.path: fact for fact in self.facts})
        object.__setattr__(self, "collections_by_path", {one.path: one for one in self.collections})

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.record_type)

    def of(
        self, record: Any, paths: Iterable[str], *, changes: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return facts of a record in hand, saved or not, without a query.

        `changes` holds values by field name that the record is about to get. Raises TypeError for a collection or a
        fact that only the database can tell: `fetch` reads those.
        """
        given = changes or {}
        found: dict[str, Any] = {}
        for path in paths:
            if path not in self.by_path:
                raise TypeError(f"{path} cannot be read from a record in hand: use FactSchema.fetch.")
            fact = self.by_path[path]
            name = fact.at.removesuffix("_id") if fact.kind == FactKind.REFERENCE else fact.at  # type: ignore[union-attr]
            if isinstance(name, str) and name in given:
                found[path] = fact.clean(getattr(given[name], "pk", given[name]))
            else:
                found[path] = fact.of(record)
        return found

    def about(self, pk: int, paths: Iterable[str]) -> dict[str, Any]:
        """Return facts of one stored record: one statement, and one more a collection.

        Within `access.remembered` none is read twice: a page that names all it will ask pays one statement for it.
        """
        wanted = list(dict.fromkeys(paths))
        known: dict[str, Any] = once(("facts", self.record_type, pk), dict)
        if unread := [path for path in wanted if path not in known]:
            known |= self.fetch(self.model._base_manager.filter(pk=pk), unread)[pk]
        return {path: known[path] for path in wanted}

    def fetch(self, rows: QuerySet[Any], paths: Iterable[str]) -> dict[int, dict[str, Any]]:
        """Return facts of every record of `rows` by its id: one statement, and one more a collection."""
        wanted = list(dict.fromkeys(paths))
        facts = [self.by_path[path] for path in wanted if path in self.by_path]
        expressions = [fact.expression for fact in facts]
        found = {
            pk: {fact.path: fact.clean(value) for fact, value in zip(facts, values, strict=True)}
            for pk, *values in rows.order_by("pk").values_list("pk", *expressions)
        }
        for path in wanted:
            if path not in self.by_path:
                items = self.collections_by_path[path].fetch(found)
                for pk, held in found.items():
                    held[path] = items.get(pk, [])
        return found


_schemas: dict[str, FactSchema] = {}


def register(schema: FactSchema) -> FactSchema:
    """Let rules ask about a record type. Raises ValueError when another schema is registered for it."""
    held = _schemas.setdefault(schema.record_type, schema)
    if held is not schema:
        raise ValueError(f"{schema.record_type} has a fact schema already.")
    return schema


def get(record_type: str) -> FactSchema:
    """Return the fact schema of a record type. Raises LookupError for one without."""
    try:
        return _schemas[record_type]
    except KeyError:
        raise LookupError(f"{record_type} has no facts: declare them in facts.py.") from None


def every() -> list[FactSchema]:
    """Return every fact schema, by record type."""
    return [_schemas[name] for name in sorted(_schemas)]
