"""A first walk through a file: how many rows, which ids come twice, and which rows must wait for which.

Rows that refer to rows of the same file (a parent) are imported level by level: those without such a reference
first, then what refers to them. So a reference further down is no special case, and nothing is ever half in.
"""

from dataclasses import dataclass, field

from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Record, Source, records

MAX_LEVELS = 100


@dataclass(slots=True)
class Survey:
    """What the file says about itself. `first` maps an external id to the line of its first row."""

    total: int = 0
    first: dict[str, int] = field(default_factory=dict)
    refers_to: dict[str, list[str]] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    circular: set[str] = field(default_factory=set)

    @property
    def last_level(self) -> int:
        return max(self.levels.values(), default=0)

    def level(self, plan: Plan, record: Record) -> int:
        """Return the level at which a record is imported."""
        if not self.levels:
            return 0
        identity = plan.identify(record)
        return self.levels.get(identity, 0) if self.first.get(identity) == record.line else 0


def survey(source: Source, plan: Plan) -> Survey:
    """Walk through the file once. Raises FileRefused for a file that cannot be read to its end."""
    seen = Survey()
    references = plan.own_references
    for record in records(source):
        seen.total += 1
        if record.findings or plan.skips(record):
            continue
        identity = plan.identify(record)
        if not identity or identity in seen.first:
            continue
        seen.first[identity] = record.line
        if references:
            named = [text for name in references if (text := plan.reference(record, name))]
            if named:
                seen.refers_to[identity] = named
    _order(seen)
    return seen


def _order(seen: Survey) -> None:
    """Give each row its level, and find the circles; iterative, since a chain may be as long as the file."""
    inside = {child: [one for one in named if one in seen.first] for child, named in seen.refers_to.items()}
    waiting: dict[str, int] = {child: len(parents) for child, parents in inside.items() if parents}
    children: dict[str, list[str]] = {}
    for child in waiting:
        for parent in inside[child]:
            children.setdefault(parent, []).append(child)
    ready = [identity for identity in children if identity not in waiting]
    while ready:
        below: list[str] = []
        for parent in ready:
            for child in children.get(parent, ()):
                waiting[child] -= 1
                seen.levels[child] = max(seen.levels.get(child, 0), seen.levels.get(parent, 0) + 1)
                if not waiting[child]:
                    below.append(child)
        ready = below
    left = {child for child, count in waiting.items() if count}
    seen.circular = _circles(left, inside)
    for child in left:
        seen.levels[child] = 0 if child in seen.circular else 1


def _circles(left: set[str], inside: dict[str, list[str]]) -> set[str]:
    """Return the members of circles among `left`; the rest only hangs below one."""
    needed = dict.fromkeys(left, 0)
    for child in left:
        for parent in inside[child]:
            if parent in needed:
                needed[parent] += 1
    leaves = [child for child, count in needed.items() if not count]
    members = set(left)
    while leaves:
        leaf = leaves.pop()
        members.discard(leaf)
        for parent in inside[leaf]:
            if parent in members:
                needed[parent] -= 1
                if not needed[parent]:
                    leaves.append(parent)
    return members
