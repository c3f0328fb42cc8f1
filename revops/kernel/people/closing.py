"""Where upper mechanisms close a direct way of changing the organisation, because another one has taken its place."""

from collections.abc import Callable

from revops.kernel.audit import Blocked, Finding

Says = Callable[[], Finding | None]
_closed: dict[tuple[str, str], Says] = {}


def closed_by(owner: str, way: str, says: Says) -> None:
    """Let `owner` say whether `way` is closed now: a finding that leads to the way that is open, or None.

    One owner a way. Raises ValueError for a second one.
    """
    if any(named == way and other != owner for other, named in _closed):
        raise ValueError(f"Somebody else decides whether {way!r} is closed.")
    _closed[owner, way] = says


def require_open(way: str) -> None:
    """Raise Blocked where `way` is closed."""
    found = [finding for (_, named), says in _closed.items() if named == way and (finding := says())]
    if found:
        raise Blocked(found)
