"""What draws the rows of the condition builder: for a list, or for a rule. The templates are those of the lists."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from revops.kernel.records.registry import Field, FieldKind
from revops.web import building, condition_words, inputs
from revops.web.building import Group, Row

YES_OR_NO = (("true", "Yes"), ("false", "No"))


@dataclass(frozen=True, slots=True)
class Source:
    """What conditions may ask here: `slug` is the address below which rows come, `said` tells one without a row.

    `dump` writes such a condition as the page keeps it.
    """

    slug: str
    askable: Sequence[Field]
    said: Callable[[Any], str]
    dump: Callable[[Any], str]


def of_group(source: Source, group: Group, user: Any, depth: int = 1) -> dict[str, Any]:
    """Return what draws a group of conditions."""
    parts = [
        of_group(source, one, user, depth + 1) if isinstance(one, Group) else of_row(source, one, user)
        for one in group.parts
    ]
    return {
        "is_group": True,
        "mode": group.mode,
        "modes": building.MODES.items(),
        "parts": parts,
        "deeper": depth + 1 if depth < building.DEEPEST else 0,
        "is_root": depth == 1,
    }


def of_row(source: Source, row: Row, user: Any) -> dict[str, Any]:
    """Return what draws one row: the fields, the operators of the chosen one, and the input of its value."""
    one = next((field for field in source.askable if field.name == row.field), None)
    uid = secrets.token_hex(4)
    context: dict[str, Any] = {"row": row, "askable": source.askable}
    if row.raw is not None:
        return context | {"raw": source.dump(row.raw), "said": source.said(row.raw)}
    if one is None:
        return context
    operators = building.operators(one)
    op = row.op if row.op in dict(operators) else operators[0][0]
    values = list(row.values)
    return context | {
        "field": one,
        "operators": operators,
        "op": op,
        "editor": _editor(one.kind, op),
        "values": values,
        "first": values[0] if values else "",
        "second": values[1] if len(values) > 1 else "",
        "options": inputs.options(one) if one.kind is not FieldKind.BOOLEAN else YES_OR_NO,
        "input_type": {FieldKind.DATE: "date", FieldKind.INSTANT: "datetime-local"}.get(one.kind, "text"),
        "keyboard": {FieldKind.INTEGER: "numeric", FieldKind.MONEY: "decimal"}.get(one.kind, ""),
        "pickers": inputs.Input(
            f"v-{uid}", one.label, "pickers", chosen=_chosen(one, values, user), source=inputs.source(one)
        ),
        "units": building.UNITS.items(),
        "periods": building.PERIODS.items(),
    }


def asked(source: Source, given: QueryDict, user: Any) -> dict[str, Any]:
    """Return what draws a row anew after its field or its operator was chosen."""
    values = [
        text for name, texts in given.lists() if name.partition("-")[0] == "v" for text in texts if text
    ]
    changed = given.get("changed", "")
    of_field = changed == "f"
    row = Row(
        str(given.get("f", "")), "" if of_field else str(given.get("op", "")), () if of_field else values
    )
    return of_row(source, row, user) | {"at": {"f": "op", "op": "value"}.get(str(changed), "field")}


def _editor(kind: FieldKind, op: str) -> str:
    """Return which input an operator takes."""
    if op in ("is_null", "not_null", "is_me", "not_me"):
        return "none"
    if op in ("last", "next", "ago", "within"):
        return "length"
    if op in ("period", "between"):
        return op
    if kind in (FieldKind.PERSON, FieldKind.REFERENCE):
        return "pickers"
    if kind is FieldKind.CHOICE:
        return "checks"
    return {FieldKind.COUNTRY: "several", FieldKind.BOOLEAN: "select"}.get(kind, "one")


def _chosen(one: Field, values: list[str], user: Any) -> list[tuple[str, str]]:
    """Return the ids of a picker of several with their names, as far as `user` may know them."""
    if one.kind not in (FieldKind.PERSON, FieldKind.REFERENCE):
        return []
    ids = {int(text) for text in values if text.isascii() and text.isdigit() and len(text) < 19}
    return [(str(pk), name) for pk, name in condition_words.named(one, ids, user).items()] if ids else []
