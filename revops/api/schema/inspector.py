"""Hands drf-spectacular the operations that our views describe themselves."""

from typing import Any

import uritemplate
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from revops.api import problems
from revops.api.schema.operation import (
    RECORD_ID,
    TEXT,
    Operation,
    Schema,
    in_header,
    many,
    ref,
    thing,
    words,
)

SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_ALWAYS = (400, 401, 403, 429, 503)
_FINDING = thing(
    {
        "code": TEXT,
        "field": {**TEXT, "description": "The field concerned; empty when it is the whole record."},
        "message": TEXT,
        "found": TEXT,
        "needed": TEXT,
        "remedies": many(ref("Remedy")),
    }
)
_PROBLEM = thing(
    {
        "type": ref("ProblemType"),
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": {**TEXT, "description": "The id of the request, as in the audit trail and the log."},
        "findings": many(ref("Finding")),
        "expected_version": {"type": "integer"},
        "current_version": {"type": "integer"},
        "changed_by": TEXT,
        "changed_at": {"type": "string", "format": "date-time", "nullable": True},
        "differences": many(ref("Difference")),
        "remedies": many(ref("Remedy")),
    },
    required=["type", "title", "status", "detail", "instance"],
    description="A problem detail (RFC 9457). `findings` comes with 400 and 422, the versions with 409 and 412.",
)
_DIFFERENCE = thing(
    {
        "field": TEXT,
        "theirs": {"description": "The stored value, as the record shows it.", "nullable": True},
        "yours": {"description": "What you sent; absent when you sent nothing for it.", "nullable": True},
    },
    required=["field", "theirs"],
)
COMPONENTS: dict[str, Schema] = {
    "Problem": _PROBLEM,
    "ProblemType": words(sorted(each.urn for each in problems.TYPES)),
    "Finding": _FINDING,
    "Difference": _DIFFERENCE,
    "Remedy": thing({"label": TEXT, "url": TEXT}),
}
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from POST /api/v1/tokens/, as `Authorization: Bearer …` or `Token …`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session of the pages; every write also carries the header X-CSRFToken.",
    },
}
_KEY = in_header(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    "The same request with the same key takes effect once and is answered alike for at least 24 hours.",
)


class ApiSchema(AutoSchema):
    """Reads the `Operation` of a handler; a handler without one is a mistake that fails the schema check."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        view: Any = self.view
        told: Operation = view.describe(method.lower())
        for name, schema in {**COMPONENTS, **told.components}.items():
            _register(registry, name, ResolvedComponent.SCHEMA, schema)
        for name, scheme in _SCHEMES.items():
            _register(registry, name, ResolvedComponent.SECURITY_SCHEMA, scheme)
        variables = uritemplate.variables(path)
        operation: dict[str, Any] = {
            "operationId": told.id,
            "summary": told.summary,
            "description": told.description,
            "tags": [told.tag],
            "parameters": [_in_path(name) for name in variables] + list(told.parameters),
            "security": SECURITY,
            "responses": _responses(told, bool(variables), method.upper()),
        }
        if told.request is not None:
            required = bool(told.request.get("required")) or "$ref" in told.request
            operation["requestBody"] = {
                "content": {told.takes: {"schema": told.request}},
                "required": required,
            }
        if method.upper() == "POST" and getattr(view, "idempotent", False):
            operation["parameters"].append(_KEY)
        return {key: value for key, value in operation.items() if value not in ("", [])}


def _register(registry: ComponentRegistry, name: str, kind: str, schema: Schema) -> None:
    registry.register_on_missing(ResolvedComponent(name, kind, schema=dict(schema), object=name))


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": RECORD_ID}


def _responses(told: Operation, has_id: bool, method: str) -> dict[str, Any]:
    success: dict[str, Any] = {"description": told.summary}
    if told.response is not None:
        success["content"] = {"application/json": {"schema": told.response}}
    if told.etag:
        success["headers"] = {"ETag": {"schema": TEXT, "description": "The version, in quotes."}}
    statuses = {*_ALWAYS, *told.problems}
    if has_id:
        statuses.add(404)
    if method in ("POST", "PATCH", "PUT"):
        statuses |= {409, 413, 415, 422}
    titles = {each.status: each.title for each in reversed(problems.TYPES)}
    refusals = {
        str(status): {
            "description": titles[status],
            "content": {problems.MEDIA_TYPE: {"schema": ref("Problem")}},
        }
        for status in sorted(statuses)
    }
    return {str(told.status): success, **refusals}
