"""Every field the API shows or takes is in the access declaration of its type; one that is not turns this red."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from revops.api import representation, tokens
from revops.api.people.resources import RESOURCES
from revops.api.people.table import DEEDS
from revops.api.schema.records import components, name_of
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.registry import Field, RecordType

IDENTITY = {"id", "number", "version", "url"}
# What a body holds besides fields: which version one holds, and why.
HELD = {"version", "reason"}


def shown_or_taken(record_type: RecordType) -> Iterator[tuple[str, str]]:
    """Yield (place, field) for everything the API shows of a record type or takes for it."""
    schemas, name = components(record_type.label), name_of(record_type)
    yield from (("representation", field.name) for field in representation.fields_of(record_type.label))
    for schema in (name, f"{name}Page", f"{name}Create", f"{name}Edit"):
        if schema != f"{name}Page":
            yield from ((schema, field) for field in schemas[schema]["properties"])
    yield from (("list filter", field.name) for field in record_type.fields if field.filterable)
    yield from (("list order", field.name) for field in record_type.fields if field.sortable)
    yield from (("create form", field) for field in record_type.create_fields)


def undeclared(record_type: RecordType) -> list[str]:
    """Return every shown or taken field that the access matrix does not know."""
    declared = access.declarations()[record_type.label].fields | IDENTITY | HELD
    return sorted(
        {f"{place}: {field}" for place, field in shown_or_taken(record_type) if field not in declared}
    )


def undeclared_of_organisation() -> list[str]:
    """Return every member of users, teams and the like that the access matrix does not know."""
    found = [
        f"{resource.slug}: {member}"
        for resource in RESOURCES
        for member in resource.members.keys() - access.declarations()[resource.label].fields
    ]
    found += [
        f"{deed.resource.slug}: {argument.name}"
        for deed in DEEDS
        if deed.name in ("", "edit")
        for argument in deed.arguments
        if argument.name not in access.declarations()[deed.resource.label].fields | HELD
    ]
    return sorted(found)


def test_every_field_of_every_record_type_is_declared() -> None:
    for record_type in registry.every():
        assert undeclared(record_type) == []


def test_every_member_of_the_organisation_is_declared() -> None:
    assert undeclared_of_organisation() == []


def test_every_member_of_a_token_is_declared() -> None:
    assert tokens._SHOWN.keys() - access.declarations()["api.apitoken"].fields == {"id"}


@pytest.fixture
def planted() -> Iterator[RecordType]:
    """Add a field to accounts that nobody put into the access matrix."""
    before = registry.get("accounts.account")
    field = Field("name_key", "Folded name", filterable=True, sortable=True)
    registry.register(replace(before, fields=(*before.fields, field)))
    for made in (representation.fields_of, representation._compiled, components):
        made.cache_clear()
    yield registry.get("accounts.account")
    registry.register(before)
    for made in (representation.fields_of, representation._compiled, components):
        made.cache_clear()


@pytest.mark.control
def test_a_field_nobody_declared_is_named(planted: RecordType) -> None:
    assert undeclared(planted) == [
        "list filter: name_key",
        "list order: name_key",
        "representation: name_key",
    ]


@pytest.mark.control
@pytest.mark.django_db
def test_a_field_nobody_declared_is_shown_to_nobody(planted: RecordType, django_user_model: Any) -> None:
    for role in access.declarations()["accounts.account"].grants:
        held = access.matrix._rights(access.organisation.current(), frozenset({role}), "accounts.account")
        assert "name_key" not in held.readable
    assert "name_key" not in representation.readable(planted, django_user_model())
