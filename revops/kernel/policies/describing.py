"""The body of a policy document as a form sees it: groups, lists, maps, choices, numbers, texts and conditions.

It is read from the types of the body, so that a form, a comparison and the documentation of the API follow the schema
without being told. What the types cannot say is said by `Field(json_schema_extra={...})`: `kind`, `labels` of
choices, `unique_by` of a list. What is not understood is `json`.
"""

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from revops.kernel.policies import facts
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.facts import FactSchema

LONG_TEXT = 200
CONDITIONS = frozenset({"when", "rule", "where", "condition", "unless", "required_when"})
IDENTITIES = ("key", "field", "name", "stage", "segment", "code")
_CHOICE = re.compile(r"\^\((?P<words>[\w-]+(?:\|[\w-]+)*)\)\$")


@dataclass(frozen=True, slots=True)
class Shape:
    """One part of a body.

    `kind` is text, long_text, integer, boolean, choice, condition, fact (the path of a fact), value (a scalar or a list
    of them), group (of `fields`), list or map (of `item`), or json. `least` and `most` bound a number, or the length of
    a text or list; `unique_by` names the field by which two versions of a list are matched.
    """

    kind: str
    name: str = ""
    label: str = ""
    help: str = ""
    required: bool = False
    nullable: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    fields: tuple["Shape", ...] = ()
    item: "Shape | None" = None
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    unique_by: str = ""


def shape(document: PolicyDocument) -> Shape:
    """Return the body of a document as parts of a form."""
    fields = _fields(document.body)
    return Shape("group", label=document.title, help=document.help, required=True, fields=fields)


def vocabulary(document: PolicyDocument) -> FactSchema | None:
    """Return the facts that the conditions of a document may ask for; None where there are none to ask for."""
    if not issubclass(document.body, RuleBody):
        return None
    try:
        return facts.get(document.body.record_type)
    except LookupError:
        return None


@lru_cache(maxsize=256)
def _fields(body: type[BaseModel]) -> tuple[Shape, ...]:
    return tuple(_field(name, one) for name, one in body.model_fields.items())


def _field(name: str, field: FieldInfo) -> Shape:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    annotation, nullable = _without_none(field.annotation)
    given: dict[str, Any] = {
        "name": name,
        "label": field.title or name.replace("_", " ").capitalize(),
        "help": field.description or "",
        "required": field.is_required(),
        "nullable": nullable,
        "default": _default(field),
        **_bounds(field),
    }
    return _shape(annotation, name, given, extra)


def _shape(annotation: Any, name: str, given: dict[str, Any], extra: Mapping[str, Any]) -> Shape:
    if "kind" in extra:
        return Shape(str(extra["kind"]), **given)
    choices = _choices(annotation, given.get("pattern", ""), extra.get("labels", {}))
    if choices:
        return Shape("choice", **given | {"pattern": ""}, choices=choices)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (dict, Mapping) and name in CONDITIONS:
        return Shape("condition", **given)
    if origin is dict and inner[0] is str:
        return Shape("map", **given, item=_of_map(name, inner[1]))
    if origin in (tuple, list, frozenset, set):
        item = _shape(inner[0], "", {"label": given["label"]}, extra.get("items", {}))
        return Shape("list", **given, item=item, unique_by=str(extra.get("unique_by", _identity(item))))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape("group", **given, fields=_fields(annotation))
    if annotation is str:
        return Shape("long_text" if (given.get("most") or 0) > LONG_TEXT else "text", **given)
    return Shape({bool: "boolean", int: "integer"}.get(annotation, "json"), **given)


def _of_map(name: str, annotation: Any) -> Shape:
    """Return what a map holds: named rules hold conditions, parameters hold plain values."""
    if annotation is Any:
        return Shape({"rules": "condition", "params": "value"}.get(name, "json"))
    return _shape(*_without_none(annotation)[:1], "", {"label": ""}, {})


def _identity(item: Shape) -> str:
    names = {one.name for one in item.fields}
    return next((name for name in IDENTITIES if name in names), "")


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return a type without its None, and whether it had one."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    others = [one for one in get_args(annotation) if one is not type(None)]
    nullable = len(others) < len(get_args(annotation))
    return (others[0] if len(others) == 1 else annotation), nullable


def _choices(annotation: Any, pattern: str, labels: Any) -> tuple[tuple[str, str], ...]:
    values: Iterable[Any] = ()
    if get_origin(annotation) is Literal:
        values = get_args(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        labels = {**{one.value: str(getattr(one, "label", one.value)) for one in annotation}, **labels}
        values = [one.value for one in annotation]
    elif annotation is str and (found := _CHOICE.fullmatch(pattern)):
        values = found["words"].split("|")
    return tuple((str(one), str(labels.get(one, _words(str(one))))) for one in values)


def _words(value: str) -> str:
    return value if value.isupper() else value.replace("_", " ").capitalize()


def _default(field: FieldInfo) -> Any:
    default = field.get_default(call_default_factory=True, validated_data={})
    return None if default is PydanticUndefined else to_jsonable_python(default)


def _bounds(field: FieldInfo) -> dict[str, Any]:
    """Return the limits that a field names; exclusive ones of whole numbers as inclusive."""
    found: dict[str, Any] = {}
    for one in field.metadata:
        for name, key, shift in _LIMITS:
            value = getattr(one, name, None)
            if value is not None:
                found[key] = value + shift if shift else value
    return found


_LIMITS = (
    ("ge", "least", 0),
    ("gt", "least", 1),
    ("le", "most", 0),
    ("lt", "most", -1),
    ("min_length", "least", 0),
    ("max_length", "most", 0),
    ("pattern", "pattern", 0),
)
