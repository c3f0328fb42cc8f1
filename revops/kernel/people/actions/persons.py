"""Create people, give them a team and a manager. Each function is one action."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, ledger, ownership, queries
from revops.kernel.people.actions.roles import check_role
from revops.kernel.people.enums import Role
from revops.kernel.people.models import ReportingLine, RoleAssignment, Team, TeamMembership


def create_user(
    *,
    by: User,
    email: str,
    name: str,
    kind: str = UserKind.PERSON,
    team: Team | None = None,
    manager: User | None = None,
    roles: Sequence[str] = (),
    password: str | None = None,
) -> User:
    """Create a person or a service, with team, manager and roles. Without a password they set one by mail."""
    with audit.change(by=by, action="user.create"):
        asked = {"team": team, "manager": manager, "roles": roles}
        access.require_create(by, User, {"name", "email", "kind"} | {name for name in asked if asked[name]})
        return _create(
            by, email=email, name=name, kind=kind, team=team, manager=manager, roles=roles, password=password
        )


def bootstrap_admin(*, email: str, name: str, password: str | None = None) -> User:
    """Create the first administrator of an installation. Refused once there is one."""
    system = User.objects.get(kind=UserKind.SERVICE, email="system@revops.invalid")
    with audit.change(by=system, action="user.bootstrap", reason="First administrator of this installation"):
        if RoleAssignment.objects.filter(role=Role.ADMIN).exists():
            raise audit.Blocked.because(
                "PPL-001", "This installation has an administrator already; ask them for an account."
            )
        return _create(
            system, email=email, name=name, kind=UserKind.PERSON, roles=[Role.ADMIN], password=password
        )


def _create(
    by: User,
    *,
    email: str,
    name: str,
    kind: str,
    roles: Sequence[str],
    team: Team | None = None,
    manager: User | None = None,
    password: str | None = None,
) -> User:
    findings = _check_person(email, name) + [f for role in roles for f in check_role(role)]
    if kind not in UserKind.values:
        findings.append(
            audit.Finding("PPL-006", f"{kind!r} is not a kind of user; use person or service.", field="kind")
        )
    if findings:
        raise audit.Blocked(findings)
    user = User(email=email.strip().lower(), name=name.strip(), kind=kind)
    user.set_password(password)
    audit.write(user)
    if team is not None:
        audit.write(
            TeamMembership(user=user, team=team, is_home=True, active_from=audit.current().occurred_at)
        )
    if manager is not None:
        audit.write(ReportingLine(user=user, manager=manager, active_from=audit.current().occurred_at))
    now = audit.current().occurred_at
    audit.write_many([RoleAssignment(user=user, role=role, granted_by=by, active_from=now) for role in roles])
    return user


def write_inactive(people: Sequence[tuple[str, str]]) -> Sequence[User]:
    """Write persons with an address and a name, inside the open change: inactive, without role and password.

    For an import, which has checked the right, the spelling and that the addresses are free.
    """
    made = [User(email=email, name=name or email[:120], is_active=False) for email, name in people]
    for user in made:
        user.set_unusable_password()
    return audit.write_many(made)


def check_spelling(email: str, name: str) -> list[audit.Finding]:
    """Return what is wrong with an address and a name as such, without a query."""
    findings = []
    try:
        validate_email(email.strip())
        MaxLengthValidator(User._meta.get_field("email").max_length)(email.strip())
    except ValidationError:
        message = f"{email[:80]!r} is not an e-mail address. Write it as name@company.com."
        findings.append(
            audit.Finding("PPL-002", message, field="email", found=email[:80], needed="an e-mail address")
        )
    if not 1 <= len(name.strip()) <= 120 or not name.isprintable():
        message = "A name has 1 to 120 visible characters."
        findings.append(
            audit.Finding("PPL-004", message, field="name", found=name[:80], needed="1 to 120 characters")
        )
    return findings


def _check_person(email: str, name: str, *, besides: int | None = None) -> list[audit.Finding]:
    findings = check_spelling(email, name)
    misspelled = any(finding.field == "email" for finding in findings)
    if not misspelled and User.objects.filter(email__iexact=email.strip()).exclude(pk=besides).exists():
        message = f"Somebody signs in as {email.strip()} already. Use another address or open that person."
        findings.append(
            audit.Finding("PPL-003", message, field="email", found=email.strip(), needed="an unused address")
        )
    return findings


def edit_user(
    *,
    by: User,
    pk: int,
    name: str | None = None,
    email: str | None = None,
    version: int | None = None,
    reason: str = "",
) -> User:
    """Change the name or the sign-in address of a person."""
    with audit.change(by=by, action="user.edit", reason=reason):
        user: User = audit.lock(queries.visible_users(by), pk=pk, version=version)
        given = {"name": name, "email": email}
        access.require_edit(by, user, {key for key, value in given.items() if value is not None})
        user.name = name.strip() if name is not None else user.name
        user.email = email.strip().lower() if email is not None else user.email
        if findings := _check_person(user.email, user.name, besides=user.pk):
            raise audit.Blocked(findings)
        return audit.write(user)


def rename_oneself(*, by: User, name: str, version: int | None = None, reason: str = "") -> User:
    """Change one's own name, whatever one's role; nobody else's. Raises Blocked, Conflict.

    The address one signs in with is changed by an administrator (`edit_user`): it is an identity, not a preference.
    """
    with audit.change(by=by, action="user.rename", reason=reason):
        user: User = audit.lock(User.objects.filter(is_active=True), pk=by.pk, version=version)
        if findings := check_spelling(user.email, name):
            raise audit.Blocked(findings)
        user.name = name.strip()
        return audit.write(user)


def set_password(*, by: User, user: User, password: str) -> None:
    """Set somebody's first password. Administrators only; never for another administrator but oneself."""
    if user.pk != by.pk and (
        not access.allowed(by, "grant_role", user) or Role.ADMIN in access.roles_of(user)
    ):
        raise access.Forbidden("Your role may not set this person's password.")
    user.set_password(password)
    user.save(update_fields=["password"])


def set_manager(*, by: User, user: User, manager: User | None, reason: str = "") -> None:
    """Let somebody report to `manager` from now on. Raises Blocked when the line would run in a circle."""
    with audit.change(by=by, action="user.set_manager", reason=reason) as change:
        # The line names both: whoever changes the manager meanwhile is waited for here, not in the middle.
        lock_many(User.objects.filter(pk__in={user.pk, manager.pk if manager else user.pk}))
        locked = audit.lock(queries.visible_users(by), pk=user.pk)
        access.require_edit(by, locked, {"manager"})
        mine = lock_many(ReportingLine.objects.filter(user=locked, active_to__isnull=True))
        # Lines that would close a circle together wait for each other here; the second sees the first.
        ledger.lock_organisation()
        lines = ReportingLine.objects.filter(active_to__isnull=True)
        manager_of = dict(lines.values_list("user_id", "manager_id"))
        step = manager.pk if manager else None
        while step is not None:
            if step == locked.pk:
                raise audit.Blocked.because(
                    "PPL-011",
                    f"{manager} reports to {locked}, directly or not; the line would run in a circle.",
                    field="manager",
                    found=str(manager),
                    needed="somebody outside their own reports",
                )
            step = manager_of.get(step)
        for line in mine:
            line.active_to = max(change.occurred_at, line.active_from)
        audit.write_many(mine)
        if manager is not None:
            audit.write(ReportingLine(user=locked, manager=manager, active_from=change.occurred_at))


def move_to_team(*, by: User, user: User, team: Team, reason: str = "") -> None:
    """Make `team` the home team of somebody; the records they own carry the new team from this instant."""
    with audit.change(by=by, action="user.move_to_team", reason=reason) as change:
        locked = audit.lock(queries.visible_users(by), pk=user.pk)
        access.require_edit(by, locked, {"team"})
        homes = lock_many(TeamMembership.objects.filter(user=locked, is_home=True, active_to__isnull=True))
        for membership in homes:
            membership.active_to = max(change.occurred_at, membership.active_from)
        audit.write_many(homes)
        audit.write(TeamMembership(user=locked, team=team, is_home=True, active_from=change.occurred_at))
        for model in ownership.owned_models():
            records = lock_many(model._base_manager.filter(owner=locked))
            for record in records:
                record.team_id = team.pk
            change.notes.setdefault(ledger.REKEYED, []).extend(records)
            audit.write_many(records)
