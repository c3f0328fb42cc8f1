"""How governed records point to each other: by foreign key, or by a pair of columns (type and id)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from revops.kernel.exchange.reverting.trail import Key
from revops.kernel.guard import GovernedModel

Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Link:
    """One way from a model to another record. `label` is the target's type; a pair names it in `type_column`."""

    model: Model
    column: str
    label: str = ""
    type_column: str = ""
    cascades: bool = False

    def target(self, record: Any) -> Key | None:
        """Return the record that this link of `record` points to."""
        pk = getattr(record, self.column)
        return None if pk is None else (self.label or getattr(record, self.type_column), pk)

    def pointing_to(self, label: str, pks: Any) -> Any:
        """Return the rows that point to these records through this link, as (id, id of the target)."""
        rows: Any = self.model._base_manager.filter(**{f"{self.column}__in": pks})
        if self.type_column:
            rows = rows.filter(**{self.type_column: label})
        return rows.values_list("pk", self.column)


@cache
def of(model: Model) -> tuple[Link, ...]:
    """Return the links of a governed model: pairs first, then its foreign keys to governed models."""
    return (*_pairs(model), *_keys(model))


@cache
def to(model: Model) -> tuple[Link, ...]:
    """Return every link that may point to a record of `model`: what has to be looked through before it goes."""
    found: list[Link] = []
    for other in apps.get_models():
        if issubclass(other, GovernedModel):
            found += _pairs(other)
        found += [link for link in _keys(other, governed=False) if link.label == model._meta.label_lower]
    return tuple(found)


def _pairs(model: Model) -> Iterator[Link]:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    for name, column in columns.items():
        kind = columns.get(f"{name.removesuffix('_id')}_type")
        if name.endswith("_id") and not column.is_relation and kind is not None:
            yield Link(model, name, type_column=kind.attname)


def _keys(model: Model, *, governed: bool = True) -> Iterator[Link]:
    for field in model._meta.concrete_fields:
        key: Any = field
        if not isinstance(field, models.ForeignKey) or not key.db_constraint:
            continue
        if not governed or issubclass(key.related_model, GovernedModel):
            cascades = key.remote_field.on_delete is models.CASCADE and not issubclass(model, GovernedModel)
            yield Link(model, key.attname, label=key.related_model._meta.label_lower, cascades=cascades)
