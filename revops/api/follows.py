"""Following over the API: what somebody follows, following a record, and following it no more."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.access_rows import asking
from revops.api.problems import blocked
from revops.api.schema.operation import INSTANT, RECORD_ID, TEXT, documented, many, ref, thing
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.records import following, registry
from revops.kernel.records.models import Follow

MOST = 500
_COMPONENTS = {
    "Follow": thing(
        {
            "id": RECORD_ID,
            "record_type": {**TEXT, "description": "The last part of its list's address, such as accounts."},
            "record": RECORD_ID,
            "number": TEXT,
            "title": TEXT,
            "created_at": INSTANT,
        }
    ),
    "Follows": thing({"results": many(ref("Follow"))}),
    "FollowCreate": thing({"record_type": TEXT, "record": RECORD_ID}, additionalProperties=False),
}
_TAG: dict[str, Any] = {"tag": "Following", "components": _COMPONENTS}


class Follows(ApiView):
    """The records that somebody follows."""

    @documented(
        id="follows_list",
        summary="List what you follow, the latest first",
        description=f"At most {MOST}, and only what you still see.",
        response=ref("Follows"),
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        return Response({"results": _rows(request)})

    @documented(
        id="follows_create",
        summary="Follow a record",
        status=201,
        request=ref("FollowCreate"),
        response=ref("Follow"),
        **_TAG,
    )
    def post(self, request: Request) -> Response:
        kind, pk = _given(body_of(request))
        user = user_of(request)
        try:
            following.follow(by=user, label=kind.label, pk=pk)
        except (LookupError, ObjectDoesNotExist):
            needed = "the id of a record that you can see"
            raise blocked(Blocked([queries.wrong("record", pk, needed)])) from None
        held = Follow.objects.get(user=user, record_type=kind.label, record_id=pk)
        titles = following.titles_of(user, kind, [pk])
        location = request.build_absolute_uri(f"/api/v1/follows/{held.pk}/")
        return Response(_shown(held, kind, titles[pk]), 201, headers={"Location": location})


class OneFollow(ApiView):
    """Following one record no more."""

    @documented(id="follows_end", summary="Follow a record no more", status=204, **_TAG)
    def delete(self, request: Request, id: int) -> Response:
        if not Follow.objects.filter(user=user_of(request), pk=id).delete()[0]:
            raise ObjectDoesNotExist
        return Response(status=204)


def _given(body: dict[str, Any]) -> tuple[registry.RecordType, int]:
    """Return the record that is named. Raises Problem for unknown names and values of a wrong kind."""
    known = ("record_type", "record")
    findings = [
        queries.wrong(name, body[name], ", ".join(known)) for name in sorted(body.keys() - set(known))
    ]
    slug, pk = body.get("record_type"), body.get("record")
    kind = next((one for one in registry.every() if one.slug == slug and one.has_pages), None)
    if kind is None:
        findings.append(queries.wrong("record_type", slug, "a list, such as accounts"))
    if type(pk) is not int:
        findings.append(queries.wrong("record", pk, "the id of a record"))
    if findings or kind is None or type(pk) is not int:
        raise blocked(Blocked(findings))
    return kind, pk


def _rows(request: Request) -> list[dict[str, Any]]:
    user = user_of(request)
    held = {
        (row.record_type, row.record_id): row
        for row in Follow.objects.filter(user=user).order_by("-created_at", "-pk")[:MOST]
    }
    return [
        _shown(held[kind.label, pk], kind, title)
        for kind, pk, title in following.followed(user, limit=MOST)
        if (kind.label, pk) in held
    ]


def _shown(row: Follow, kind: registry.RecordType, title: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "record_type": kind.slug,
        "record": row.record_id,
        "number": kind.number(row.record_id),
        "title": title,
        "created_at": representation.instant(row.created_at),
    }


def patterns() -> list[URLPattern]:
    """Return the addresses of following, each with the row of the access matrix it asks."""
    every = {"GET": "self", "POST": "view of the record type named"}
    return [
        path("follows/", asking(Follows.as_view(), every), name="api-follows"),
        path("follows/<record_id:id>/", asking(OneFollow.as_view(), {"DELETE": "self"}), name="api-follow"),
    ]
