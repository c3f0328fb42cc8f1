"""What the form of a draft sends: the body it means, what of it is no value at all, and the deeds of its buttons.

Every input is named by its place: `b/segments/0/when`. A list or map says beside its items how many it has
(`b/segments#`), the name of an entry of a map stands beside its value (`b/params/0~key`). What cannot be read stays in
the body as the text it was, so that nothing is lost and the schema refuses it at its place.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from revops.kernel.policies.describing import Shape
from revops.kernel.policies.rules import Problem
from revops.kernel.policies.rules.problems import shown, step
from revops.web import building

ROOT = "b"
MOST = 1_000
_WHOLE = re.compile(r"-?\d{1,18}")
# How the rows of the condition builder become a condition.
Rows = Callable[[building.Group], Any]


class _Absent:
    """What is not there: an optional part that was left empty."""


ABSENT = _Absent()


class Reader:
    """Reads the body out of one form; `problems` is what of it could not be read."""

    def __init__(self, data: QueryDict, rows: Rows) -> None:
        self.data, self.rows = data, rows
        self.problems: list[Problem] = []

    def body(self, shape: Shape) -> Any:
        """Return the body that the form means."""
        found = self._read(shape, ROOT, "")
        return {} if found is ABSENT else found

    def one(self, shape: Shape, name: str) -> Any:
        """Return one part of the form by its name, None where it is empty."""
        found = self._read(shape, name, "")
        return None if found is ABSENT else found

    def _read(self, shape: Shape, name: str, at: str) -> Any:
        if shape.kind == "group":
            return self._group(shape, name, at)
        if shape.kind in ("list", "map") and shape.item is not None:
            return (self._list if shape.kind == "list" else self._map)(shape, shape.item, name, at)
        if shape.kind == "boolean":
            return self.data.getlist(name)[-1:] == ["true"]
        text = (self.data.get(name) or "").replace("\r\n", "\n")
        if not text.strip():
            return "" if shape.kind in ("text", "long_text") and shape.required else ABSENT
        return self._text(shape, text, at)

    def _text(self, shape: Shape, text: str, at: str) -> Any:
        match shape.kind:
            case "integer":
                plain = text.strip().replace(",", "")
                return int(plain) if _WHOLE.fullmatch(plain) else text
            case "value":
                return literal(text)
            case "condition":
                return self._condition(text, at)
            case "json":
                return self._json(text, at)
            case "choice" | "fact":
                return text.strip()
        return text

    def _group(self, shape: Shape, name: str, at: str) -> Any:
        if shape.nullable and name not in self.data:
            return ABSENT
        found = {one.name: self._read(one, f"{name}/{one.name}", step(at, one.name)) for one in shape.fields}
        return {key: value for key, value in found.items() if value is not ABSENT}

    def _count(self, name: str) -> int | None:
        given = self.data.get(f"{name}#", "")
        return min(int(given), MOST) if given.isascii() and given.isdigit() else None

    def _list(self, shape: Shape, item: Shape, name: str, at: str) -> Any:
        count = self._count(name)
        if not count:
            return [] if count == 0 and (shape.required or shape.default) else ABSENT
        found = [self._read(item, f"{name}/{place}", step(at, place)) for place in range(count)]
        return ["" if one is ABSENT else one for one in found]

    def _map(self, shape: Shape, item: Shape, name: str, at: str) -> Any:
        count = self._count(name)
        found: dict[str, Any] = {}
        for place in range(count or 0):
            key = (self.data.get(f"{name}/{place}~key") or "").strip()
            value = self._read(item, f"{name}/{place}", step(at, key))
            if key in found:
                needed = "a name of its own for each"
                self.problems.append(
                    Problem(step(at, key), "This name stands here twice", shown(key), needed)
                )
                key = f"{key} ({place + 1})"
            if key or value is not ABSENT:
                found[key] = None if value is ABSENT else value
        return found if found or shape.required or (shape.default and count == 0) else ABSENT

    def _condition(self, text: str, at: str) -> Any:
        read = self._json(text, at)
        if not (isinstance(read, dict) and set(read) == {"mode", "parts"}):
            return read
        try:
            return simple(self.rows(building.read(text)))
        except ValueError as error:
            self.problems.append(Problem(at, str(error), "rows", "at most three groups inside each other"))
            return text

    def _json(self, text: str, at: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            where = (
                f"line {error.lineno}, column {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else "it"
            )
            self.problems.append(Problem(at, f"This is no JSON, from {where} on", shown(text[-80:]), "JSON"))
            return text


def simple(condition: Any) -> Any:
    """Return a condition of the builder without the group around a single comparison; nothing for no rows."""
    if condition is None:
        return ABSENT
    if set(condition) in ({"all"}, {"any"}):
        (parts,) = condition.values()
        if len(parts) == 1:
            return parts[0]
    return condition


def literal(text: str) -> Any:
    """Return a plain value as somebody types it: numbers, true and lists as JSON has them, else text."""
    plain = text.strip()
    try:
        found = json.loads(plain)
    except (ValueError, RecursionError):
        return plain
    return found if isinstance(found, bool | int | str | list) else plain


def typed(value: Any) -> str:
    """Return a plain value as somebody would type it: `literal` reads the same value again."""
    if isinstance(value, str):
        return value if literal(value) == value and not value.startswith('"') else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def done(shape: Shape, body: Any, deed: str) -> Any:
    """Return the body after a deed of a button: `add:b/segments`, `drop:`, `up:` and `down:` an item."""
    name, _, place = deed.partition(":")
    path = [one for one in place.removeprefix(ROOT).split("/") if one]
    holder: Any = found_at(body, path[:-1]) if name != "add" else None
    if name == "add":
        return _add(shape, body, path)
    if not isinstance(holder, list | dict) or not path:
        return body
    last = path[-1]
    if isinstance(holder, dict):
        keys = list(holder)
        key = (
            last if last in holder else keys[int(last)] if last.isdigit() and int(last) < len(keys) else None
        )
        if name == "drop" and key is not None:
            del holder[key]
        return body
    here = int(last) if last.isdigit() else len(holder)
    other = here + {"up": -1, "down": 1}.get(name, 0)
    if here < len(holder) and name == "drop":
        del holder[here]
    elif 0 <= other < len(holder) and here < len(holder):
        holder[here], holder[other] = holder[other], holder[here]
    return body


def found_at(body: Any, path: list[str]) -> Any:
    """Return what stands at a place of a body; entries of a map are found by their number."""
    for one in path:
        if isinstance(body, list) and one.isdigit() and int(one) < len(body):
            body = body[int(one)]
        elif isinstance(body, dict) and one in body:
            body = body[one]
        elif isinstance(body, dict) and one.isdigit() and int(one) < len(body):
            body = list(body.values())[int(one)]
        else:
            return None
    return body


def _add(shape: Shape, body: Any, path: list[str]) -> Any:
    """Put an empty item at the end of a list or map, or what is optional in its place."""
    part: Shape | None = shape
    for one in path:
        if part is not None:
            part = next((each for each in part.fields if each.name == one), part.item)
    holder = found_at(body, path[:-1])
    if part is None or not path or not isinstance(holder, dict | list):
        return body
    place: Any = int(path[-1]) if isinstance(holder, list) else path[-1]
    if part.kind == "list" and part.item is not None:
        held = found_at(body, path)
        holder[place] = [*(held if isinstance(held, list) else ()), blank(part.item)]
    elif part.kind == "map" and part.item is not None:
        held = found_at(body, path)
        holder[place] = {**(held if isinstance(held, dict) else {}), "": blank(part.item)}
    else:
        holder[place] = blank(part)
    return body


def blank(shape: Shape) -> Any:
    """Return an empty part, as its form begins."""
    if shape.kind == "group":
        return {
            one.name: blank(one) for one in shape.fields if one.required and one.kind in ("group", "list")
        }
    return {"list": [], "map": {}, "boolean": False, "condition": {}}.get(shape.kind, "")
