"""Versions over the API: draft one, change a draft, put it in force while set-up mode lasts, drop it."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, versions
from revops.api.policies import bodies, representation
from revops.api.policies.documents import TAG
from revops.api.representation import instant
from revops.api.schema.operation import documented, ref
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.policies import actions
from revops.kernel.policies.models import PolicyVersion, SetUpMode

MOST_LISTED = 500


class Versions(ApiView):
    """The versions of one rule."""

    @documented(
        id="policy_versions_list",
        summary="List the versions of a rule, the newest first",
        response=ref("PolicyVersions"),
        **TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        queries.none(request)
        bodies.document_of(request, key)
        rows = _visible(request).filter(policy__key=key).order_by("-pk")[:MOST_LISTED]
        return Response({"results": [representation.version(one) for one in rows]})

    @documented(
        id="policy_versions_draft",
        summary="Draft the next version of a rule",
        description="It goes live by an approved request for change, or at once while set-up mode lasts.",
        status=201,
        request=ref("PolicyDraft"),
        response=ref("PolicyVersion"),
        **TAG,
    )
    def post(self, request: Request, key: str) -> Response:
        bodies.document_of(request, key)
        names = ("body", "mode", "source_note", "scope", "priority", "migrate", "reason")
        given = bodies.given(request, names, needed=("body", "source_note"))
        made = actions.draft_version(by=user_of(request), key=key, **given)
        location = request.build_absolute_uri(f"/api/v1/policies/versions/{made.pk}/")
        return Response(representation.version(made), 201, headers={"Location": location})


class OneVersion(ApiView):
    """One version."""

    @documented(
        id="policy_versions_read", summary="Read one version", response=ref("PolicyVersion"), etag=True, **TAG
    )
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return _answer(_visible(request).get(pk=id))

    @documented(
        id="policy_versions_edit",
        summary="Change a draft; what was approved does not change",
        request=ref("PolicyDraftEdit"),
        response=ref("PolicyVersion"),
        problems=(409, 412, 428),
        etag=True,
        **TAG,
    )
    def patch(self, request: Request, id: int) -> Response:
        _visible(request).get(pk=id)
        version = versions.held(request, dict(body_of(request)))
        names = ("body", "mode", "source_note", "migrate", "reason", "version")
        given = bodies.given(request, names, needed=("body",)) | {"version": version}
        return _answer(actions.edit_draft(by=user_of(request), pk=id, **given))


class Activation(ApiView):
    """Putting a draft in force while set-up mode lasts."""

    @documented(
        id="policy_versions_activate",
        summary="Put a draft in force, while set-up mode lasts",
        request=ref("PolicyActivation"),
        response=ref("PolicyVersion"),
        **TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        given = bodies.given(request, ("at", "reason"))
        return _answer(actions.activate_version(by=user_of(request), pk=id, **given))


class Retirement(ApiView):
    """Dropping a draft; ending a version while set-up mode lasts."""

    @documented(
        id="policy_versions_retire",
        summary="Drop a draft, or end a version while set-up mode lasts",
        request=ref("PolicyReason"),
        response=ref("PolicyVersion"),
        **TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        given = bodies.given(request, ("reason",), needed=("reason",))
        return _answer(actions.retire_version(by=user_of(request), pk=id, **given))


class SetUp(ApiView):
    """Set-up mode: while it lasts, versions go live without an approved request for change."""

    @documented(
        id="policy_set_up_read",
        summary="Read whether set-up mode lasts",
        response=ref("PolicySetUp"),
        **TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        bodies.require_seen(request)
        return Response(_set_up(SetUpMode.objects.select_related("ended_by").first()))

    @documented(
        id="policy_set_up_end",
        summary="End set-up mode for good",
        description="From then on a version goes live only by an approved request for change.",
        request=ref("PolicyReason"),
        response=ref("PolicySetUp"),
        **TAG,
    )
    def post(self, request: Request) -> Response:
        bodies.require_seen(request)
        given = bodies.given(request, ("reason",), needed=("reason",))
        return Response(_set_up(actions.end_set_up_mode(by=user_of(request), **given)))


def _visible(request: Request) -> Any:
    return PolicyVersion.objects.visible_to(request.user).select_related("policy")


def _answer(row: PolicyVersion) -> Response:
    return Response(representation.version(row), headers={"ETag": f'"{row.version}"'})


def _set_up(ended: SetUpMode | None) -> dict[str, Any]:
    if ended is None:
        return {"lasts": True, "ended_at": None, "ended_by": None}
    person = {"id": ended.ended_by_id, "name": str(ended.ended_by)}
    return {"lasts": False, "ended_at": instant(ended.ended_at), "ended_by": person}
