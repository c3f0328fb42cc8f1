"""The body of a draft as the parts of a form: each with its place, its value, and what is said against it there."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from revops.kernel.policies import describing
from revops.kernel.policies.describing import Shape
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.rules import Problem
from revops.kernel.policies.rules.problems import step
from revops.web.rules import filled
from revops.web.rules.vocabulary import Vocabulary

OPEN_UP_TO = 3
TOLD = 3
_WORDS = {
    "rules": ("Named conditions", "Said once, and used by their names in other conditions."),
    "params": ("Parameters", "Values that conditions use by their names."),
}
_SCALARS = frozenset({"text", "long_text", "integer", "boolean", "choice", "fact", "value", "json"})


@dataclass
class Part:
    """One part of the form. `name` names its input, `at` is its place in the body as problems name it.

    `key` is the name of an entry of a map; `place` the place of an item among `of` others.
    """

    shape: Shape
    name: str
    at: str
    value: Any
    parts: list["Part"] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    key: str | None = None
    place: int = -1
    of: int = 0
    said: str = ""
    options: Sequence[tuple[str, str]] = ()
    opened: bool = False
    editor: Any = None

    @property
    def id(self) -> str:
        return self.name.replace("/", "-").replace("~", "-")

    @property
    def kind(self) -> str:
        return "scalar" if self.shape.kind in _SCALARS else self.shape.kind

    @property
    def label(self) -> str:
        return self.shape.label

    @property
    def template(self) -> str:
        return f"rules/draft/{self.kind}.html"

    @property
    def text(self) -> str:
        """The value as its input holds it."""
        if self.value is filled.ABSENT or self.value is None:
            held = self.shape.default
            return (
                "" if held is None or self.shape.kind in ("condition", "json") else _typed(self.shape, held)
            )
        return _typed(self.shape, self.value)

    @property
    def strange(self) -> bool:
        """Whether the value is none of those that its select offers."""
        return bool(self.text) and self.text not in dict(self.options)

    @property
    def there(self) -> bool:
        return self.value is not filled.ABSENT and self.value is not None

    @property
    def wrong(self) -> bool:
        return bool(self.problems) or any(one.wrong for one in self.parts)

    @property
    def first(self) -> bool:
        return self.place == 0

    @property
    def last(self) -> bool:
        return self.place == self.of - 1

    @property
    def number(self) -> int:
        return self.place + 1

    def every(self) -> Iterator["Part"]:
        """Yield this part and all below it."""
        yield self
        for one in self.parts:
            yield from one.every()


def body_shape(document: PolicyDocument) -> Shape:
    """Return the parts of a body in the order of the form: what is decided first, named rules and parameters last."""
    found = describing.shape(document)
    told = [
        replace(one, label=_WORDS[one.name][0], help=_WORDS[one.name][1]) for one in found.fields if _own(one)
    ]
    return replace(found, fields=(*(one for one in found.fields if not _own(one)), *told))


def _own(shape: Shape) -> bool:
    return shape.kind == "map" and shape.name in _WORDS


def _typed(shape: Shape, value: Any) -> str:
    match shape.kind:
        case "boolean":
            return "true" if value is True else "false"
        case "value":
            return filled.typed(value)
        case "condition" | "json":
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return str(value) if not isinstance(value, list | dict) else json.dumps(value, ensure_ascii=False)


class Builder:
    """Makes the parts of one document's form."""

    def __init__(self, document: PolicyDocument, vocabulary: Vocabulary | None) -> None:
        self.document, self.vocabulary = document, vocabulary
        facts = vocabulary.by_name.items() if vocabulary else ()
        self.facts = [(path, one.label) for path, one in facts]

    def part(self, shape: Shape, value: Any, name: str = filled.ROOT, at: str = "", **given: Any) -> Part:
        """Return one part with everything below it."""
        made = Part(shape, name, at, value, **given)
        if shape.kind == "group":
            made.parts = [self._of_group(one, value, made) for one in shape.fields]
        elif shape.kind == "list" and shape.item is not None:
            held = self._held(shape, value, list)
            made.parts = [
                self.part(shape.item, one, f"{name}/{n}", step(at, n), place=n, of=len(held))
                for n, one in enumerate(held)
            ]
        elif shape.kind == "map" and shape.item is not None:
            entries = self._held(shape, value, dict)
            made.parts = [
                self.part(shape.item, one, f"{name}/{n}", step(at, key), key=key, place=n, of=len(entries))
                for n, (key, one) in enumerate(entries.items())
            ]
        elif shape.kind == "condition" and value not in (filled.ABSENT, None, "", {}):
            made.said = self._said(value)
        made.options = self._options(shape)
        if shape.kind == "group" and made.place >= 0:
            made.said = self._summary(made)
            made.opened = made.of <= OPEN_UP_TO
        return made

    def _of_group(self, shape: Shape, value: Any, around: Part) -> Part:
        held = value.get(shape.name, filled.ABSENT) if isinstance(value, dict) else filled.ABSENT
        return self.part(shape, held, f"{around.name}/{shape.name}", step(around.at, shape.name))

    def _held(self, shape: Shape, value: Any, kind: type) -> Any:
        """Return the items of a list or map: those of its default where it is not there."""
        held = shape.default if value is filled.ABSENT or value is None else value
        return held if isinstance(held, kind) else kind()

    def _options(self, shape: Shape) -> Sequence[tuple[str, str]]:
        """Return what a select offers; a choice whose values a fact has takes the words of the fact."""
        if shape.kind != "choice" or self.vocabulary is None:
            return self.facts if shape.kind == "fact" else shape.choices
        codes = [code for code, _ in shape.choices]
        for one in self.vocabulary.by_name.values():
            labels = dict(one.choices)
            if set(codes) <= labels.keys():
                return [(code, labels[code]) for code in codes]
        return shape.choices

    def _said(self, value: Any) -> str:
        if not isinstance(value, dict):
            return str(value)
        return self.vocabulary.said(value) if self.vocabulary else json.dumps(value)

    def _summary(self, made: Part) -> str:
        """Return an item of a list in a few words."""
        names = {one.shape.name for one in made.parts if one.there}
        named = bool(names & {"title", "label", "name"})  # then its key says nothing more
        words = [
            text
            for one in made.parts
            if one.there and not (named and one.shape.name in ("key", "code")) and (text := self._word(one))
        ]
        return " · ".join(words[:TOLD])

    def _word(self, one: Part) -> str:
        if one.shape.kind == "condition":
            return one.said
        if one.shape.kind in ("choice", "fact"):
            return dict(one.options).get(str(one.value), str(one.value))
        return one.text[:80] if one.shape.kind in ("text", "integer") else ""


def lay(root: Part, problems: Iterable[Problem]) -> list[str]:
    """Put each problem beside the part at its place, or the nearest around it; return those that have no place."""
    by_place: dict[str, Part] = {}
    for one in root.every():
        by_place.setdefault(one.at, one)
    rest = []
    for problem in problems:
        at = problem.position
        while at and at not in by_place:
            at = at.rpartition("/")[0]
        below = problem.position[len(at) :]
        words = f"{problem.message}. Found {problem.found}; allowed: {problem.needed}."
        if not at:
            rest.append(f"{problem.position}: {words}" if problem.position else words)
        else:
            by_place[at].problems.append(f"At {below}: {words}" if below else words)
    _open(root)
    return rest


def _open(part: Part) -> None:
    for one in part.parts:
        one.opened = one.opened or one.wrong
        _open(one)
