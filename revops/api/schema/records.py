"""The schemas and operations of a record type, made from its declaration and its rows of the access matrix."""

from functools import lru_cache
from typing import Any

from revops.api.representation import fields_of
from revops.api.schema.fields import HELD, SHARED, choices_name, shown, taken
from revops.api.schema.operation import (
    ADDRESS,
    COUNT,
    RECORD_ID,
    TEXT,
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
from revops.api.totals import COMPONENTS as TOTALS
from revops.kernel import metrics
from revops.kernel.people import access
from revops.kernel.records import likeness, listing, registry
from revops.kernel.records.listing import where
from revops.kernel.records.registry import Field, FieldKind, RecordAction, RecordType

_IF_MATCH = in_header(
    "If-Match", {"type": "string", "example": '"3"'}, "The ETag you hold; or send `version` in the body."
)


def name_of(record_type: RecordType) -> str:
    """Return the component name of a record type: "Account"."""
    return "".join(word.capitalize() for word in record_type.singular.split())


@lru_cache(maxsize=64)
def components(label: str) -> dict[str, Schema]:
    """Return the component schemas of a record type by name."""
    record_type, name = registry.get(label), name_of(registry.get(label))
    declared = access.declarations()[label]
    columns = {column.name: column for column in record_type.model._meta.concrete_fields}
    fields = {
        field.name: shown(field, null=columns[field.name].null)
        for field in fields_of(label)
        if field.name in declared.fields
    }
    grants = declared.grants.values()
    creatable = frozenset[str]().union(*(grant.create for grant in grants))
    editable = frozenset[str]().union(*(edit.fields for grant in grants for edit in grant.edits))
    identity = {"id": RECORD_ID, "number": TEXT, "version": COUNT, "url": ADDRESS}
    given = {field.name: taken(field, name) for field in record_type.fields}
    choices = {
        choices_name(name, field): words(dict(field.choices))
        for field in record_type.fields
        if field.kind is FieldKind.CHOICE and not field.kept
    }
    about = record_type.description or f"One of the {record_type.plural.lower()}."
    return {
        **SHARED,
        **TOTALS,
        **choices,
        **{key: schema for deed in record_type.actions for key, schema in _deed(name, deed).items()},
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
                **HELD,
            },
            required=[],
            additionalProperties=False,
        ),
    }


def deed_name(owner: str, deed: RecordAction) -> str:
    """Return the component name of what a special action asks for: "AccountAssign"."""
    return owner + "".join(word.capitalize() for word in deed.name.split("_"))


def _deed(owner: str, deed: RecordAction) -> dict[str, Schema]:
    name = deed_name(owner, deed)
    asked = {field.name: taken(field, name) for field in deed.fields}
    choices = {
        choices_name(name, field): words(dict(field.choices))
        for field in deed.fields
        if field.kind is FieldKind.CHOICE and not field.kept
    }
    required = [field.name for field in deed.fields if field.required]
    return {**choices, name: thing({**asked, **HELD}, required=required, additionalProperties=False)}


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
        in_query(
            "where",
            {**TEXT, "maxLength": where.LONGEST},
            'A condition as JSON, such as `{"all": [{"f": "owner", "op": "eq", "v": {"param": "me"}}]}`.',
        ),
        in_query(
            "view", TEXT, "The id of a saved view: its filters, condition and order, unless given here."
        ),
        in_query("metric", TEXT, "The key of a ratio about these records: only those behind its figure."),
        in_query(
            "part",
            {**TEXT, "enum": list(metrics.PARTS)},
            "Of the ratio `metric`: what it counts, what it does not, or all.",
        ),
    ]
    for field in record_type.fields:
        if field.filterable:
            found += [_filter(field, operator) for operator in listing.OPERATORS[field.kind]]
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
    elif field.kind is FieldKind.CHOICE and not field.kept:
        meaning += " Values: " + ", ".join(dict(field.choices)) + "."
    return in_query(name, schema, meaning)


def _narrowing(record_type: RecordType) -> list[Schema]:
    """Return the parameters that narrow a list down: its words and its filters, not its order or its pages."""
    beside = ("sort", "limit", "after", "before", "count", "fields")
    return [one for one in parameters(record_type) if one["name"] not in beside]


def operations(record_type: RecordType) -> dict[str, Operation]:
    """Return what the shell does with every record type, by the name of the view's action."""
    name, tag, slug = name_of(record_type), record_type.plural, record_type.slug.replace("-", "_")
    shared: dict[str, Any] = {"tag": tag, "components": components(record_type.label)}
    one = record_type.singular.lower()
    writes: dict[str, Any] = {"response": ref(name), "etag": True, **shared}
    held: dict[str, Any] = {"parameters": [_IF_MATCH], "problems": (412, 428), **writes}
    before = in_query("before", {"type": "integer", "minimum": 1}, "Only versions below this one.")
    deeds = {
        deed.name: Operation(
            f"{slug}_{deed.name}", f"{deed.label}: one {one}", request=ref(deed_name(name, deed)),
            description=deed.help, **held,
        )
        for deed in record_type.actions
    }  # fmt: skip
    return {
        **deeds,
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
        "likely": Operation(
            f"{slug}_likely", f"Find what may be the same {one} already", response=ref("Likes"),
            parameters=[in_query(name, TEXT, "As it would be created.") for name in likeness.asked(record_type)],
            description="Records within your scope whose names are like these values, most alike first.", **shared,
        ),
        "totals": Operation(
            f"{slug}_totals", f"Read the numbers of a list of {record_type.plural.lower()}", response=ref("Totals"),
            parameters=[in_query("by", TEXT, "Column by column of this choice field."), *_narrowing(record_type)],
            description="Registered metrics over everything within your scope that the filters leave.", **shared,
        ),
        "restore": Operation(
            f"{slug}_restore", f"Bring fields of one {one} back from an earlier version", request=ref("Restore"), **held
        ),
    }  # fmt: skip
