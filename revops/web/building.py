"""The condition builder: a condition as rows of field, operator and value, and the rows as a condition again.

A row is what somebody chose; the operators are words of people ("in the last 30 days") over those of the condition
language. What the builder has no row for (a count, a comparison of two fields) it keeps as it is.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from revops.kernel.policies.rules import Problem
from revops.kernel.records.registry import Field, FieldKind

DEEPEST = 3
MODES = {"all": "All of these", "any": "Any of these", "none": "None of these"}
UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
PERIODS = {
    f"{place}_{kind}": f"{place} {'' if kind == 'month' else 'fiscal '}{kind}"
    for kind in ("month", "quarter", "year")
    for place in ("this", "last", "next")
}
_EMPTY = (("is_null", "is empty"), ("not_null", "is not empty"))
_ORDER = (("gte", "at least"), ("lte", "at most"), ("eq", "is"), ("ne", "is not"), ("between", "between"))
_TIME = (
    ("period", "is"),
    ("last", "in the last"),
    ("next", "in the next"),
    ("ago", "longer ago than"),
    ("gte", "on or after"),
    ("lt", "before"),
    ("lte", "on or before"),
    ("between", "between"),
)
_AMONG = (("in", "is any of"), ("not_in", "is none of"))
_IS = (("eq", "is"), ("ne", "is not"))
OPERATORS: dict[FieldKind, tuple[tuple[str, str], ...]] = {
    FieldKind.TEXT: (*_IS, *_EMPTY),
    FieldKind.URL: (*_IS, *_EMPTY),
    FieldKind.LONG_TEXT: _EMPTY,
    FieldKind.PERCENT: _EMPTY,
    FieldKind.CHOICE: (*_AMONG, *_EMPTY),
    FieldKind.COUNTRY: (*_AMONG, *_EMPTY),
    FieldKind.BOOLEAN: (("eq", "is"), *_EMPTY),
    FieldKind.INTEGER: (*_ORDER, *_EMPTY),
    FieldKind.MONEY: (*_ORDER, *_EMPTY),
    FieldKind.DATE: (*_TIME, *_EMPTY),
    FieldKind.INSTANT: (*_TIME, *_EMPTY),
    FieldKind.PERSON: (("is_me", "is me"), ("not_me", "is not me"), *_AMONG, *_EMPTY),
    FieldKind.REFERENCE: (*_AMONG, *_EMPTY),
}
_WORDS = (("contains", "contains"), ("starts_with", "starts with"))
_LENGTH = re.compile(r"-?P(\d{1,4})([DWMY])", re.ASCII)


class Named(Protocol):
    """Whatever has fields by name: a record type, or the vocabulary of a rule."""

    @property
    def by_name(self) -> Mapping[str, Field]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: the name of a field, an operator of the builder, the texts of its value.

    `raw` is a condition that has no row. `problems` is what was said against it.
    """

    field: str = ""
    op: str = ""
    values: Sequence[str] = ()
    raw: Any = None
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all, any or none must hold."""

    mode: str = "all"
    parts: "Sequence[Row | Group]" = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Asked(Field):
    """A field with operators of its own: what a rule may ask differs from what a list may be asked for."""

    offered: tuple[tuple[str, str], ...] = ()


def operators(one: Field) -> tuple[tuple[str, str], ...]:
    """Return the operators of a field with their words, the usual one first."""
    if isinstance(one, Asked):
        return one.offered
    held = OPERATORS[one.kind]
    return (*_WORDS, *held) if one.kind is FieldKind.TEXT and one.column else held


def shown(body: Any, record_type: Named, zone: ZoneInfo) -> Group:
    """Return a condition, already parsed once, as a group of rows."""
    found = _part(body, record_type, zone)
    return found if isinstance(found, Group) else Group("all", (found,))


def _part(body: Any, record_type: Named, zone: ZoneInfo) -> Row | Group:
    keys = set(body)
    if keys in ({"all"}, {"any"}):
        (mode,) = body
        return Group(mode, tuple(_part(one, record_type, zone) for one in body[mode]))
    if keys == {"not"}:
        inner = body["not"]
        parts = inner["any"] if set(inner) == {"any"} else [inner]
        return Group("none", tuple(_part(one, record_type, zone) for one in parts))
    if not keys <= {"f", "op", "v"}:
        return Row(raw=body)
    return _row(record_type.by_name[body["f"]], body, zone) or Row(raw=body)


def _row(one: Field, body: Any, zone: ZoneInfo) -> Row | None:
    """Return the row of a comparison, or None where the builder has none."""
    op, given = body["op"], body.get("v")
    offered = dict(operators(one))
    if isinstance(given, dict):
        me = {"eq": "is_me", "ne": "not_me"}.get(op, "") if given == {"param": "me"} else ""
        return Row(one.name, me) if me in offered else None
    if op == "between" and all(isinstance(end, dict) for end in given):
        return _span(one, given)
    if op in ("older_than", "within"):
        name, length = {"older_than": "ago"}.get(op, op), _LENGTH.fullmatch(given)
        return Row(one.name, name, length.groups()) if length and name in offered else None
    if op in ("eq", "ne") and op not in offered and "in" in offered:
        op, given = ("in" if op == "eq" else "not_in"), [given]
    if op not in offered or (isinstance(given, list) and any(isinstance(each, dict) for each in given)):
        return None
    texts = [] if given is None else given if isinstance(given, list) else [given]
    return Row(one.name, op, tuple(_text(one, each, zone) for each in texts))


def _span(one: Field, given: Any) -> Row | None:
    first, last = given
    start = str(first.get("param", "")).removesuffix("_at")
    if start.removesuffix("_start") in PERIODS and str(last.get("param", "")) == str(first["param"]).replace(
        "start", "end"
    ):
        return Row(one.name, "period", (start.removesuffix("_start"),))
    if last == {"now": "P0D"} and (length := _LENGTH.fullmatch(str(first.get("now", "")))):
        return Row(one.name, "last", length.groups()) if str(first["now"]).startswith("-") else None
    if first == {"now": "P0D"} and (length := _LENGTH.fullmatch(str(last.get("now", "")))):
        return Row(one.name, "next", length.groups())
    return None


def _text(one: Field, value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if one.kind is FieldKind.INSTANT:
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%dT%H:%M}"
    return str(value)


def read(text: str) -> Group:
    """Return the rows that a page sent. Raises ValueError for what no page of ours sends."""
    try:
        found = _sent(json.loads(text), 1)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("These are no conditions.") from error
    if not isinstance(found, Group):
        raise ValueError("These are no conditions.")
    return found


def _sent(given: Any, depth: int) -> Row | Group:
    if depth > DEEPEST + 1:
        raise ValueError("These conditions are nested too deep.")
    if "raw" in given:
        return Row(raw=json.loads(given["raw"]))
    if "mode" in given:
        if given["mode"] not in MODES:
            raise ValueError("There is no such group.")
        return Group(given["mode"], tuple(_sent(one, depth + 1) for one in given["parts"]))
    return Row(str(given["f"]), str(given["op"]), tuple(str(one) for one in given["v"]))


def condition(part: Row | Group, record_type: Named, zone: ZoneInfo) -> Any:
    """Return the condition that rows say; None for those that say nothing yet."""
    if isinstance(part, Row):
        return part.raw if part.raw is not None else _compare(part, record_type, zone)
    parts = [said for one in part.parts if (said := condition(one, record_type, zone)) is not None]
    if not parts:
        return None
    return {"not": {"any": parts}} if part.mode == "none" else {part.mode: parts}


def _compare(row: Row, record_type: Named, zone: ZoneInfo) -> Any:
    one = record_type.by_name.get(row.field)
    if not row.field:
        return None
    said: dict[str, Any] = {"f": row.field}
    first = row.values[0] if row.values else ""
    length = f"{first}{row.values[1]}" if len(row.values) == 2 else first
    suffix = "_at" if one is not None and one.kind is FieldKind.INSTANT else ""
    match row.op:
        case "is_me" | "not_me":
            return said | {"op": "eq" if row.op == "is_me" else "ne", "v": {"param": "me"}}
        case "is_null" | "not_null":
            return said | {"op": row.op}
        case "last":
            return said | {"op": "between", "v": [{"now": f"-P{length}"}, {"now": "P0D"}]}
        case "next":
            return said | {"op": "between", "v": [{"now": "P0D"}, {"now": f"P{length}"}]}
        case "ago":
            return said | {"op": "older_than", "v": f"P{length}"}
        case "within":
            return said | {"op": "within", "v": f"P{length}"}
        case "period":
            ends = [{"param": f"{first}_{end}{suffix}"} for end in ("start", "end")]
            return said | {"op": "between", "v": ends}
    texts = [_literal(one, text, zone) for text in row.values if text.strip()]
    if row.op in ("in", "not_in", "between"):
        return said | {"op": row.op, "v": texts}
    return said | {"op": row.op, "v": texts[0] if texts else ""}


def _literal(one: Field | None, text: str, zone: ZoneInfo) -> Any:
    """Return a text as the language takes it; what does not fit stays text, and is refused there with its place."""
    text = text.strip()
    if one is None:
        return text
    if one.kind in (FieldKind.INTEGER, FieldKind.REFERENCE, FieldKind.PERSON):
        plain = text.replace(",", "")
        return (
            int(plain) if plain.isascii() and plain.removeprefix("-").isdigit() and len(plain) < 19 else text
        )
    if one.kind is FieldKind.BOOLEAN:
        return {"true": True, "false": False}.get(text, text)
    if one.kind is FieldKind.MONEY:
        return text.replace(",", "")
    if one.kind is FieldKind.INSTANT:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            return text
    return text


def against(part: Row | Group, problems: Sequence[Problem], at: str = "") -> Row | Group:
    """Return the rows with what the language says against each, by its place in the condition."""
    if isinstance(part, Row):
        said = [
            f"Use {one.needed}."
            for one in problems
            if one.position == at or one.position.startswith(f"{at}/")
        ]
        return replace(part, problems=tuple(said))
    inner = f"{at}/not/any" if part.mode == "none" else f"{at}/{part.mode}"
    filled = [one for one in part.parts if not (isinstance(one, Row) and not one.field and one.raw is None)]
    return replace(
        part, parts=tuple(against(one, problems, f"{inner}/{place}") for place, one in enumerate(filled))
    )
