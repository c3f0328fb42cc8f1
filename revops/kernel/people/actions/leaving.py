"""Somebody leaves: everything they hold finds a new holder in the transaction that deactivates them. Source: M7."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access, offboarding, ownership, queries
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.people.actions.organisation import open_queue
from revops.kernel.people.actions.roles import refuse_losing_the_last_admin
from revops.kernel.people.enums import AssignReason, OwnerRole, Role
from revops.kernel.people.models import (
    OwnershipInterval,
    Queue,
    QueueMembership,
    ReportingLine,
    RoleAssignment,
    Team,
    TeamMembership,
    Territory,
)

UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class OffboardingPlan:
    """What deactivating somebody will move, and to whom. `holdings` counts by (record type, role).

    `also` says what mechanisms above will do besides.
    """

    user: User
    manager: User | None
    receiving_queue: str
    holdings: dict[tuple[str, str], int]
    reports: int
    teams_managed: int
    territories: int
    queues: int
    also: tuple[str, ...] = ()


def plan_offboarding(*, by: User, user: User) -> OffboardingPlan:
    """Return what `deactivate_user` would do to this person's records and duties, without doing it."""
    seen = queries.visible_users(by).get(pk=user.pk)
    access.require(by, "deactivate", seen)
    manager = _successor(seen)
    held = OwnershipInterval.objects.filter(owner=seen, active_to__isnull=True)
    return OffboardingPlan(
        user=seen,
        manager=manager,
        receiving_queue=_queue_name(manager),
        holdings=dict(Counter(held.values_list("record_type", "role"))),
        reports=ReportingLine.objects.filter(manager=seen, active_to__isnull=True).count(),
        teams_managed=Team.objects.filter(manager=seen).count(),
        territories=Territory.objects.filter(default_owner=seen).count(),
        queues=QueueMembership.objects.filter(user=seen, active_to__isnull=True).count(),
        also=offboarding.foreseen(seen),
    )


def _successor(user: User) -> User | None:
    """Return the nearest active manager above somebody."""
    manager_of, step = organisation().manager_of, user.pk
    while (step := manager_of.get(step, 0)) != 0:
        manager: User | None = User.objects.filter(pk=step, is_active=True).first()
        if manager is not None:
            return manager
    return None


def _queue_name(manager: User | None) -> str:
    return f"Holding of {manager.name}"[:120] if manager else "Unassigned"


def deactivate_user(*, by: User, user: User, reason: str) -> User:
    """Deactivate somebody and move all they hold to their manager's holding queue, in one transaction.

    Reports and managed teams pass to the manager, territories fall to the queue, roles and memberships end. What
    mechanisms above do besides (`offboarding`) joins it: exceptions that the person answers for are revoked.
    Raises Blocked for a missing reason, for oneself, and for the last administrator.
    """
    if user.pk == by.pk:
        raise access.Forbidden("Nobody deactivates themselves: ask another administrator.")
    with audit.change(by=by, action="user.deactivate", reason=reason):
        if not any(char.isprintable() and not char.isspace() for char in reason):
            raise audit.Blocked.because(
                "PPL-030", "Say why this person leaves.", field="reason", needed="a reason"
            )
        admins = lock_many(RoleAssignment.objects.filter(role=Role.ADMIN, active_to__isnull=True))
        leaver = audit.lock(queries.visible_users(by), pk=user.pk)
        access.require(by, "deactivate", leaver)
        if not leaver.is_active:
            raise audit.Blocked.because("PPL-031", f"{leaver} is deactivated already.", field="user")
        if leaver.pk in {a.user_id for a in admins}:
            refuse_losing_the_last_admin(leaver, admins)
        manager = _successor(leaver)
        queue = _receiving_queue(manager, leaver, by)
        _end_duties(leaver, manager, queue)
        _move_holdings(leaver, queue)
        offboarding.follow(leaver)
        leaver.is_active = False
        # Sessions hang on the password: none of today's comes back with the person, who sets a new one by mail.
        leaver.set_unusable_password()
        leaver.save(update_fields=["password"])
        return audit.write(leaver)


def reactivate_user(*, by: User, user: User, reason: str) -> User:
    """Let somebody sign in again. They come back without roles, teams and records."""
    with audit.change(by=by, action="user.reactivate", reason=reason):
        returning = audit.lock(queries.visible_users(by), pk=user.pk)
        access.require(by, "reactivate", returning)
        if user.pk == by.pk:
            raise access.Forbidden("Nobody reactivates themselves.")
        returning.is_active = True
        return audit.write(returning)


def _receiving_queue(manager: User | None, leaver: User, by: User) -> Queue:
    """Return the staffed queue that takes over; opened and staffed when there is none yet."""
    key = f"holding-{manager.pk}" if manager else UNASSIGNED
    member = manager or by
    queue: Queue | None = Queue.objects.filter(key=key).first()
    if queue is None:
        team = Team.objects.filter(pk=organisation().home_team.get(member.pk, 0)).first()
        return open_queue(name=_queue_name(manager), key=key, team=team, members=[member])
    others = QueueMembership.objects.filter(queue=queue, active_to__isnull=True, user__is_active=True)
    if not others.exclude(user=leaver).exists():
        audit.write(QueueMembership(user=member, queue=queue, active_from=audit.current().occurred_at))
    return queue


def _end_duties(leaver: User, manager: User | None, queue: Queue) -> None:
    now = audit.current().occurred_at
    _keep_queues_staffed(leaver, manager)
    for model in (RoleAssignment, TeamMembership, QueueMembership, ReportingLine):
        not_over = Q(active_to__isnull=True) | Q(active_to__gt=now)
        rows = lock_many(model.objects.filter(not_over, user=leaver))
        for row in rows:
            row.active_to = max(now, row.active_from)
        audit.write_many(rows)
    lines = lock_many(ReportingLine.objects.filter(manager=leaver, active_to__isnull=True))
    for line in lines:
        line.active_to = max(now, line.active_from)
    audit.write_many(lines)
    if manager is not None:
        audit.write_many(
            [ReportingLine(user_id=li.user_id, manager=manager, active_from=now) for li in lines]
        )
    teams = lock_many(Team.objects.filter(manager=leaver))
    for team in teams:
        team.manager = manager
    audit.write_many(teams)
    territories = lock_many(Territory.objects.filter(default_owner=leaver))
    for territory in territories:
        territory.default_owner, territory.default_queue = None, queue
    audit.write_many(territories)


def _keep_queues_staffed(leaver: User, manager: User | None) -> None:
    """Let the manager (or who deactivates) join every queue that would lose its last member."""
    member, now = manager or audit.current().by, audit.current().occurred_at
    open_rows = QueueMembership.objects.filter(active_to__isnull=True)
    mine = set(open_rows.filter(user=leaver).values_list("queue_id", flat=True))
    staffed = set(
        open_rows.filter(queue_id__in=mine, user__is_active=True)
        .exclude(user=leaver)
        .values_list("queue_id", flat=True)
    )
    audit.write_many(
        [QueueMembership(user=member, queue_id=queue, active_from=now) for queue in sorted(mine - staffed)]
    )


def _move_holdings(leaver: User, queue: Queue) -> None:
    """Re-own every record they hold, in every role; a role other than owner passes to the queue as well."""
    receiver = ownership.holder(queue=queue)
    for model in ownership.owned_models():
        label = model._meta.label_lower
        roles = OwnershipInterval.objects.filter(owner=leaver, record_type=label, active_to__isnull=True)
        held: dict[int, list[str]] = {}
        for record_id, role in roles.values_list("record_id", "role"):
            held.setdefault(record_id, []).append(role)
        records = lock_many(model._base_manager.filter(pk__in=held))
        for record in records:
            for role in held[record.pk]:
                ownership.assign(record, to=receiver, reason=AssignReason.OFFBOARDED, role=OwnerRole(role))
        audit.write_many(records)
