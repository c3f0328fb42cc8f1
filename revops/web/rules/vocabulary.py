"""What the conditions of a rule may ask, as the condition builder of the lists sees it: facts as fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from revops.kernel.identity.models import User
from revops.kernel.policies import rules
from revops.kernel.policies.facts import Fact, FactSchema
from revops.kernel.policies.kinds import FactKind
from revops.kernel.policies.rules import RuleError
from revops.kernel.records.registry import Field, FieldKind
from revops.web import building
from revops.web.building import Asked
from revops.web.condition_rows import Source

_KINDS = {
    FactKind.TEXT: FieldKind.TEXT,
    FactKind.INTEGER: FieldKind.INTEGER,
    # Decimals stand in quotes, as amounts do.
    FactKind.DECIMAL: FieldKind.MONEY,
    FactKind.MONEY: FieldKind.MONEY,
    FactKind.DATE: FieldKind.DATE,
    FactKind.INSTANT: FieldKind.INSTANT,
    FactKind.BOOLEAN: FieldKind.BOOLEAN,
    FactKind.CHOICE: FieldKind.CHOICE,
    FactKind.REFERENCE: FieldKind.REFERENCE,
}
_TIMES = frozenset({FactKind.DATE, FactKind.INSTANT})
_NUMBERS = frozenset({FactKind.INTEGER, FactKind.DECIMAL, FactKind.MONEY})
_OF_LISTS = frozenset({"period", "is_me", "not_me"})
_BOUNDS = (("gt", "above"), ("lt", "below"))


@dataclass(frozen=True)
class Vocabulary:
    """The facts of one schema as fields by their paths; `conditions` draws what is asked of them."""

    schema: FactSchema
    by_name: Mapping[str, Field]

    def source(self, key: str) -> Source:
        """Return what the rows of the builder for a rule are drawn from."""
        return Source(f"rules/{key}", tuple(self.by_name.values()), self.said, _dump)

    def said(self, raw: Any) -> str:
        """Return a condition in words; parameters and other rules stand by their names. JSON for what is none."""
        try:
            refs = {name: {"const": None} for name in named(raw)}
            words = rules.describe(rules.parse(raw, self.schema, refs=refs).root)
        except RuleError:
            return _dump(raw)
        return words.replace(" (unknown)", "")


@lru_cache(maxsize=64)
def of(schema: FactSchema) -> Vocabulary:
    """Return the vocabulary of a fact schema."""
    return Vocabulary(schema, {fact.path: _field(schema, fact) for fact in schema.facts})


def _field(schema: FactSchema, fact: Fact) -> Asked:
    kind, reference = _KINDS[fact.kind], ""
    if fact.kind == FactKind.REFERENCE:
        kind, reference = _link(schema.model, fact)
    offered = tuple(one for one in building.OPERATORS[kind] if one[0] not in _OF_LISTS)
    if kind is FieldKind.TEXT:
        textual = (("contains", "contains"), ("starts_with", "starts with"), ("ends_with", "ends with"))
        offered = (*(textual if fact.folded else ()), *offered)
    elif fact.kind in _NUMBERS:
        offered = (*offered[:2], *_BOUNDS, *offered[2:])
    elif fact.kind in _TIMES:
        offered = (("within", "is not longer ago than"), *offered)
    return Asked(
        fact.path,
        fact.label,
        kind,
        group=str(schema.model._meta.verbose_name).capitalize(),
        choices=tuple(fact.choices),
        reference=reference,
        help=fact.help,
        offered=offered,
    )


def _link(model: type[Model], fact: Fact) -> tuple[FieldKind, str]:
    """Return what a reference leads to: a person, a record type, or a number where the path does not say."""
    if not isinstance(fact.at, str):
        return FieldKind.INTEGER, ""
    found: Any = model
    try:
        for name in fact.at.split("__"):
            found = found._meta.get_field(name.removesuffix("_id")).related_model
    except (FieldDoesNotExist, AttributeError):
        return FieldKind.INTEGER, ""
    if found is None or isinstance(found, str):
        return FieldKind.INTEGER, ""
    return (FieldKind.PERSON, "") if found is User else (FieldKind.REFERENCE, found._meta.label_lower)


def named(raw: Any) -> set[str]:
    """Return the named rules that a condition leans on."""
    if isinstance(raw, Mapping):
        here = {raw["ref"]} if isinstance(raw.get("ref"), str) else set()
        return here.union(*(named(one) for one in raw.values()))
    return set().union(*(named(one) for one in raw)) if isinstance(raw, list) else set()


def _dump(raw: Any) -> str:
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
