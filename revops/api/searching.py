"""Search over all record types, and who the asker is."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    ADDRESS,
    RECORD_ID,
    TEXT,
    documented,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, token_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.people.tokens.enums import TokenScope
from revops.kernel.records import registry, searching

_SEARCH = {
    "Hit": thing({"type": TEXT, "id": RECORD_ID, "number": TEXT, "title": TEXT, "url": ADDRESS}),
    "Hits": thing({"results": many(ref("Hit"))}),
}
_ME = {
    "ViewScope": words(scope.name.lower() for scope in access.Scope),
    "TokenScope": words(TokenScope.values),
    "RecordRights": thing(
        {
            "type": TEXT,
            "url": ADDRESS,
            "view": ref("ViewScope"),
            "create": many(TEXT),
            "edit": many(TEXT),
            "read": many(TEXT),
            "actions": many(TEXT),
        }
    ),
    "Me": thing(
        {
            "id": RECORD_ID,
            "name": TEXT,
            "email": TEXT,
            "roles": many(TEXT),
            "token_scope": nullable(ref("TokenScope")),
            "record_types": many(ref("RecordRights")),
        }
    ),
}


class Search(ApiView):
    """Finds records of all types by the beginnings of their words, or by number."""

    @documented(
        id="search",
        summary="Search all records you may see",
        tag="Search",
        response=ref("Hits"),
        components=_SEARCH,
        parameters=(
            {
                **in_query("q", {**TEXT, "maxLength": 200}, "Words, or a number such as ACC-000123."),
                "required": True,
            },
            in_query(
                "limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Records a type."
            ),
        ),
    )
    def get(self, request: Request) -> Response:
        given = queries.single(request)
        findings = [
            queries.wrong(name, text, "q or limit")
            for name, text in given.items()
            if name not in ("q", "limit")
        ]
        text = given.get("q", "")
        if not 0 < len(text.strip()) <= 200:
            findings.append(queries.wrong("q", text, "1 to 200 characters"))
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        limit = queries.whole("limit", given.get("limit"), default=20, most=100)
        base = request.build_absolute_uri("/api/v1/")
        return Response(
            {
                "results": [
                    {
                        "type": hit.record_type.label,
                        "id": hit.pk,
                        "number": hit.number,
                        "title": hit.title,
                        "url": f"{base}{hit.record_type.slug}/{hit.pk}/",
                    }
                    for hit in searching.search(request.user, text, limit=limit)
                ]
            }
        )


class Me(ApiView):
    """Tells who is asking and what they may do."""

    @documented(
        id="me", summary="Read who you are and what you may do", tag="Me", response=ref("Me"), components=_ME
    )
    def get(self, request: Request) -> Response:
        user, token = user_of(request), token_of(request)
        return Response(
            {
                "id": user.pk,
                "name": str(user),
                "email": user.email,
                "roles": sorted(access.roles_of(user)),
                "token_scope": token.scope if token else None,
                "record_types": [_rights(user, known, request) for known in registry.every()],
            }
        )


def _rights(user: Any, record_type: registry.RecordType, request: Request) -> dict[str, Any]:
    held = access.rights(user, record_type.label)
    return {
        "type": record_type.label,
        "url": request.build_absolute_uri(f"/api/v1/{record_type.slug}/"),
        "view": max((grant.view for grant in held.grants), default=access.Scope.NONE).name.lower(),
        "create": sorted(held.creatable),
        "edit": sorted(frozenset[str]().union(*(edit.fields for edit in held.edits))),
        "read": sorted(held.readable) if held.sees_any else [],
        "actions": sorted(name for name in held.declaration.actions if held.action(name)),
    }
