"""What an action of the organisation asks for, read from a JSON body into what its function takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from revops.api.queries import wrong
from revops.api.schema.operation import INSTANT, RECORD_ID, TEXT, YES_OR_NO, Schema, many, nullable, thing
from revops.kernel.audit import Finding
from revops.kernel.people import queries
from revops.kernel.people.models import Queue, Team

MAX_TEXT = 2_000
MAX_LIST = 50


class Kind(StrEnum):
    """What an argument is; the last four name something stored by its id."""

    TEXT = "text"
    TEXTS = "texts"
    YES_OR_NO = "yes or no"
    INSTANT = "instant"
    USER = "user"
    USERS = "users"
    TEAM = "team"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. What is not required may be null or absent, and is then not passed on."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    help: str = ""

    def schema(self) -> Schema:
        """Return its JSON schema."""
        shape = _SCHEMAS[self.kind]
        told = {"description": self.help} if self.help else {}
        return {**(shape if self.required else nullable(shape)), **told}


_SCHEMAS: Mapping[Kind, Schema] = {
    Kind.TEXT: {**TEXT, "maxLength": MAX_TEXT},
    Kind.TEXTS: {**many(TEXT), "maxItems": MAX_LIST},
    Kind.YES_OR_NO: YES_OR_NO,
    Kind.INSTANT: INSTANT,
    Kind.USER: RECORD_ID,
    Kind.USERS: {**many(RECORD_ID), "maxItems": MAX_LIST},
    Kind.TEAM: RECORD_ID,
    Kind.QUEUE: RECORD_ID,
}


class Unfit(ValueError):
    """A value that does not fit; the message says what is needed."""


def schema(asked: tuple[Argument, ...], *, version: bool) -> Schema:
    """Return the schema of a body."""
    held: dict[str, Schema] = {"version": {"type": "integer", "minimum": 1}} if version else {}
    properties = {argument.name: argument.schema() for argument in asked} | held
    return thing(properties, required=[a.name for a in asked if a.required], additionalProperties=False)


def read(
    asked: tuple[Argument, ...], body: Mapping[str, Any], by: Any
) -> tuple[dict[str, Any], list[Finding]]:
    """Return the arguments that fit, and a finding for each name or value that does not."""
    known = {argument.name: argument for argument in asked}
    possible = ", ".join(known) or "nothing"
    findings = [wrong(name, body[name], possible) for name in sorted(body.keys() - known.keys())]
    given: dict[str, Any] = {}
    for name, argument in known.items():
        value = body.get(name)
        if value is None:
            if argument.required:
                findings.append(wrong(name, "nothing", f"{argument.kind}: it is required"))
            elif name in body:
                given[name] = None
            continue
        try:
            given[name] = _read(argument.kind, value, by)
        except Unfit as needed:
            findings.append(wrong(name, value, str(needed)))
    return given, findings


def _read(kind: Kind, value: Any, by: Any) -> Any:
    match kind:
        case Kind.TEXT:
            return _text(value)
        case Kind.TEXTS:
            return [_text(item) for item in _list(value, "a list of texts")]
        case Kind.YES_OR_NO:
            if not isinstance(value, bool):
                raise Unfit("true or false")
            return value
        case Kind.INSTANT:
            return _instant(value)
        case Kind.USERS:
            return [_stored(Kind.USER, item, by) for item in _list(value, "a list of ids of people you see")]
    return _stored(kind, value, by)


def _text(value: Any) -> str:
    fits = isinstance(value, str) and len(value) <= MAX_TEXT
    if not fits or any(not char.isprintable() and char not in "\n\t" for char in value):
        raise Unfit(f"text of at most {MAX_TEXT:,} visible characters")
    return value


def _list(value: Any, needed: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_LIST:
        raise Unfit(f"{needed}, {MAX_LIST} at most")
    return value


def _instant(value: Any) -> datetime:
    needed = "an instant with its offset, such as 2026-03-31T09:00:00Z"
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit(needed) from None
    if moment.tzinfo is None or not 1900 <= moment.year <= 2200:
        raise Unfit(needed)
    return moment


def _stored(kind: Kind, value: Any, by: Any) -> Any:
    """Return the row with this id. One that is not visible is refused like one that does not exist."""
    pk = (
        value["id"] if isinstance(value, dict) and value.keys() <= {"id", "name"} and "id" in value else value
    )
    found = None
    if type(pk) is int and 0 < pk < 2**63:
        rows = {
            Kind.USER: lambda: queries.visible_users(by),
            Kind.TEAM: lambda: Team.objects.visible_to(by),
            Kind.QUEUE: lambda: Queue.objects.visible_to(by),
        }[kind]()
        found = rows.filter(pk=pk).first()
    if found is None:
        raise Unfit(f"the id of a {kind} you see")
    return found
