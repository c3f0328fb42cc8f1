"""Favourites and recent records over the API: one's own, and only what one still sees."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.access_rows import asking
from revops.api.problems import blocked
from revops.api.schema.operation import ADDRESS, RECORD_ID, TEXT, documented, many, ref, thing
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.records import personal, registry
from revops.kernel.records.telling import Line

_LIST = {**TEXT, "description": "The last part of its list's address, such as accounts."}
_LINE = {
    "record_type": _LIST,
    "record": RECORD_ID,
    "number": TEXT,
    "title": TEXT,
    "note": TEXT,
    "url": ADDRESS,
}
_COMPONENTS = {
    "Favourite": thing({"id": RECORD_ID, **_LINE}),
    "Favourites": thing({"results": many(ref("Favourite"))}),
    "FavouriteCreate": thing({"record_type": TEXT, "record": RECORD_ID}, additionalProperties=False),
    "FavouriteMove": thing({"place": {"type": "integer", "minimum": 0}}, additionalProperties=False),
    "RecentRecord": thing(_LINE),
    "RecentRecords": thing({"results": many(ref("RecentRecord"))}),
}
_TAG: dict[str, Any] = {"tag": "Favourites", "components": _COMPONENTS}


class Favourites(ApiView):
    """The records with a star."""

    @documented(
        id="favourites_list",
        summary="List your favourites, in your order",
        response=ref("Favourites"),
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        return Response({"results": _favourites(request)})

    @documented(
        id="favourites_create",
        summary="Give a record a star",
        status=201,
        request=ref("FavouriteCreate"),
        response=ref("Favourite"),
        **_TAG,
    )
    def post(self, request: Request) -> Response:
        kind, pk = _given(body_of(request))
        try:
            personal.add(by=user_of(request), record_type=kind.label, pk=pk)
        except (LookupError, ObjectDoesNotExist):
            needed = "the id of a record that you can see"
            raise blocked(Blocked([queries.wrong("record", pk, needed)])) from None
        place = (kind.slug, pk)
        made = next(one for one in _favourites(request) if (one["record_type"], one["record"]) == place)
        location = request.build_absolute_uri(f"/api/v1/favourites/{made['id']}/")
        return Response(made, 201, headers={"Location": location})


class OneFavourite(ApiView):
    """One favourite: its place, and its end."""

    @documented(
        id="favourites_move",
        summary="Put a favourite at another place of your order",
        request=ref("FavouriteMove"),
        response=ref("Favourites"),
        **_TAG,
    )
    def patch(self, request: Request, id: int) -> Response:
        body, user = body_of(request), user_of(request)
        place = body.get("place")
        findings = [queries.wrong(name, body[name], "place") for name in sorted(body.keys() - {"place"})]
        if type(place) is not int or not 0 <= place < 10_000:
            findings.append(queries.wrong("place", place, "a whole number from 0"))
        if findings or type(place) is not int:
            raise blocked(Blocked(findings))
        held = personal.one(user, id)
        personal.move(by=user, record_type=held.record_type, pk=held.record_id, to=place)
        return Response({"results": _favourites(request)})

    @documented(id="favourites_end", summary="Take the star off a record", status=204, **_TAG)
    def delete(self, request: Request, id: int) -> Response:
        held = personal.one(user_of(request), id)
        personal.remove(by=user_of(request), record_type=held.record_type, pk=held.record_id)
        return Response(status=204)


class RecentRecords(ApiView):
    """The records that somebody opened last."""

    @documented(
        id="recent_list",
        summary="List the records you opened last, the latest first",
        response=ref("RecentRecords"),
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        return Response({"results": [_shown(line, request) for line in personal.recent(user_of(request))]})


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
    if type(pk) is not int or not 0 < pk < 2**63:
        findings.append(queries.wrong("record", pk, "the id of a record"))
    if findings or kind is None or type(pk) is not int:
        raise blocked(Blocked(findings))
    return kind, pk


def _favourites(request: Request) -> list[dict[str, Any]]:
    return [{"id": held.pk, **_shown(line, request)} for held, line in personal.marked(user_of(request))]


def _shown(line: Line, request: Request) -> dict[str, Any]:
    return {
        "record_type": line.record_type.slug,
        "record": line.pk,
        "number": line.number,
        "title": line.title,
        "note": line.note,
        "url": request.build_absolute_uri(f"/api/v1{line.url}"),
    }


def patterns() -> list[URLPattern]:
    """Return the addresses of favourites and recent records."""
    every = {"GET": "self", "POST": "view of the record type named"}
    one = {"PATCH": "self", "DELETE": "self"}
    return [
        path("favourites/", asking(Favourites.as_view(), every), name="api-favourites"),
        path("favourites/<record_id:id>/", asking(OneFavourite.as_view(), one), name="api-favourite"),
        path("recent/", asking(RecentRecords.as_view(), {"GET": "self"}), name="api-recent"),
    ]
