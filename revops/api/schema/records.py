"""The schemas and operations of a record type, made from its declaration and its rows of the access matrix."""

from functools import lru_cache
from typing import Any

from revops.api.representation import fields_of
from revops.api.schema.operation import (
    ADDRESS,
    COUNT,
    DAY,
    INSTANT,
    NUMBER,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    Operation,
    Schema,
    in_header,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.kernel.people import access
from revops.kernel.records import listing, registry
from revops.kernel.records.registry import Field, FieldKind, RecordType

_AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d{1,14}(\.\d{1,4})?$", "example": "1250000.50"}
_LINK = thing(
    {"id": RECORD_ID, "title": {**TEXT, "description": "Absent where the record is not visible to you."}},
    required=["id"],
)
_PERSON = thing({"id": RECORD_ID, "name": TEXT})
_SHARED: dict[str, Schema] = {
    "Link": _LINK,
    "Person": _PERSON,
    "FieldChange": thing(
        {
            "field": TEXT,
            "old": {"nullable": True},
            "new": {"nullable": True},
            "erased": {**YES_OR_NO, "description": "Personal data stood here and was erased."},
        }
    ),
    "Version": thing(
        {
            "version": COUNT,
            "kind": ref("VersionKind"),
            "who": ref("Person"),
            "acting_for": nullable(ref("Person")),
            "recorded_at": INSTANT,
            "occurred_at": INSTANT,
            "reason": TEXT,
            "source": TEXT,
            "action": TEXT,
            "changes": many(ref("FieldChange")),
        }
    ),
    "VersionKind": words(["created", "changed", "erased"]),
    "History": thing({"results": many(ref("Version")), "next": nullable(ADDRESS)}),
    "Restore": thing(
        {
            "to_version": {"type": "integer", "minimum": 1},
            "fields": many(TEXT),
            "version": {"type": "integer", "minimum": 1, "description": "The version you hold, or If-Match."},
            "reason": {**TEXT, "maxLength": 2000},
        },
        required=["to_version"],
        additionalProperties=False,
    ),
}
_IF_MATCH = in_header(
    "If-Match", {"type": "string", "example": '"3"'}, "The ETag you hold; or send `version` in the body."
)


def name_of(record_type: RecordType) -> str:
    """Return the component name of a record type: "Account"."""
    return "".join(word.capitalize() for word in record_type.singular.split())


def shown(field: Field) -> Schema:
    """Return the schema of a field in an answer."""
    match field.kind:
        case FieldKind.PERSON:
            schema = nullable(ref("Person"))
        case FieldKind.REFERENCE:
            schema = nullable(ref("Link"))
        case FieldKind.MONEY:
            schema = nullable(_AMOUNT)
        case FieldKind.INSTANT:
            schema = nullable(INSTANT)
        case FieldKind.DATE:
            schema = nullable(DAY)
        case FieldKind.INTEGER:
            schema = nullable(NUMBER)
        case FieldKind.BOOLEAN:
            schema = nullable(YES_OR_NO)
        case _:
            schema = TEXT
    return _told(field, schema)


def taken(field: Field, owner: str) -> Schema:
    """Return the schema of a field in a request of the record type named `owner`."""
    match field.kind:
        case FieldKind.PERSON | FieldKind.REFERENCE:
            either = [RECORD_ID, thing({"id": RECORD_ID}), {"type": "string"}]
            schema: Schema = {"oneOf": either, "nullable": True}
        case FieldKind.MONEY:
            schema = {
                "oneOf": [_AMOUNT, {"type": "number"}, {"type": "string", "maxLength": 0}],
                "nullable": True,
            }
        case FieldKind.CHOICE:
            either = [ref(choices_name(owner, field)), {"type": "string", "maxLength": 0}]
            schema = either[0] if field.required else {"anyOf": either, "nullable": True}
        case _:
            schema = shown(field)
            schema = schema if field.required else nullable(schema)
    return _told(field, schema)


def choices_name(owner: str, field: Field) -> str:
    """Return the component name of the values of a choice: "AccountStatus"."""
    return owner + "".join(word.capitalize() for word in field.name.split("_"))


def _told(field: Field, schema: Schema) -> Schema:
    if "$ref" in schema:
        schema = {"allOf": [schema]}
    return {**schema, "title": field.label, **({"description": field.help} if field.help else {})}


@lru_cache(maxsize=64)
def components(label: str) -> dict[str, Schema]:
    """Return the component schemas of a record type by name."""
    record_type, name = registry.get(label), name_of(registry.get(label))
    declared = access.declarations()[label]
    fields = {field.name: shown(field) for field in fields_of(label) if field.name in declared.fields}
    grants = declared.grants.values()
    creatable = frozenset[str]().union(*(grant.create for grant in grants))
    editable = frozenset[str]().union(*(edit.fields for grant in grants for edit in grant.edits))
    identity = {"id": RECORD_ID, "number": TEXT, "version": COUNT, "url": ADDRESS}
    given = {field.name: taken(field, name) for field in record_type.fields}
    choices = {
        choices_name(name, field): words(dict(field.choices))
        for field in record_type.fields
        if field.kind is FieldKind.CHOICE
    }
    about = record_type.description or f"One of the {record_type.plural.lower()}."
    return {
        **_SHARED,
        **choices,
        name: thing(
            {**identity, **fields},
            required=list(identity),
            description=f"{about} Fields you may not read are absent.",
        ),
        f"{name}Page": thing(
            {
                "results": many(ref(name)),
                "next": nullable(ADDRESS),
                "previous": nullable(ADDRESS),
                "count": {**COUNT, "description": "Only with `count=exact`."},
            },
            required=["results", "next", "previous"],
        ),
        f"{name}Create": thing(
            {key: schema for key, schema in given.items() if key in creatable},
            required=[f.name for f in record_type.fields if f.required and f.name in creatable],
            additionalProperties=False,
        ),
        f"{name}Edit": thing(
            {
                **{key: schema for key, schema in given.items() if key in editable},
                "version": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "The version you hold, or If-Match.",
                },
                "reason": {**TEXT, "maxLength": 2000},
            },
            required=[],
            additionalProperties=False,
        ),
    }


def parameters(record_type: RecordType) -> list[Schema]:
    """Return the parameters of a list: its filters with their operators, its order, its pages."""
    sortable = [field.name for field in record_type.fields if field.sortable]
    orders = {
        **TEXT,
        "enum": [*sortable, *(f"-{name}" for name in sortable)],
        "default": record_type.default_sort,
    }
    found = [
        in_query("q", {**TEXT, "maxLength": 200}, "Words; each must begin a word of the record."),
        in_query("sort", orders, "The order; a leading - turns it round."),
        in_query(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": listing.MAX_LIMIT, "default": 50},
            "Rows a page.",
        ),
        in_query("after", TEXT, "A cursor from `next`."),
        in_query("before", TEXT, "A cursor from `previous`."),
        in_query("count", {**TEXT, "enum": ["exact"]}, "Count all rows of the list as well."),
        in_query("fields", TEXT, "Only these fields, separated by commas."),
    ]
    for field in record_type.fields:
        if field.filterable:
            found += [_filter(field, operator) for operator in listing._OPERATORS[field.kind]]
    return found


_MEANING = {
    "": "{label} is this value, or one of several separated by commas.",
    "not": "{label} is none of these values, separated by commas.",
    "gte": "{label} is at least this.",
    "lte": "{label} is at most this.",
    "starts": "{label} starts with this text.",
    "empty": "{label} is empty (true) or not (false).",
}


def _filter(field: Field, operator: str) -> Schema:
    name = f"{field.name}__{operator}" if operator else field.name
    meaning = _MEANING[operator].format(label=field.label)
    schema: Schema = TEXT
    if operator == "empty" or (field.kind is FieldKind.BOOLEAN and not operator):
        schema = {**TEXT, "enum": ["true", "false"]}
    elif field.kind is FieldKind.CHOICE:
        meaning += " Values: " + ", ".join(dict(field.choices)) + "."
    return in_query(name, schema, meaning)


def operations(record_type: RecordType) -> dict[str, Operation]:
    """Return what the shell does with every record type, by the name of the view's action."""
    name, tag, slug = name_of(record_type), record_type.plural, record_type.slug.replace("-", "_")
    shared: dict[str, Any] = {"tag": tag, "components": components(record_type.label)}
    one = record_type.singular.lower()
    writes: dict[str, Any] = {"response": ref(name), "etag": True, **shared}
    held: dict[str, Any] = {"parameters": [_IF_MATCH], "problems": (412, 428), **writes}
    before = in_query("before", {"type": "integer", "minimum": 1}, "Only versions below this one.")
    return {
        "list": Operation(
            f"{slug}_list", f"List {record_type.plural.lower()}", response=ref(f"{name}Page"),
            parameters=parameters(record_type), **shared,
        ),
        "retrieve": Operation(
            f"{slug}_read", f"Read one {one}", response=ref(name), etag=True,
            parameters=[in_query("fields", TEXT, "Only these fields, separated by commas.")], **shared,
        ),
        "create": Operation(f"{slug}_create", f"Create a {one}", status=201, request=ref(f"{name}Create"), **writes),
        "partial_update": Operation(f"{slug}_edit", f"Change fields of one {one}", request=ref(f"{name}Edit"), **held),
        "history": Operation(
            f"{slug}_history", f"Read who changed one {one}, when, why and how", response=ref("History"),
            parameters=[before, parameters(record_type)[2]], **shared,
        ),
        "restore": Operation(
            f"{slug}_restore", f"Bring fields of one {one} back from an earlier version", request=ref("Restore"), **held
        ),
    }  # fmt: skip
