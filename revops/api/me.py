"""Who the asker is, what they may do, and how they like what they are shown."""

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.problems import blocked
from revops.api.schema.operation import (
    ADDRESS,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    documented,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, body_of, token_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions, preferences
from revops.kernel.people.tokens.enums import TokenScope
from revops.kernel.records import registry

_CHOICES = {
    "theme": words(preferences.THEMES),
    "density": words(preferences.DENSITIES),
    "time_zone": {**TEXT, "description": "An IANA zone; empty for the organisation's."},
    "locale": words(preferences.LOCALES),
    "page_size": {"type": "integer", "enum": list(preferences.PAGE_SIZES)},
    "single_keys": {**YES_OR_NO, "description": "Whether a key alone may do something on a page."},
}
_ME = {
    "Preferences": thing(_CHOICES),
    "MeChange": thing(
        {
            "name": {**TEXT, "minLength": 1, "maxLength": 120},
            "preferences": thing(_CHOICES, required=[], additionalProperties=False),
        },
        required=[],
        additionalProperties=False,
    ),
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
            "preferences": ref("Preferences"),
            "record_types": many(ref("RecordRights")),
        }
    ),
}


class Me(ApiView):
    """Tells who is asking and what they may do; changes one's own name and preferences."""

    @documented(
        id="me", summary="Read who you are and what you may do", tag="Me", response=ref("Me"), components=_ME
    )
    def get(self, request: Request) -> Response:
        return Response(_shown(user_of(request), request))

    @documented(
        id="me_change",
        summary="Change your name or your preferences",
        tag="Me",
        request=ref("MeChange"),
        response=ref("Me"),
        components=_ME,
    )
    def patch(self, request: Request) -> Response:
        user, body = user_of(request), body_of(request)
        findings = [
            queries.wrong(name, body[name], "name, preferences")
            for name in sorted(body.keys() - {"name", "preferences"})
        ]
        name, chosen = body.get("name"), body.get("preferences", {})
        if "name" in body and not isinstance(name, str):
            findings.append(queries.wrong("name", name, "text"))
        if not isinstance(chosen, dict):
            findings.append(queries.wrong("preferences", chosen, "an object"))
        if findings:
            raise blocked(Blocked(findings))
        preferences.checked(chosen)
        if name is not None:
            user = actions.rename_oneself(by=user, name=name)
        if chosen:
            preferences.save(user, chosen)
        return Response(_shown(user, request))


def _shown(user: User, request: Request) -> dict[str, Any]:
    token = token_of(request)
    return {
        "id": user.pk,
        "name": str(user),
        "email": user.email,
        "roles": sorted(access.roles_of(user)),
        "token_scope": token.scope if token else None,
        "preferences": asdict(preferences.of(user)),
        "record_types": [_rights(user, known, request) for known in registry.every()],
    }


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
