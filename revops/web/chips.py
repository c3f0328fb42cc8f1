"""Filters in words: the chips above a list, and the operators that the filter menu offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from revops.kernel.identity.models import User
from revops.kernel.records import listing
from revops.kernel.records.registry import Field, FieldKind
from revops.web import formatting
from revops.web.addresses import Address

_DATES = (FieldKind.DATE, FieldKind.INSTANT)
_WORDS = {"": "is", "not": "is not", "starts": "starts with", "gte": "at least", "lte": "at most"}
_DATE_WORDS = {"": "is", "gte": "on or after", "lte": "on or before"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as it is read, and the address of the list without it; one that `builds` opens in the builder."""

    field: str
    operator: str
    value: str
    remove: str
    builds: bool = False

    @property
    def words(self) -> str:
        return " ".join(part for part in (self.field, self.operator, self.value) if part)


def operator_words(field: Field, operator: str) -> str:
    """Return an operator as a person says it for this kind of field."""
    return (_DATE_WORDS if field.kind in _DATES else _WORDS).get(operator, "is empty")


def operators(field: Field) -> list[tuple[str, str]]:
    """Return the operators that fit a field, with their words; "is empty" comes last."""
    return [(name, operator_words(field, name)) for name in listing.OPERATORS[field.kind]]


def chips(filters: Sequence[listing.Filter], address: Address, user: Any) -> list[Chip]:
    """Return the filters of a list in words; the names of people and records cost one query each."""
    found = []
    for one in filters:
        if one.operator == "empty":
            operator, value = ("is empty" if one.text == "true" else "is not empty"), ""
        else:
            operator, value = operator_words(one.field, one.operator), _value(one, user)
        found.append(Chip(one.field.label, operator, value, address.without(one.parameter)))
    return found


def measured(query: listing.Query, address: Address) -> list[Chip]:
    """Return the part of a figure that a list holds alone, in words."""
    if query.ratio is None:
        return []
    return [Chip("", "", query.ratio.words(query.part), address.to(metric=None, part=None))]


def _value(one: listing.Filter, user: Any) -> str:
    given = [text.strip() for text in one.text.split(",") if text.strip()]
    match one.field.kind:
        case FieldKind.CHOICE:
            labels: Mapping[str, str] = {code: str(label) for code, label in one.field.choices}
            shown = [labels.get(text, text) for text in given]
        case FieldKind.COUNTRY:
            shown = [formatting.country(text) for text in given]
        case FieldKind.PERSON:
            names = dict(User.objects.filter(pk__in=map(int, given)).values_list("pk", "name"))
            shown = ["you" if int(text) == user.pk else names.get(int(text), text) for text in given]
        case FieldKind.REFERENCE:
            known = titles(one.field, given, user)
            shown = [known.get(int(text), f"record {text}") for text in given]
        case FieldKind.BOOLEAN:
            shown = ["Yes" if text == "true" else "No" for text in given]
        case FieldKind.TEXT | FieldKind.URL:
            return one.text
        case _:
            shown = given
    return " or ".join(shown)


def titles(field: Field, given: Sequence[str], user: Any) -> Mapping[int, str]:
    """Return the titles of linked records by id, of those that `user` sees."""
    rows = apps.get_model(field.reference).objects.filter(pk__in=[int(text) for text in given])
    visible = rows.visible_to(user) if hasattr(rows, "visible_to") else rows
    return {one.pk: str(one) for one in visible}
