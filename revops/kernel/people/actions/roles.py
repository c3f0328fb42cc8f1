"""Give and take roles, and define custom ones. Nobody changes their own; the last administrator keeps theirs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, closing, queries
from revops.kernel.people.access.custom import check_grants
from revops.kernel.people.enums import Role
from revops.kernel.people.models import CustomRole, RoleAssignment

DEFINING = "define custom roles"


def check_role(role: str) -> list[audit.Finding]:
    """Return the finding against an unknown role."""
    custom = CustomRole.objects.filter(code=role, is_active=True)
    if role in Role.values or (role.isidentifier() and custom.exists()):
        return []
    message = f"{role!r} is not a role. Use one of {', '.join(Role.values)} or a custom role."
    return [audit.Finding("PPL-005", message, field="role", found=role[:40], needed="a role")]


def grant_role(
    *,
    by: User,
    user: User,
    role: str,
    reason: str = "",
    active_from: datetime | None = None,
    active_to: datetime | None = None,
) -> RoleAssignment:
    """Give somebody a role, from and until an instant if wanted. Nobody grants themselves one."""
    with audit.change(by=by, action="role.grant", reason=reason) as change:
        locked = audit.lock(queries.visible_users(by), pk=user.pk)
        _require_grant(by, locked)
        if findings := check_role(role):
            raise audit.Blocked(findings)
        starts = active_from or change.occurred_at
        if active_to is not None and active_to <= starts:
            raise audit.Blocked.because(
                "PPL-008", "A role ends after it begins.", field="active_to", found=active_to.isoformat()
            )
        held = RoleAssignment.objects.filter(
            Q(active_to__isnull=True) | Q(active_to__gt=starts), user=locked, role=role
        )
        if held.exists():
            raise audit.Blocked.because(
                "PPL-007", f"{locked} holds the role {role} already.", field="role", found=role
            )
        assignment = RoleAssignment(
            user=locked, role=role, granted_by=by, active_from=starts, active_to=active_to
        )
        return audit.write(assignment)


def revoke_role(*, by: User, user: User, role: str, reason: str = "") -> None:
    """Take a role from somebody now. The last administrator keeps theirs."""
    with audit.change(by=by, action="role.revoke", reason=reason) as change:
        admins = lock_many(RoleAssignment.objects.filter(role=Role.ADMIN, active_to__isnull=True))
        locked = audit.lock(queries.visible_users(by), pk=user.pk)
        _require_grant(by, locked)
        if role == Role.ADMIN:
            refuse_losing_the_last_admin(locked, admins)
        held = lock_many(
            RoleAssignment.objects.filter(
                Q(active_to__isnull=True) | Q(active_to__gt=change.occurred_at), user=locked, role=role
            )
        )
        if not held:
            raise audit.Blocked.because(
                "PPL-009", f"{locked} does not hold the role {role}.", field="role", found=role
            )
        for assignment in held:
            assignment.active_to = max(change.occurred_at, assignment.active_from)
        audit.write_many(held)


def refuse_losing_the_last_admin(user: User, admins: Sequence[Any]) -> None:
    """Raise Blocked when `user` is the only person left who administers now and without an end."""
    now = audit.current().occurred_at
    others = {a.user_id for a in admins if a.active_from <= now} - {user.pk}
    if not User.objects.filter(pk__in=others, is_active=True, kind=UserKind.PERSON).exists():
        raise audit.Blocked.because(
            "PPL-010", f"{user} is the last administrator. Make somebody else one first.", field="role"
        )


def _require_grant(by: User, user: User) -> None:
    if user.pk == by.pk:
        raise access.Forbidden("Nobody changes their own roles: ask another administrator.")
    access.require(by, "grant_role", user)


def check_custom_role(code: str, name: str, grants: Any) -> None:
    """Refuse what cannot be a custom role. Raises Blocked."""
    if code in Role.values or not code.isidentifier() or len(code) > 40:
        raise audit.Blocked.because(
            "PPL-012",
            f"{code[:40]!r} cannot be the code of a custom role.",
            field="code",
            found=code[:40],
            needed="up to 40 letters, digits and underscores, not the code of a shipped role",
        )
    if not 1 <= len(name.strip()) <= 120 or not name.isprintable():
        message = "A role's name has 1 to 120 visible characters."
        raise audit.Blocked.because("PPL-013", message, field="name", found=name)
    check_grants(grants)


def define_custom_role(*, by: User, code: str, name: str, grants: dict[str, Any], reason: str) -> CustomRole:
    """Store a role as data: the same grants as the matrix, checked word by word; or replace its grants.

    Nobody changes a role they hold: that would be granting to oneself. Raises Blocked where roles are changed in
    another way by now (`closing`).
    """
    with audit.change(by=by, action="role.define", reason=reason):
        held = CustomRole.objects.filter(code=code).first() if code.isidentifier() else None
        if held is None:
            access.require_create(by, CustomRole, {"code", "name", "grants"})
        else:
            access.require_edit(by, held, {"name", "grants", "is_active"})
        closing.require_open(DEFINING)
        if held is not None and code in access.roles_of(by):
            raise access.Forbidden("Nobody changes a role they hold: ask another administrator.")
        check_custom_role(code, name, grants)
        if held is None:
            return audit.write(CustomRole(code=code, name=name, grants=grants))
        locked: CustomRole = audit.lock(CustomRole.objects.all(), pk=held.pk)
        locked.name, locked.grants, locked.is_active = name, grants, True
        return audit.write(locked)


def apply_custom_roles(wanted: Sequence[CustomRole], *, retire: Collection[str]) -> None:
    """Bring the custom roles in line with `wanted` inside the open change; those whose codes are in `retire` end.

    Raises Forbidden where the actor holds a role that this would change: nobody grants to themselves.
    """
    by = audit.current().by
    held = {row.code: row for row in lock_many(CustomRole.objects.order_by("pk"))}
    rows = []
    for role in wanted:
        row = held.get(role.code)
        if row is None:
            rows.append(role)
        elif (row.name, row.grants, row.is_active) != (role.name, role.grants, True):
            row.name, row.grants, row.is_active = role.name, role.grants, True
            rows.append(row)
    for code in sorted(set(retire) - {role.code for role in wanted}):
        if code in held and held[code].is_active:
            held[code].is_active = False
            rows.append(held[code])
    if mine := {row.code for row in rows} & access.roles_of(by):
        raise access.Forbidden(
            f"Nobody changes a role they hold ({', '.join(sorted(mine))}): ask another one."
        )
    audit.write_many(rows)
