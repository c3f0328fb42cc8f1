"""The writes of the organisation over REST, one row each: address, function, arguments, right.

Adding an action here gives it its address, its checks and its place in the schema.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from revops.api.people.arguments import Argument, Kind
from revops.api.people.resources import ABSENCES, QUEUES, TEAMS, TERRITORIES, USERS, Resource
from revops.kernel.people import actions

_ROLE = Argument("role", required=True)
_WHY = Argument("reason", required=True, help="Why; it stays in the audit trail.")
REASON = Argument("reason", help="Why; it stays in the audit trail.")
_NAME = Argument("name", required=True)


@dataclass(frozen=True, slots=True)
class Deed:
    """One action: `name` ends its address (empty: the list takes it by POST, `edit`: the row by PATCH).

    `subject` is the parameter that gets the row (its id, when `by_id`); `right` is its verb in the access matrix.
    """

    resource: Resource
    name: str
    summary: str
    run: Callable[..., Any]
    arguments: tuple[Argument, ...]
    right: str
    subject: str = ""
    by_id: bool = False
    versioned: bool = False
    keep_null: frozenset[str] = field(default_factory=frozenset)


def _user(
    name: str, summary: str, run: Callable[..., Any], right: str, *arguments: Argument, **more: Any
) -> Deed:
    return Deed(USERS, name, summary, run, arguments, right, subject="user", **more)


DEEDS = (
    Deed(
        USERS,
        "",
        "Create a person or a service",
        actions.create_user,
        (
            Argument("email", required=True),
            _NAME,
            Argument("kind", help="person (as if nothing is said) or service."),
            Argument("team", Kind.TEAM),
            Argument("manager", Kind.USER),
            Argument("roles", Kind.TEXTS),
        ),
        "create",
    ),
    Deed(
        USERS,
        "edit",
        "Change the name or the address of a person",
        actions.edit_user,
        (Argument("name"), Argument("email"), REASON),
        "edit",
        subject="pk",
        by_id=True,
        versioned=True,
    ),
    _user(
        "grant_role",
        "Grant a role",
        actions.grant_role,
        "grant_role",
        _ROLE,
        Argument("active_from", Kind.INSTANT),
        Argument("active_to", Kind.INSTANT),
        REASON,
    ),
    _user(
        "revoke_role",
        "Revoke a role",
        actions.revoke_role,
        "grant_role",
        _ROLE,
        REASON,
    ),
    _user(
        "move_to_team",
        "Move a person to a team",
        actions.move_to_team,
        "edit",
        Argument("team", Kind.TEAM, True),
        REASON,
    ),
    _user(
        "set_manager",
        "Say to whom a person reports",
        actions.set_manager,
        "edit",
        Argument("manager", Kind.USER, help="Null for nobody."),
        REASON,
        keep_null=frozenset({"manager"}),
    ),
    _user(
        "deactivate",
        "Deactivate a person",
        actions.deactivate_user,
        "deactivate",
        _WHY,
    ),
    _user(
        "reactivate",
        "Reactivate a person",
        actions.reactivate_user,
        "reactivate",
        _WHY,
    ),
    Deed(
        ABSENCES,
        "",
        "Note when somebody is away",
        actions.set_availability,
        (
            Argument("user", Kind.USER, True),
            Argument("active_from", Kind.INSTANT, True),
            Argument("active_to", Kind.INSTANT, True),
            Argument("kind", required=True),
            Argument("all_day", Kind.YES_OR_NO),
        ),
        "create",
    ),
    Deed(
        TEAMS,
        "",
        "Create a team",
        actions.create_team,
        (_NAME, Argument("parent", Kind.TEAM), Argument("manager", Kind.USER)),
        "create",
    ),
    Deed(
        TEAMS,
        "edit",
        "Move a team, or give it a manager",
        actions.edit_team,
        (Argument("parent", Kind.TEAM), Argument("manager", Kind.USER), REASON),
        "edit",
        subject="pk",
        by_id=True,
        versioned=True,
        keep_null=frozenset({"parent", "manager"}),
    ),
    Deed(
        QUEUES,
        "",
        "Create a queue with its members",
        actions.create_queue,
        (_NAME, Argument("key"), Argument("team", Kind.TEAM), Argument("members", Kind.USERS, True)),
        "create",
    ),
    Deed(
        QUEUES,
        "staff",
        "Add a member to a queue",
        actions.staff_queue,
        (Argument("user", Kind.USER, True),),
        "edit",
        subject="queue",
    ),
    Deed(
        QUEUES,
        "unstaff",
        "Take a member off a queue",
        actions.unstaff_queue,
        (Argument("user", Kind.USER, True), REASON),
        "edit",
        subject="queue",
    ),
    Deed(
        TERRITORIES,
        "",
        "Create a territory",
        actions.create_territory,
        (
            Argument("code", required=True),
            _NAME,
            Argument("default_owner", Kind.USER),
            Argument("default_queue", Kind.QUEUE),
        ),
        "create",
    ),
)
