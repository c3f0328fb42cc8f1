"""Who may do what on the pages of the rules: asked of the access matrix, told in words."""

from typing import Any

from django.http import Http404

from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.kernel.policies.models import SetUpMode

VERSION = "policies.policyversion"
SET_UP = "policies.setupmode"


def reader(user: Any) -> User:
    """Return who reads the rules. Raises Http404 for whoever sees none."""
    if not access.rights(user, VERSION).sees_any:
        raise Http404
    found: User = user
    return found


def drafts(user: Any) -> bool:
    """Say whether somebody may draft versions."""
    return bool(access.rights(user, VERSION).creatable)


def require_drafts(user: Any) -> None:
    """Raise Forbidden for who may not draft."""
    if not drafts(user):
        names = roles("create")
        raise access.Forbidden(
            f"Your role may not draft rules; {names} may. Start a request for change and say what should differ."
        )


def puts_in_force(user: Any) -> bool:
    """Say whether somebody may put versions in force, while set-up mode lasts."""
    return access.rights(user, VERSION).action("activate") != access.Scope.NONE


def ends_set_up(user: Any) -> bool:
    return bool(access.rights(user, SET_UP).creatable)


def set_up_lasts() -> bool:
    """Say whether versions may go live without an approved request for change. One query."""
    return not SetUpMode.objects.exists()


def roles(verb: str) -> str:
    """Return the roles that the shipped matrix lets draft ("create") or put in force ("activate"), in words."""
    grants = access.declarations()[VERSION].grants
    held = [
        role
        for role, grant in grants.items()
        if (grant.create if verb == "create" else verb in grant.actions)
    ]
    return " and ".join(sorted(str(Role(role).label) for role in held))
