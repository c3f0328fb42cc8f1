"""A condition of a draft: in words, as rows of the builder, or as JSON; with what is wrong at its row."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from revops.kernel.policies import describing, rules
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.rules import Problem, RuleError
from revops.web import building
from revops.web.building import Group, Row
from revops.web.condition_rows import of_group
from revops.web.rules import vocabulary
from revops.web.rules.parts import Part

WAYS = ("rows", "json", "words")


@dataclass(frozen=True, slots=True)
class Editor:
    """An open condition: the rows of the builder (`root`), or the text of its JSON."""

    way: str
    root: Mapping[str, Any] | None = None
    text: str = ""
    slug: str = ""
    told: bool = False

    @property
    def type(self) -> Mapping[str, str]:
        """What the templates of the builder take for a record type: the address below which rows come."""
        return {"slug": self.slug}


def rows(document: PolicyDocument, zone: ZoneInfo) -> Callable[[Group], Any]:
    """Return what turns rows of the builder into a condition of this document."""
    schema = describing.vocabulary(document)
    if schema is None:
        return lambda group: None
    held = vocabulary.of(schema)
    return lambda group: building.condition(group, held, zone)


def editor(
    document: PolicyDocument,
    part: Part,
    user: Any,
    zone: ZoneInfo,
    way: str,
    problems: Sequence[Problem] = (),
) -> Editor:
    """Return a condition open to be changed: as rows where the builder can show it, else as JSON."""
    schema = describing.vocabulary(document)
    if schema is None or way == "json" or not _fits(part.value, schema):
        return Editor("json", text=part.text if isinstance(part.value, str) else _pretty(part.value))
    held = vocabulary.of(schema)
    body, inside = _whole(part.value)
    try:
        root: Any = Group("all", (Row(),)) if body is None else building.shown(body, held, zone)
    except (KeyError, TypeError, ValueError):  # a value that its field cannot have
        return Editor("json", text=_pretty(part.value))
    mine = [
        replace(one, position=inside + one.position[len(part.at) :])
        for one in problems
        if one.position == part.at or one.position.startswith(f"{part.at}/")
    ]
    marked: Any = building.against(root, mine)
    drawn = of_group(held.source(document.key), marked, user)
    return Editor("rows", drawn, slug=f"rules/{document.key}", told=_told(marked))


def _told(part: Row | Group) -> bool:
    """Say whether what is wrong stands beside a row already."""
    return bool(part.problems) if isinstance(part, Row) else any(map(_told, part.parts))


def _whole(value: Any) -> tuple[Any, str]:
    """Return a condition inside a group, as the builder shows one, and the place that it has there."""
    if not isinstance(value, dict) or not value:
        return None, ""
    if set(value) in ({"all"}, {"any"}, {"not"}):
        return value, ""
    return {"all": [value]}, "/all/0"


def _fits(value: Any, schema: Any) -> bool:
    """Say whether the builder can show a condition: one that parses but for its values, not nested too deep."""
    if value is None or value == {} or not isinstance(value, dict):
        return not value or not isinstance(value, str)
    try:
        rules.parse(value, schema, refs={name: {"const": None} for name in vocabulary.named(value)})
    except RuleError as error:
        if not all(one.position.endswith(("/v", "/op")) or "/v/" in one.position for one in error.problems):
            return False
    return _depth(value) <= building.DEEPEST


def _depth(value: Any) -> int:
    """Return how many groups of the builder a condition has inside each other."""
    if not isinstance(value, dict):
        return 0
    for key in ("all", "any"):
        if set(value) == {key} and isinstance(value[key], list):
            return 1 + max((_depth(one) for one in value[key]), default=0)
    if set(value) == {"not"}:
        inner = value["not"]
        return (
            max(1, _depth(inner)) if isinstance(inner, dict) and set(inner) == {"any"} else 1 + _depth(inner)
        )
    return 0


def _pretty(value: Any) -> str:
    return (
        ""
        if not isinstance(value, dict | list) or not value
        else json.dumps(value, indent=2, ensure_ascii=False)
    )
