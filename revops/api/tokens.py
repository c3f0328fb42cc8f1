"""Create, list and revoke tokens. The text of a new one is in the answer to its creation and nowhere else."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.problems import blocked
from revops.api.schema.operation import (
    DAY,
    INSTANT,
    RECORD_ID,
    TEXT,
    documented,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, body_of, token_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.people.tokens import actions
from revops.kernel.people.tokens.enums import TokenScope
from revops.kernel.people.tokens.models import ApiToken

_SHOWN = {
    "id": RECORD_ID,
    "name": TEXT,
    "scope": ref("TokenScope"),
    "prefix": {**TEXT, "description": "How the token begins, so that you know it again."},
    "user": ref("Person"),
    "created_at": INSTANT,
    "expires_at": INSTANT,
    "revoked_at": nullable(INSTANT),
    "last_used_on": nullable(DAY),
}
_COMPONENTS = {
    "Person": thing({"id": RECORD_ID, "name": TEXT}),
    "TokenScope": words(TokenScope.values),
    "Token": thing(_SHOWN),
    "NewToken": thing(
        {**_SHOWN, "token": {**TEXT, "description": "The token itself. It is not shown again."}}
    ),
    "Tokens": thing({"results": many(ref("Token"))}),
    "TokenCreate": thing(
        {
            "name": {**TEXT, "minLength": 1, "maxLength": 80},
            "scope": {"allOf": [ref("TokenScope")], "default": "read"},
            "days": {"type": "integer", "minimum": 1, "maximum": actions.MAX_DAYS, "default": 90},
            "user": {**RECORD_ID, "description": "A service to hold the token; administrators only."},
        },
        required=["name"],
        additionalProperties=False,
    ),
}
_TAG: dict[str, Any] = {"tag": "Tokens", "components": _COMPONENTS}


class Tokens(ApiView):
    """The tokens one may see; making a new one."""

    idempotent = False

    @documented(id="tokens_list", summary="List your tokens", response=ref("Tokens"), **_TAG)
    def get(self, request: Request) -> Response:
        queries.none(request)
        rows = ApiToken.objects.visible_to(request.user).select_related("user").order_by("-pk")[:200]
        return Response({"results": [shown(token) for token in rows]})

    @documented(
        id="tokens_create",
        summary="Create a token",
        status=201,
        request=ref("TokenCreate"),
        response=ref("NewToken"),
        **_TAG,
    )
    def post(self, request: Request) -> Response:
        given = _given(body_of(request))
        token, text = actions.create_token(by=user_of(request), using=token_of(request), **given)
        location = request.build_absolute_uri(f"/api/v1/tokens/{token.pk}/")
        return Response({**shown(token), "token": text}, 201, headers={"Location": location})


class OneToken(ApiView):
    """Ending a token."""

    @documented(id="tokens_revoke", summary="Revoke a token, at once", status=204, **_TAG)
    def delete(self, request: Request, id: int) -> Response:
        actions.revoke_token(by=user_of(request), pk=id)
        return Response(status=204)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the action. Raises Problem for unknown names and values of a wrong kind."""
    known: dict[str, tuple[type, Any]] = {
        "name": (str, ""),
        "scope": (str, "read"),
        "days": (int, 90),
        "user": (int, None),
    }
    findings = [
        queries.wrong(name, body[name], ", ".join(known)) for name in sorted(body.keys() - known.keys())
    ]
    given = {name: body.get(name, default) for name, (_, default) in known.items()}
    for name, (kind, _) in known.items():
        if name in body and type(body[name]) is not kind:
            findings.append(queries.wrong(name, body[name], "text" if kind is str else "a whole number"))
    if findings:
        raise blocked(Blocked(findings))
    user_id = given.pop("user")
    return {**given, "user_id": user_id if user_id is None or 0 < user_id < 2**63 else 0}


def shown(token: ApiToken) -> dict[str, Any]:
    """Return a token as its holder sees it: everything but its text."""
    return {
        "id": token.pk,
        "name": token.name,
        "scope": str(token.scope),
        "prefix": token.prefix,
        "user": {"id": token.user_id, "name": str(token.user)},
        "created_at": representation.instant(token.created_at),
        "expires_at": representation.instant(token.expires_at),
        "revoked_at": representation.plain(token.revoked_at),
        "last_used_on": representation.plain(token.last_used_on),
    }
