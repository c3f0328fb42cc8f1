"""What stands on the start page besides one's work: blocks that apps declare, each for the roles it matters to.

A list block is a list by its parameters: its count and its rows are exactly those of the list that it opens. A tally
block counts something by something else; each of its lines opens what it counts. What has no content is not drawn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from revops.kernel.people import access


@dataclass(frozen=True, slots=True)
class ListBlock:
    """The first rows of a list; `parameters(user, now)` are those of its address, `shown` fields beside the title."""

    key: str
    title: str
    record_type: str
    roles: frozenset[str]
    parameters: Callable[[Any, datetime], Mapping[str, str]]
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a tally: what is counted, how much of it, and where it opens; `alarm` says that it is amiss."""

    label: str
    value: str
    url: str
    note: str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class TallyBlock:
    """Counts by something: `query(user, now)` returns its lines in one or two queries, most pressing first."""

    key: str
    title: str
    roles: frozenset[str]
    query: Callable[[Any, datetime], Sequence[Line]]
    url: str = ""


Block = ListBlock | TallyBlock
_blocks: dict[str, Block] = {}


def register(block: Block) -> None:
    """Let a block stand on start pages. Raises ValueError when its key belongs to another one."""
    if _blocks.setdefault(block.key, block) != block:
        raise ValueError(f"The start page has a block called {block.key!r} already.")


def of(user: Any) -> list[Block]:
    """Return the blocks for the roles of `user`, in the order of their registration."""
    roles = access.roles_of(user)
    return [one for one in _blocks.values() if one.roles & roles]
