"""The JSON schemas of single fields, as an answer shows them and as a request takes them."""

from revops.api.schema.operation import (
    ADDRESS,
    COUNT,
    DAY,
    INSTANT,
    NUMBER,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    Schema,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.kernel.records.registry import Field, FieldKind

_AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d{1,14}(\.\d{1,4})?$", "example": "1250000.50"}
_SHARE: Schema = {"type": "string", "pattern": r"^[01]\.\d{4}$", "example": "0.4000"}
_LINK = thing(
    {"id": RECORD_ID, "title": {**TEXT, "description": "Absent where the record is not visible to you."}},
    required=["id"],
)
_MENTIONS = "People are named as `@[Rita Rossi](user:12)`, by name and id; whom you name is told."
_PERSON = thing({"id": RECORD_ID, "name": TEXT})
HELD: dict[str, Schema] = {
    "version": {"type": "integer", "minimum": 1, "description": "The version you hold, or If-Match."},
    "reason": {**TEXT, "maxLength": 2000},
}
SHARED: dict[str, Schema] = {
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
    "Like": thing(
        {
            "type": TEXT,
            "id": RECORD_ID,
            "number": TEXT,
            "title": TEXT,
            "note": TEXT,
            "likeness": {"type": "number", "minimum": 0, "maximum": 1},
            "url": ADDRESS,
        }
    ),
    "Likes": thing({"results": many(ref("Like"))}),
    "VersionKind": words(["created", "changed", "erased"]),
    "History": thing({"results": many(ref("Version")), "next": nullable(ADDRESS)}),
    "Restore": thing(
        {
            "to_version": {"type": "integer", "minimum": 1},
            "fields": many(TEXT),
            **HELD,
        },
        required=["to_version"],
        additionalProperties=False,
    ),
}


def shown(field: Field, *, null: bool = True) -> Schema:
    """Return the schema of a field in an answer; `null` says whether its column may be empty."""
    schema = _kind(field)
    return _told(field, nullable(schema) if null and schema is not TEXT else schema)


def _kind(field: Field) -> Schema:
    match field.kind:
        case FieldKind.PERSON:
            return ref("Person")
        case FieldKind.REFERENCE:
            return ref("Link")
        case FieldKind.REFERENCES:
            return many(ref("Link"))
        case FieldKind.MONEY:
            return _AMOUNT
        case FieldKind.PERCENT:
            return _SHARE
        case FieldKind.INSTANT:
            return INSTANT
        case FieldKind.DATE:
            return DAY
        case FieldKind.INTEGER:
            return NUMBER
        case FieldKind.BOOLEAN:
            return YES_OR_NO
        case _:
            return TEXT


def taken(field: Field, owner: str) -> Schema:
    """Return the schema of a field in a request of the record type named `owner`."""
    match field.kind:
        case FieldKind.PERSON | FieldKind.REFERENCE:
            either = [RECORD_ID, thing({"id": RECORD_ID}), {"type": "string"}]
            schema: Schema = {"oneOf": either, "nullable": True}
        case FieldKind.REFERENCES:
            schema = {"oneOf": [many(RECORD_ID), {"type": "string"}], "nullable": True}
        case FieldKind.MONEY:
            schema = {
                "oneOf": [_AMOUNT, {"type": "number"}, {"type": "string", "maxLength": 0}],
                "nullable": True,
            }
        case FieldKind.CHOICE if not field.kept:
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
    told = " ".join(part for part in (field.help, _MENTIONS if field.mentions else "") if part)
    return {**schema, "title": field.label, **({"description": told} if told else {})}
