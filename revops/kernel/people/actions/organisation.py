"""Shape the organisation: teams, queues, territories, availability. Each function is one action."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access, queries
from revops.kernel.people.enums import AbsenceKind, AbsenceSource
from revops.kernel.people.models import Availability, Queue, QueueMembership, Team, Territory

Named = type[Team] | type[Queue] | type[Territory]


def _text(model: Named, name: str, value: str) -> str:
    """Return the text trimmed. Raises Blocked when it is empty, too long or not all visible."""
    column: Any = model._meta.get_field(name)
    text, longest = value.strip(), column.max_length
    if not text or len(text) > longest or not text.isprintable():
        message = f"A {model._meta.verbose_name} needs a {name} of 1 to {longest} visible characters."
        needed = f"1 to {longest} visible characters"
        raise audit.Blocked.because("PPL-020", message, field=name, found=value, needed=needed)
    return text


def _unused(model: Named, name: str, value: str) -> str:
    """Return the text trimmed. Raises Blocked when it does not fit or a row has it already."""
    kind, text = model._meta.verbose_name, _text(model, name, value)
    if model._base_manager.filter(**{name: text}).exists():
        message = f"There is a {kind} with the {name} {text!r} already. Choose another {name}."
        raise audit.Blocked.because("PPL-021", message, field=name, found=text, needed=f"an unused {name}")
    return text


def create_team(*, by: User, name: str, parent: Team | None = None, manager: User | None = None) -> Team:
    """Add a node to the team tree."""
    with audit.change(by=by, action="team.create"):
        access.require_create(by, Team, {"name", "parent", "manager"})
        return audit.write(Team(name=_unused(Team, "name", name), parent=parent, manager=manager))


def edit_team(
    *,
    by: User,
    pk: int,
    parent: Team | None,
    manager: User | None,
    version: int | None = None,
    reason: str = "",
) -> Team:
    """Move a team in the tree or give it a manager. Raises Blocked when a team would lie under itself."""
    with audit.change(by=by, action="team.edit", reason=reason):
        teams = {team.pk: team for team in lock_many(Team.objects.all())}
        team: Team = audit.lock(Team.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, team, {"parent", "manager"})
        step = teams[parent.pk] if parent else None
        while step is not None:
            if step.pk == team.pk:
                message = f"{parent} lies under {team}; a team cannot lie under itself."
                raise audit.Blocked.because("PPL-022", message, field="parent", found=str(parent))
            step = teams.get(step.parent_id or 0)
        team.parent, team.manager = parent, manager
        return audit.write(team)


def create_queue(
    *, by: User, name: str, key: str = "", team: Team | None = None, members: Sequence[User] = ()
) -> Queue:
    """Create a queue with its first members."""
    with audit.change(by=by, action="queue.create"):
        access.require_create(by, Queue, {"name", "key", "team", "members"})
        return open_queue(name=name, key=key or slugify(name)[:60], team=team, members=members)


def open_queue(*, name: str, key: str, team: Team | None, members: Sequence[User]) -> Queue:
    """Write a staffed queue inside an open change."""
    if key != slugify(key):
        message = f"{key[:60]!r} cannot be the key of a queue. Use small letters, digits and hyphens."
        raise audit.Blocked.because("PPL-028", message, field="key", found=key, needed="a-z, 0-9 and -")
    queue = audit.write(Queue(name=_text(Queue, "name", name), key=_unused(Queue, "key", key), team=team))
    now = audit.current().occurred_at
    audit.write_many([QueueMembership(user=user, queue=queue, active_from=now) for user in members])
    return queue


def staff_queue(*, by: User, queue: Queue, user: User) -> None:
    """Add a member to a queue from now on."""
    with audit.change(by=by, action="queue.staff") as change:
        locked = audit.lock(Queue.objects.visible_to(by), pk=queue.pk)
        access.require_edit(by, locked, {"members"})
        if QueueMembership.objects.filter(user=user, queue=locked, active_to__isnull=True).exists():
            message = f"{user} is a member of {locked} already."
            raise audit.Blocked.because("PPL-023", message, field="user", found=str(user))
        audit.write(QueueMembership(user=user, queue=locked, active_from=change.occurred_at))


def unstaff_queue(*, by: User, queue: Queue, user: User, reason: str = "") -> None:
    """Take a member off a queue. The last one stays while the queue holds records."""
    with audit.change(by=by, action="queue.unstaff", reason=reason) as change:
        locked = audit.lock(Queue.objects.visible_to(by), pk=queue.pk)
        access.require_edit(by, locked, {"members"})
        members = lock_many(QueueMembership.objects.filter(queue=locked, active_to__isnull=True))
        if {m.user_id for m in members} <= {user.pk} and queries.holds_records(locked):
            message = (
                f"{user} is the last member of {locked}, which still holds records. Add somebody else first."
            )
            raise audit.Blocked.because("PPL-024", message, field="user", found=str(user))
        leaving = [m for m in members if m.user_id == user.pk]
        for membership in leaving:
            membership.active_to = max(change.occurred_at, membership.active_from)
        audit.write_many(leaving)


def create_territory(
    *, by: User, code: str, name: str, default_owner: User | None = None, default_queue: Queue | None = None
) -> Territory:
    """Add a territory, with who gets a record of it that nobody owns."""
    with audit.change(by=by, action="territory.create"):
        access.require_create(by, Territory, {"code", "name", "default_owner", "default_queue"})
        code, name = _unused(Territory, "code", code), _text(Territory, "name", name)
        if default_owner is not None and default_queue is not None:
            message = "A territory falls to a person or to a queue, not to both."
            raise audit.Blocked.because("PPL-025", message, field="default_queue")
        territory = Territory(code=code, name=name, default_owner=default_owner, default_queue=default_queue)
        return audit.write(territory)


def set_availability(
    *,
    by: User,
    user: User,
    active_from: datetime,
    active_to: datetime,
    kind: str,
    source: str = AbsenceSource.MANUAL,
    all_day: bool = True,
) -> Availability:
    """Note when somebody is away. Their own affair, their managers' and operations'."""
    with audit.change(by=by, action="availability.set"):
        locked = audit.lock(queries.visible_users(by), pk=user.pk)
        access.require_edit(by, locked, {"availability"})
        if kind not in AbsenceKind.values:
            message = f"{kind[:20]!r} is not a kind of absence; use one of {', '.join(AbsenceKind.values)}."
            raise audit.Blocked.because("PPL-026", message, field="kind", found=kind)
        if active_to <= active_from:
            message = "An absence ends after it begins."
            raise audit.Blocked.because("PPL-027", message, field="active_to", found=active_to.isoformat())
        absence = Availability(
            user=locked,
            active_from=active_from,
            active_to=active_to,
            kind=kind,
            source=source,
            all_day=all_day,
        )
        return audit.write(absence)
