"""What the schema says about the organisation's resources and deeds."""

from collections.abc import Mapping
from functools import cache

from revops.api.people import arguments
from revops.api.people.resources import IDENTITY, RESOURCES, Resource
from revops.api.people.table import DEEDS, Deed
from revops.api.schema.fields import SHARED
from revops.api.schema.operation import (
    ADDRESS,
    COUNT,
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
from revops.kernel.identity.models import UserKind

TAG = "Organisation"
_IF_MATCH = in_header(
    "If-Match", {**TEXT, "example": '"3"'}, "The ETag you hold; or send `version` in the body."
)


def request_name(deed: Deed) -> str:
    """Return the component name of what a deed asks for: "UserGrantRole"."""
    return deed.resource.singular + "".join(word.capitalize() for word in (deed.name or "create").split("_"))


@cache
def components() -> Mapping[str, Schema]:
    """Return every component of the organisation by name."""
    found: dict[str, Schema] = {**SHARED, "UserKind": words(UserKind.values)}
    for resource in RESOURCES:
        members = {name: member.schema for name, member in resource.members.items()}
        found[resource.singular] = thing(
            {**IDENTITY, **members},
            required=["id", "url"],
            description="Members you may not read are absent.",
        )
        found[f"{resource.singular}Page"] = thing(
            {"results": many(ref(resource.singular)), "next": nullable(ADDRESS)}
        )
    for deed in DEEDS:
        found[request_name(deed)] = arguments.schema(deed.arguments, version=deed.versioned)
    return found


def operation(resource: Resource, answers: str, method: str, deed: Deed | None) -> Operation:
    """Return what one method of a resource's view does."""
    slug, plural = resource.slug, resource.slug.replace("_", " ")
    if method == "get" and answers == "page":
        return Operation(
            f"{slug}_list",
            f"List {plural} by id",
            TAG,
            ref(f"{resource.singular}Page"),
            parameters=(
                in_query("after", {"type": "integer", "minimum": 1}, "Only ids above this one."),
                in_query(
                    "limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Rows a page."
                ),
            ),
            components=components(),
        )
    if method == "get" or deed is None:
        summary = f"Read one of the {plural}"
        return Operation(
            f"{slug}_read", summary, TAG, ref(resource.singular), components=components(), etag=True
        )
    return Operation(
        f"{slug}_{deed.name or 'create'}",
        deed.summary,
        TAG,
        ref(resource.singular),
        status=200 if deed.name else 201,
        request=ref(request_name(deed)),
        parameters=(_IF_MATCH,) if deed.versioned else (),
        problems=(412, 428) if deed.versioned else (),
        components=components(),
        etag=True,
    )


_HOLDING = thing({"record_type": TEXT, "role": TEXT, "count": COUNT})
PLAN = Operation(
    "users_offboarding_plan",
    "See what deactivating a person would move",
    TAG,
    thing(
        {
            "user": ref("Person"),
            "manager": nullable(ref("Person")),
            "receiving_queue": TEXT,
            "holdings": many(_HOLDING),
            **dict.fromkeys(("reports", "teams_managed", "territories", "queues"), COUNT),
            "also": many(TEXT),
        }
    ),
    components=SHARED,
)
