"""Share a view with roles, and let the lists of a role open with it."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.actions.roles import check_role
from revops.kernel.records.models import SavedView, ViewShare
from revops.kernel.records.views.actions.keeping import lock
from revops.kernel.records.views.enums import EVERYONE


def share_view(*, by: User, pk: int, roles: Collection[str], version: int | None = None) -> SavedView:
    """Share a view with these roles (`everyone` among them) and with no other; with none it is private again.

    Who is not shared with any more has it neither as default nor, when they look, among their pins. Raises Blocked
    with every finding, Forbidden without the right to share, Conflict, DoesNotExist.
    """
    with audit.change(by=by, action="view.share"):
        view = _shareable(by, pk, version)
        wanted = list(dict.fromkeys(roles))
        if findings := [finding for role in wanted if role != EVERYONE for finding in check_role(role)]:
            raise audit.Blocked(findings)
        held = {share.role: share for share in lock_many(ViewShare.objects.filter(view=view))}
        changed = [share for role, share in held.items() if share.is_active is not (role in wanted)]
        for share in changed:
            share.is_active = share.role in wanted
            share.is_default = False
        audit.write_many(changed)
        audit.write_many(
            [
                ViewShare(view=view, record_type=view.record_type, role=role)
                for role in wanted
                if role not in held
            ]
        )
        return view


def set_default(*, by: User, pk: int, roles: Collection[str], version: int | None = None) -> SavedView:
    """Let the lists of these roles open with a view that is shared with them; of no other role.

    A role has one default a record type: another view's gives way. Raises as `share_view`.
    """
    with audit.change(by=by, action="view.set_default") as change:
        view = _shareable(by, pk, version)
        # All shares with these roles in one order: two defaults at the same moment come one after the other.
        of_roles = Q(record_type=view.record_type, role__in=list(roles), is_active=True)
        rows = lock_many(ViewShare.objects.filter(Q(view=view) | of_roles))
        held = {share.role: share for share in rows if share.view_id == view.pk}
        if findings := _not_shared(roles, {role for role, share in held.items() if share.is_active}):
            raise audit.Blocked(findings)
        giving_way = [
            share
            for share in rows
            if share.is_default and (share.view_id != view.pk or share.role not in roles)
        ]
        _put(giving_way, None)
        _put([share for role, share in held.items() if role in roles], change.recorded_at)
        return view


def _put(shares: list[ViewShare], at: datetime | None) -> None:
    """Make shares the defaults of their roles since `at`, or none of them any more."""
    for share in shares:
        share.is_default = at is not None
        share.defaulted_at = at or share.defaulted_at
    audit.write_many(shares)


def _shareable(by: User, pk: int, version: int | None) -> SavedView:
    view = lock(by, pk, version)
    access.require(by, "share", view)
    if view.is_archived:
        message = "This view is archived. Restore it before you share it."
        raise audit.Blocked.because("VIEW-004", message, field="is_archived", needed="a view in use")
    return view


def _not_shared(roles: Iterable[str], shared: Collection[str]) -> list[audit.Finding]:
    return [
        audit.Finding(
            "VIEW-005",
            f"The view is not shared with {role[:40]}. Share it with them first.",
            field="roles",
            found=role[:40],
            needed=", ".join(sorted(shared)) or "a role that it is shared with",
        )
        for role in dict.fromkeys(roles)
        if role not in shared
    ]
