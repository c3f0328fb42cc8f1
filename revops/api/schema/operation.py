"""What a view says about one of its operations, in the words of OpenAPI 3.0."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Schema = Mapping[str, Any]
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    `request` and `response` are JSON schemas (a reference to a component, usually); `components` are the
    schemas they refer to, by name. `problems` are the statuses, besides the usual ones, it refuses with.
    """

    id: str
    summary: str
    tag: str
    response: Schema | None = None
    status: int = 200
    request: Schema | None = None
    parameters: Sequence[Schema] = ()
    problems: Sequence[int] = ()
    components: Mapping[str, Schema] = field(default_factory=dict)
    description: str = ""
    etag: bool = False
    takes: str = "application/json"


def documented(**told: Any) -> Callable[[Function], Function]:
    """Attach an `Operation` to a view's handler; without one the address would not appear in the schema."""

    def attach(handler: Function) -> Function:
        handler.operation = Operation(**told)  # type: ignore[attr-defined]
        return handler

    return attach


def ref(name: str) -> Schema:
    """Return a reference to the component `name`."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(properties: Mapping[str, Schema], *, required: Sequence[str] | None = None, **more: Any) -> Schema:
    """Return the schema of an object; every property is required unless `required` says which are."""
    names = list(properties) if required is None else list(required)
    schema = {"type": "object", "properties": dict(properties), **more}
    return {**schema, "required": names} if names else schema


def many(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def words(values: Iterable[str], **more: Any) -> Schema:
    """Return the schema of a text that is one of a few; as a component of its own it gets a name in clients."""
    return {"type": "string", "enum": list(values), **more}


def nullable(schema: Schema) -> Schema:
    """Return the schema that also takes null."""
    return {"allOf": [schema], "nullable": True} if "$ref" in schema else {**schema, "nullable": True}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "format": "int64"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_OR_NO: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
ADDRESS: Schema = {"type": "string", "format": "uri"}
RECORD_ID: Schema = {"type": "integer", "format": "int64", "minimum": 1}


def in_query(name: str, schema: Schema, description: str) -> Schema:
    """Return a parameter of the address."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


def in_header(name: str, schema: Schema, description: str) -> Schema:
    """Return a header of the request."""
    return {"name": name, "in": "header", "schema": schema, "description": description}
