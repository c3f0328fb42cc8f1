"""Keep a list as a view, change it, archive it and take it back."""

from collections.abc import Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.models import SavedView, ViewShare
from revops.kernel.records.views import checking
from revops.kernel.records.views.enums import Layout

# So many of one's own that are in use for one record type: a menu that can be read.
MOST = 200


def create_view(
    *, by: User, record_type: str, name: str, content: Mapping[str, Any], layout: str = Layout.LIST
) -> SavedView:
    """Keep a list under a name, for `by` alone.

    Raises Blocked with every finding, LookupError for a record type of which `by` sees nothing, Forbidden.
    """
    kind = checking.seen(by, record_type)
    title, findings = checking.name(name)
    read, against = checking.content(kind, by, layout, content)
    with audit.change(by=by, action="view.create"):
        access.require_create(by, SavedView, {"record_type", "name", "layout", "content"})
        held = SavedView.objects.filter(owner=by, record_type=kind.label, is_archived=False)
        if findings := findings + against + _too_many(held.count()):
            raise audit.Blocked(findings)
        view = SavedView(
            record_type=kind.label, name=title, layout=layout, content=read.model_dump(), owner=by
        )
        return audit.write(view)


def _too_many(held: int) -> list[audit.Finding]:
    if held < MOST:
        return []
    message = f"You keep {held} views of this list; {MOST} is the most. Archive one that you do not use."
    return [audit.Finding("VIEW-003", message, field="name", found=str(held), needed=f"at most {MOST}")]


def edit_view(
    *,
    by: User,
    pk: int,
    name: str | None = None,
    content: Mapping[str, Any] | None = None,
    layout: str | None = None,
    version: int | None = None,
) -> SavedView:
    """Change the name, layout or content of a view; a shared one is changed by its owner and by operations (A23).

    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist for a view that `by` does not see.
    """
    with audit.change(by=by, action="view.edit"):
        view = lock(by, pk, version)
        access.require_edit(by, view, {"name", "layout", "content"})
        findings: list[audit.Finding] = []
        if name is not None:
            view.name, findings = checking.name(name)
        if content is not None or layout is not None:
            kind = registry.get(view.record_type)
            view.layout = view.layout if layout is None else layout
            given = view.content if content is None else content
            read, against = checking.content(kind, by, view.layout, given)
            view.content, findings = read.model_dump(), findings + against
        if findings:
            raise audit.Blocked(findings)
        return audit.write(view)


def archive_view(*, by: User, pk: int, version: int | None = None) -> SavedView:
    """Take a view out of every menu; what it was the default of has none then. Raises as `edit_view`."""
    with audit.change(by=by, action="view.archive"):
        view = lock(by, pk, version)
        access.require_edit(by, view, {"is_archived"})
        view.is_archived = True
        audit.write(view)
        shares = lock_many(ViewShare.objects.filter(view=view, is_default=True))
        for share in shares:
            share.is_default = False
        audit.write_many(shares)
        return view


def restore_view(*, by: User, pk: int, version: int | None = None) -> SavedView:
    """Bring an archived view back, shared as it was. Raises as `edit_view`."""
    with audit.change(by=by, action="view.restore"):
        view = lock(by, pk, version)
        access.require_edit(by, view, {"is_archived"})
        view.is_archived = False
        return audit.write(view)


def lock(by: User, pk: int, version: int | None) -> SavedView:
    """Lock a view that `by` sees. Raises DoesNotExist, Conflict."""
    view: SavedView = audit.lock(SavedView.objects.visible_to(by), pk=pk, version=version)
    return view
