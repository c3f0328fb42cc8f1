"""Whom governance speaks to: who holds which roles now."""

from revops.kernel.people.access.organisation import current


def holders(*roles: str) -> list[int]:
    """Return the ids of everybody who holds one of these roles now, in their order."""
    wanted = set(roles)
    return sorted(pk for pk, held in current().roles.items() if held & wanted)
