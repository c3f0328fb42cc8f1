"""Saved views on the pages: the menu of a list, keeping one, its settings, and what is done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.identity.models import User
from revops.kernel.people.enums import Role
from revops.kernel.people.models import CustomRole
from revops.kernel.records.models import SavedView, ViewPin
from revops.kernel.records.registry import RecordType
from revops.kernel.records.views import actions, contents, queries
from revops.kernel.records.views.enums import EVERYONE, Layout
from revops.kernel.records.views.opening import opened
from revops.web import refusals
from revops.web.access_rows import record
from revops.web.rendering import show
from revops.web.views.forms import whole

MANY = 8


@record(GET="view", POST="view")
def views(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the views of a list; keep the list one looks at as a new one."""
    if request.method == "POST":
        return _keep(request, record_type)
    found: list[Any] = list(queries.menu(record_type.label, request.user))
    for one in found:
        one.icon = "layout-kanban" if one.layout == Layout.BOARD else "list"
        one.is_theirs = one.owner_id != request.user.pk
    current = request.GET.get("view", "")
    context = {
        "type": record_type,
        "groups": [
            ("Mine", [one for one in found if not one.is_theirs]),
            ("Shared with me", [one for one in found if one.is_theirs]),
        ],
        "any": bool(found),
        "many": len(found) > MANY,
        "current": whole(current),
        "back": request.GET.urlencode(),
        "archived": queries.archived(record_type.label, request.user)[:50],
    }
    return show(request, "records/list/views_menu.html", context, fragment=True)


def _shaped(request: HttpRequest, record_type: RecordType) -> tuple[str, dict[str, Any]]:
    """Return layout and content of the list that the form came from."""
    try:
        held = opened(record_type, request.user, QueryDict(request.POST.get("back", "")).dict())
    except SavedView.DoesNotExist:
        raise Http404 from None
    return contents.of_parameters(held.parameters)


def _keep(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    layout, content = _shaped(request, record_type)
    by: Any = request.user
    try:
        view = actions.create_view(
            by=by,
            record_type=record_type.label,
            name=request.POST.get("name", ""),
            layout=layout,
            content=content,
        )
        if request.POST.get("pin"):
            actions.pin_view(by=by, pk=view.pk)
    except Blocked as error:
        return _refused(request, record_type, error, "The view was not saved")
    return HttpResponseRedirect(f"/{record_type.slug}/?view={view.pk}", status=303)


def _refused(
    request: HttpRequest, record_type: RecordType, error: Blocked | Conflict, title: str
) -> HttpResponse:
    """Show why nothing was saved, and the way back to the list as it was."""
    back = request.POST.get("back", "")
    context = {
        "type": record_type,
        "title": title,
        "refusal": refusals.of(error, title),
        "back": f"/{record_type.slug}/?{back}" if back else f"/{record_type.slug}/",
    }
    status = 409 if isinstance(error, Conflict) else 422
    return show(request, "records/view_refused.html", context, status=status, fragment=False)


@record(GET="view", POST="view")
def settings_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show a view's name, with whom it is shared and whose default it is; rename it."""
    view = _find(record_type, request.user, pk)
    by: Any = request.user
    refusal, name = None, view.name
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            actions.edit_view(by=by, pk=pk, name=name, version=whole(request.POST.get("version", "")))
            messages.success(request, "The view is renamed.")
            return HttpResponseRedirect(f"/{record_type.slug}/views/{pk}/", status=303)
        except (Blocked, Conflict) as error:
            refusal = refusals.of(error, "The view was not renamed")
    shares = {share.role: share for share in queries.shares(view)}
    may_share = queries.may_share(view, by)
    context = {
        "type": record_type,
        "title": view.name,
        "view": view,
        "name": name,
        "refusal": refusal,
        "may_change": queries.may_change(view, by),
        "may_share": may_share,
        "is_pinned": ViewPin.objects.filter(user=by, view=view).exists(),
        "roles": [
            (code, label, code in shares, code in shares and shares[code].is_default)
            for code, label in roles()
            if may_share or code in shares
        ],
    }
    return show(
        request, "records/view_settings.html", context, status=422 if refusal else 200, fragment=False
    )


def roles() -> list[tuple[str, str]]:
    """Return with whom a view can be shared: everyone, the shipped roles, the custom ones."""
    custom = CustomRole.objects.filter(is_active=True).order_by("name").values_list("code", "name")
    return [(EVERYONE, "Everyone"), *((str(code), str(label)) for code, label in Role.choices), *custom]


def _find(record_type: RecordType, user: Any, pk: int) -> SavedView:
    rows = SavedView.objects.visible_to(user).filter(record_type=record_type.label)
    view: SavedView | None = rows.select_related("owner").filter(pk=pk).first() if pk < 2**63 else None
    if view is None:
        raise Http404
    return view


@record(POST="view")
def deed(request: HttpRequest, record_type: RecordType, pk: int, name: str) -> HttpResponse:
    """Do one thing with a view: save the list into it, share it, pin it, archive it."""
    view = _find(record_type, request.user, pk)
    if name not in _DEEDS:
        raise Http404
    by: Any = request.user
    try:
        place = _DEEDS[name](request, record_type, view, by)
    except (Blocked, Conflict) as error:
        return _refused(request, record_type, error, "The view was not changed")
    except SavedView.DoesNotExist:
        raise Http404 from None
    return HttpResponseRedirect(place, status=303)


def _save(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    layout, content = _shaped(request, record_type)
    version = whole(request.POST.get("version", ""))
    actions.edit_view(by=by, pk=view.pk, layout=layout, content=content, version=version)
    return f"/{record_type.slug}/?view={view.pk}"


def _share(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    shared, defaults = request.POST.getlist("share"), request.POST.getlist("default")
    actions.share_view(by=by, pk=view.pk, roles=list(dict.fromkeys([*shared, *defaults])))
    actions.set_default(by=by, pk=view.pk, roles=defaults)
    messages.success(request, "The view is shared." if shared or defaults else "The view is private again.")
    return f"/{record_type.slug}/views/{view.pk}/"


def _archive(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    actions.archive_view(by=by, pk=view.pk)
    messages.success(request, f"{view.name} is archived. The menu of views brings it back.")
    return f"/{record_type.slug}/"


def _restore(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    actions.restore_view(by=by, pk=view.pk)
    return f"/{record_type.slug}/?view={view.pk}"


def _pin(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    actions.pin_view(by=by, pk=view.pk)
    return _back(request, record_type, view)


def _unpin(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    actions.unpin_view(by=by, pk=view.pk)
    return _back(request, record_type, view)


def _left(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    return _moved(record_type, view, by, -1)


def _right(request: HttpRequest, record_type: RecordType, view: SavedView, by: User) -> str:
    return _moved(record_type, view, by, 1)


def _moved(record_type: RecordType, view: SavedView, by: User, step: int) -> str:
    try:
        actions.move_pin(by=by, pk=view.pk, step=step)
    except ViewPin.DoesNotExist:
        raise Http404 from None
    return f"/{record_type.slug}/views/{view.pk}/"


def _back(request: HttpRequest, record_type: RecordType, view: SavedView) -> str:
    """Return the list that a form came from, or the settings of the view."""
    if "back" not in request.POST:
        return f"/{record_type.slug}/views/{view.pk}/"
    return f"/{record_type.slug}/?{QueryDict(request.POST['back']).urlencode()}".removesuffix("?")


_DEEDS: dict[str, Callable[[HttpRequest, RecordType, SavedView, User], str]] = {
    "save": _save,
    "share": _share,
    "archive": _archive,
    "restore": _restore,
    "pin": _pin,
    "unpin": _unpin,
    "left": _left,
    "right": _right,
}
