"""Saved views over the API: one's own and those shared with one, by the same actions as the pages (A23)."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    COUNT,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    documented,
    in_query,
    many,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.models import SavedView, ViewPin
from revops.kernel.records.views import actions, contents
from revops.kernel.records.views.enums import Layout

LABEL = "records.savedview"
MOST_LISTED = 500
_CONTENT = thing(
    {
        "columns": many(TEXT),
        "widths": {"type": "object", "additionalProperties": {"type": "integer"}},
        "sort": TEXT,
        "density": words(["", "compact", "comfortable"]),
        "filters": {"type": "object", "additionalProperties": TEXT},
        "where": {"type": "object", "nullable": True, "description": "As the parameter of a list."},
        "text": TEXT,
        "group": {**TEXT, "description": "The field by which a board stands its columns."},
    },
    required=[],
    additionalProperties=False,
)
_GIVEN = {"name": TEXT, "layout": ref("ViewLayout"), "content": ref("ViewContent")}
_KIND = {**TEXT, "description": "The list: the last part of its address, such as accounts."}
_SHOWN = {
    "id": RECORD_ID,
    "version": COUNT,
    "record_type": _KIND,
    **_GIVEN,
    "owner": ref("Person"),
    "is_archived": YES_OR_NO,
    "is_pinned": YES_OR_NO,
    "shared_with": many(TEXT),
    "default_of": many(TEXT),
}
_VERSION = {"version": {**COUNT, "description": "The version you started from."}}
_COMPONENTS = {
    "Person": thing({"id": RECORD_ID, "name": TEXT}),
    "ViewLayout": words(Layout.values),
    "ViewContent": _CONTENT,
    "View": thing(_SHOWN),
    "Views": thing({"results": many(ref("View"))}),
    "ViewCreate": thing(
        {"record_type": _KIND, **_GIVEN}, required=["record_type", "name"], additionalProperties=False
    ),
    "ViewEdit": thing({**_GIVEN, **_VERSION}, required=[], additionalProperties=False),
    "ViewRoles": thing(
        {"roles": {**many(TEXT), "description": "Codes of roles, or everyone."}, **_VERSION},
        required=["roles"],
        additionalProperties=False,
    ),
    "ViewVersion": thing(_VERSION, required=[], additionalProperties=False),
}
_TAG: dict[str, Any] = {"tag": "Views", "components": _COMPONENTS}
_FITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "record_type": (lambda value: isinstance(value, str), "text"),
    "name": (lambda value: isinstance(value, str), "text"),
    "layout": (lambda value: value in Layout.values, "list or board"),
    "content": (lambda value: isinstance(value, dict), "an object"),
    "version": (lambda value: type(value) is int and value >= 0, "a whole number"),
    "roles": (
        lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
        "a list of codes",
    ),
}


class Views(ApiView):
    """The views one may open; keeping a new one."""

    @documented(
        id="views_list",
        summary="List your views and those shared with you",
        response=ref("Views"),
        parameters=[
            in_query("record_type", TEXT, "Only those of this list."),
            in_query("archived", words(["true"]), "The archived ones instead."),
        ],
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        given = queries.single(request)
        kind, archived = given.pop("record_type", ""), given.pop("archived", "")
        findings = [queries.wrong(name, text, "record_type, archived") for name, text in given.items()]
        if archived not in ("", "true"):
            findings.append(queries.wrong("archived", archived, "true"))
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        rows = _visible(request).filter(is_archived=bool(archived)).order_by("name", "pk")
        if kind:
            rows = rows.filter(record_type=_label(request, kind))
        pins = _pins(request)
        return Response({"results": [shown(one, pins) for one in rows[:MOST_LISTED]]})

    @documented(
        id="views_create",
        summary="Keep a list as a view of your own",
        status=201,
        request=ref("ViewCreate"),
        response=ref("View"),
        **_TAG,
    )
    def post(self, request: Request) -> Response:
        given = _given(request, ("record_type", "name", "layout", "content"), needed=("record_type", "name"))
        try:
            view = actions.create_view(by=user_of(request), **{"content": {}, **given})
        except LookupError:
            finding = queries.wrong("record_type", given["record_type"], "a list that you can see")
            raise blocked(Blocked([finding])) from None
        location = request.build_absolute_uri(f"/api/v1/views/{view.pk}/")
        return Response(_answer(request, view.pk), 201, headers={"Location": location})


class OneView(ApiView):
    """One view."""

    @documented(id="views_read", summary="Read one view", response=ref("View"), **_TAG)
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return Response(_answer(request, id))

    @documented(
        id="views_edit",
        summary="Change the name, layout or content of a view",
        request=ref("ViewEdit"),
        response=ref("View"),
        **_TAG,
    )
    def patch(self, request: Request, id: int) -> Response:
        given = _given(request, ("name", "layout", "content", "version"))
        actions.edit_view(by=user_of(request), pk=id, **given)
        return Response(_answer(request, id))


def _deed(name: str, summary: str, act: Callable[..., Any], body: str = "ViewVersion") -> type[ApiView]:
    """Return the view of one action on a saved view."""
    roles = body == "ViewRoles"
    taken = ("roles", "version") if roles else () if name in ("pin", "unpin") else ("version",)

    @documented(
        id=f"views_{name}",
        summary=summary,
        request=ref(body) if taken else None,
        response=ref("View"),
        **_TAG,
    )
    def post(self: ApiView, request: Request, id: int) -> Response:
        given = _given(request, taken, needed=("roles",) if roles else ())
        _visible(request).get(pk=id)
        act(by=user_of(request), pk=id, **given)
        return Response(_answer(request, id))

    return type(f"View{name.title()}", (ApiView,), {"post": post, "__doc__": summary + "."})


_DEEDS = {
    "share": _deed("share", "Share a view with roles, and with no other", actions.share_view, "ViewRoles"),
    "default": _deed("default", "Let lists of roles open with a view", actions.set_default, "ViewRoles"),
    "archive": _deed("archive", "Take a view out of every menu", actions.archive_view),
    "restore": _deed("restore", "Bring an archived view back", actions.restore_view),
    "pin": _deed("pin", "Put a view among your tabs", actions.pin_view),
    "unpin": _deed("unpin", "Take a view from your tabs", actions.unpin_view),
}


def patterns() -> list[URLPattern]:
    """Return the addresses of saved views."""
    return [
        path("views/", Views.as_view(), name="api-views"),
        path("views/<record_id:id>/", OneView.as_view(), name="api-view"),
        *(
            path(f"views/<record_id:id>/{name}/", view.as_view(), name=f"api-view-{name}")
            for name, view in _DEEDS.items()
        ),
    ]


def _visible(request: Request) -> Any:
    """Return the views one may see."""
    return SavedView.objects.visible_to(request.user).select_related("owner").prefetch_related("shares")


def _label(request: Request, text: str) -> str:
    """Return the label of a list by its name. Raises Problem for one that is out of sight."""
    for kind in registry.every():
        if text in (kind.slug, kind.label) and access.rights(request.user, kind.label).sees_any:
            return kind.label
    finding = queries.wrong("record_type", text, "a list that you can see")
    raise blocked(Blocked([finding]), BAD_QUERY)


def _given(request: Request, names: tuple[str, ...], *, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the arguments of an action. Raises Problem for unknown names and values of a wrong kind."""
    body = body_of(request)
    known = ", ".join(names) or "nothing"
    findings = [queries.wrong(name, body[name], known) for name in sorted(body.keys() - set(names))]
    for name in names:
        fits, wanted = _FITS[name]
        if name in body and not fits(body[name]):
            findings.append(queries.wrong(name, body[name], wanted))
        elif name in needed and name not in body:
            findings.append(queries.wrong(name, "", wanted))
    if findings:
        raise blocked(Blocked(findings))
    return body


def _pins(request: Request) -> set[int]:
    return set(ViewPin.objects.filter(user=user_of(request)).values_list("view_id", flat=True))


def _answer(request: Request, pk: int) -> dict[str, Any]:
    view = _visible(request).filter(pk=pk).first()
    if view is None:
        raise ObjectDoesNotExist
    return shown(view, _pins(request))


def shown(view: SavedView, pins: set[int]) -> dict[str, Any]:
    """Return a view as the API shows it."""
    shares = [share for share in view.shares.all() if share.is_active]
    return {
        "id": view.pk,
        "version": view.version,
        "record_type": registry.get(view.record_type).slug,
        "name": view.name,
        "layout": view.layout,
        "content": contents.stored(view.content).model_dump(),
        "owner": {"id": view.owner_id, "name": str(view.owner)},
        "is_archived": view.is_archived,
        "is_pinned": view.pk in pins,
        "shared_with": sorted(share.role for share in shares),
        "default_of": sorted(share.role for share in shares if share.is_default),
    }
