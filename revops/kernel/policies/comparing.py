"""Two versions of a policy side by side: what differs, with its place, its label, and both sides in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel.policies import describing, rules
from revops.kernel.policies.describing import Shape
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.rules.problems import step

ABSENT = ""
_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `path` is where it stands in the newer body (in the older one for what is gone).

    `before` and `after` are words; the side on which it does not stand is empty.
    """

    path: str
    label: str
    before: str
    after: str


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], document: PolicyDocument
) -> list[Difference]:
    """Return what differs between two bodies of a document, in the order of its schema.

    The items of a list are matched by what names them (a criterion by its key), else by their place; a condition is
    one thing and stands in words. A body that does not fit the schema is compared all the same.
    """
    return list(_Comparison(document).part(describing.shape(document), before, after, "", ""))


@dataclass(frozen=True, slots=True)
class _Comparison:
    document: PolicyDocument

    def part(self, shape: Shape, before: Any, after: Any, at: str, label: str) -> Iterator[Difference]:
        """Yield what differs in one part. Sides that are not of its kind are compared as wholes."""
        if before == after:
            return
        sides = [side for side in (before, after) if side is not _NOTHING]
        if shape.kind == "group" and all(isinstance(side, Mapping) for side in sides):
            yield from self.of_group(shape, before, after, at, label)
        elif shape.kind == "map" and shape.item and all(isinstance(side, Mapping) for side in sides):
            yield from self.of_map(shape.item, before, after, at, label)
        elif self._is_listed(shape, sides):
            yield from self.of_list(shape, before, after, at, label)
        else:
            yield Difference(at, label, self.words(shape, before), self.words(shape, after))

    def _is_listed(self, shape: Shape, sides: list[Any]) -> bool:
        """Say whether to look into a list: one of groups is, one of plain values is told as a whole."""
        if shape.kind != "list" or shape.item is None or shape.item.kind != "group":
            return False
        return all(
            isinstance(side, list | tuple) and all(isinstance(item, Mapping) for item in side)
            for side in sides
        )

    def of_group(self, shape: Shape, before: Any, after: Any, at: str, label: str) -> Iterator[Difference]:
        if _NOTHING in (before, after):
            yield Difference(at, label, self.words(shape, before), self.words(shape, after))
            return
        for one in shape.fields:
            old, new = (side.get(one.name, _default(one)) for side in (before, after))
            yield from self.part(one, old, new, step(at, one.name), _inside(label, one.label))

    def of_map(self, item: Shape, before: Any, after: Any, at: str, label: str) -> Iterator[Difference]:
        held = [{} if side is _NOTHING else side for side in (before, after)]
        for name in [*held[0], *(name for name in held[1] if name not in held[0])]:
            old, new = (side.get(name, _NOTHING) for side in held)
            yield from self.part(item, old, new, step(at, name), _inside(label, str(name)))

    def of_list(self, shape: Shape, before: Any, after: Any, at: str, label: str) -> Iterator[Difference]:
        item = shape.item or Shape("json")
        old, new = (_named(shape, () if side is _NOTHING else side) for side in (before, after))
        for name, (place, held) in old.items():
            now_at, now = new.get(name, (place, _NOTHING))
            yield from self.part(item, held, now, step(at, now_at), _inside(label, name))
        for name, (place, held) in new.items():
            if name not in old:
                yield from self.part(item, _NOTHING, held, step(at, place), _inside(label, name))
        common = [name for name in old if name in new]
        if common != [name for name in new if name in old]:
            yield Difference(at, _inside(label, "Order"), ", ".join(old), ", ".join(new))

    def words(self, shape: Shape, value: Any) -> str:
        """Return a value in words."""
        if value is _NOTHING or value is None:
            return ABSENT
        if shape.kind == "condition":
            return self.condition(value)
        if shape.kind == "choice":
            return dict(shape.choices).get(str(value), str(value))
        if shape.kind == "fact":
            known = describing.vocabulary(self.document)
            fact = known.by_path.get(str(value)) if known else None
            return fact.label if fact else str(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Mapping):
            named = {one.name: one for one in shape.fields}
            other = shape.item or Shape("json")
            told = [(named.get(str(name), other), name, held) for name, held in value.items()]
            full = [one for one in told if one[2] not in (None, "", [], {})]
            return "; ".join(f"{one.label or name}: {self.words(one, held)}" for one, name, held in full)
        if isinstance(value, list | tuple):
            return ", ".join(self.words(shape.item or Shape("json"), item) for item in value)
        return str(value)

    def condition(self, body: Any) -> str:
        """Return a condition in words; one that is none as it stands."""
        schema = describing.vocabulary(self.document)
        try:
            # Named rules and parameters stand by their names: their own differences are told where they stand.
            named = {name: {"const": None} for name in _refs(body)}
            told = rules.describe(rules.parse(body, schema, refs=named).root) if schema else str(body)
            return told.replace(" (unknown)", "")
        except RuleError:
            return str(body)


def _refs(body: Any) -> Iterator[str]:
    if isinstance(body, Mapping):
        if isinstance(body.get("ref"), str):
            yield body["ref"]
        for held in body.values():
            yield from _refs(held)
    elif isinstance(body, list):
        for held in body:
            yield from _refs(held)


def _named(shape: Shape, items: Any) -> dict[str, tuple[int, Any]]:
    """Return the items of a list by what names them, with their places; twins by their places as well."""
    found: dict[str, tuple[int, Any]] = {}
    for place, item in enumerate(items):
        name = str(item.get(shape.unique_by) or place + 1) if shape.unique_by else str(place + 1)
        found[name if name not in found else f"{name} ({place + 1})"] = (place, item)
    return found


def _default(shape: Shape) -> Any:
    return _NOTHING if shape.required else shape.default


def _inside(label: str, name: str) -> str:
    return f"{label} › {name}" if label else name
