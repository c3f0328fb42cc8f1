"""What somebody's reach is made of, as a code: who has another one now does not get a file written with the old."""

import hashlib
import json
from typing import Any

from revops.kernel.people import access
from revops.kernel.people.access.organisation import current


def standing_of(user: Any, record_type: str) -> str:
    """Return the code of what `user` may see of `record_type`: scope, fields, and the people it reaches (A16)."""
    held = access.rights(user, record_type)
    organisation, reach = current(), list[list[int]]()
    if held.view == access.Scope.TEAM:
        reach = [sorted(organisation.teams_of.get(user.pk, frozenset()))]
    elif held.view == access.Scope.SUBTREE:
        teams, people = organisation.subtree_keys(user.pk)
        reach = [sorted(teams), sorted(people)]
    narrowed = [[grant.view.name, sorted(grant.only.items())] for grant in held.conditional]
    told = [held.view.name, sorted(held.readable), narrowed, reach]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
