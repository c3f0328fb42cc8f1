"""Whatever points to a record that an import may bring has an index: a removal looks for it, row by row."""

from typing import Any

import pytest
from django.db import models

from revops.kernel.exchange import importers
from revops.kernel.exchange.reverting import links
from revops.kernel.exchange.reverting.groups import model_of
from revops.kernel.people.models import OwnershipInterval

# People come in by dozens, not by the hundred thousand.
_FEW = {"identity.user"}


def indexed(model: type[models.Model], column: str) -> bool:
    """Say whether an index or a unique constraint begins with the column."""
    field: Any = next(one for one in model._meta.concrete_fields if one.attname == column)
    if field.db_index or field.unique:
        return True
    lists = [index.fields for index in model._meta.indexes]
    lists += [list(getattr(one, "fields", ())) for one in model._meta.constraints]
    return any(names and names[0].lstrip("-") == field.name for names in lists)


def bare(label: str) -> list[str]:
    """Return the columns without an index that point to records of a type."""
    found = [link for link in links.to(model_of(label)) if not link.type_column]
    return sorted(
        f"{link.model._meta.label}.{link.column}" for link in found if not indexed(link.model, link.column)
    )


@pytest.mark.parametrize("label", sorted({one.record_type for one in importers.every()} - _FEW))
def test_what_points_to_imported_records_is_indexed(label: str) -> None:
    assert bare(label) == []


@pytest.mark.control
def test_column_without_an_index_is_found() -> None:
    assert indexed(OwnershipInterval, "owner_id")
    assert not indexed(OwnershipInterval, "note")
