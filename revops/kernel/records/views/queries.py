"""Reads of saved views: the tabs of a list, its menu, and what it opens with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, PositiveSmallIntegerField, Q, QuerySet, Subquery

from revops.kernel.people import access
from revops.kernel.records.models import SavedView, ViewPin, ViewShare
from revops.kernel.records.views.enums import EVERYONE


@dataclass(frozen=True, slots=True)
class Tab:
    """A view beside All and Mine: pinned, or the default of one's role."""

    view: SavedView
    pinned: bool
    default: bool


def in_use(record_type: str, user: Any) -> QuerySet[SavedView]:
    """Return the views of a record type that `user` sees and nobody archived, by name."""
    rows: QuerySet[SavedView] = SavedView.objects.visible_to(user)
    return rows.filter(record_type=record_type, is_archived=False).order_by("name", "pk")


def tabs(record_type: str, user: Any) -> list[Tab]:
    """Return the tabs of a list: pinned views in their order, then the defaults of one's roles. One query."""
    pin = ViewPin.objects.filter(user=user, view=OuterRef("pk")).values("position")[:1]
    default = _defaults(user).filter(view=OuterRef("pk"))
    newest = default.order_by("-defaulted_at", "-pk").values("defaulted_at")[:1]
    rows = (
        in_use(record_type, user)
        .annotate(place=Subquery(pin, output_field=PositiveSmallIntegerField()), defaulted=Subquery(newest))
        .filter(Q(place__isnull=False) | Q(defaulted__isnull=False))
    )
    found = list(rows)
    chosen = max(
        (one for one in found if one.defaulted), key=lambda one: (one.defaulted, one.pk), default=None
    )
    found.sort(key=lambda one: (one.place is None, one.place or 0, one.name, one.pk))
    return [Tab(one, one.place is not None, one is chosen) for one in found]


def default(tabs_: Sequence[Tab]) -> SavedView | None:
    """Return what the list opens with: the newest default among those of one's roles."""
    return next((tab.view for tab in tabs_ if tab.default), None)


def menu(record_type: str, user: Any) -> QuerySet[SavedView]:
    """Return every view that `user` may open, with whether it is shared and pinned, by name."""
    shared = ViewShare.objects.filter(view=OuterRef("pk"), is_active=True)
    return (
        in_use(record_type, user)
        .select_related("owner")
        .annotate(
            is_shared=Exists(shared),
            is_pinned=Exists(ViewPin.objects.filter(user=user, view=OuterRef("pk"))),
        )
    )


def archived(record_type: str, user: Any) -> QuerySet[SavedView]:
    """Return the archived views that `user` may bring back: their own, and for operations those that were shared."""
    rows: QuerySet[SavedView] = SavedView.objects.visible_to(user)
    mine = rows if access.may_ever(user, "keep", "records.savedview") else rows.filter(owner=user)
    return mine.filter(record_type=record_type, is_archived=True).order_by("name", "pk")


def shares(view: SavedView) -> list[ViewShare]:
    """Return with whom a view is shared, by role."""
    return list(ViewShare.objects.filter(view=view, is_active=True).order_by("role"))


def may_change(view: SavedView, user: Any) -> bool:
    """Say whether `user` may change the view: its owner, or operations where it is shared (A23)."""
    return "content" in access.editable(user, view)


def may_share(view: SavedView, user: Any) -> bool:
    """Say whether `user` may share the view and make it a default."""
    return access.allowed(user, "share", view)


def _defaults(user: Any) -> QuerySet[ViewShare]:
    roles = [EVERYONE, *sorted(access.roles_of(user))]
    return ViewShare.objects.filter(role__in=roles, is_default=True, is_active=True)
