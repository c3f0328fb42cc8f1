"""Hygiene by rep and by manager: the ratios of their open deals, of what the reader sees. Source: d2, dashboards."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from opportunities.metrics import hygiene as numbers
from opportunities.metrics.score import Score, score
from revops.kernel import metrics
from revops.kernel.identity.models import User
from revops.kernel.metrics import Ratio, Share
from revops.kernel.people import access
from revops.kernel.people.access import Scope
from revops.kernel.people.access.organisation import current
from revops.kernel.records import listing, registry
from revops.kernel.sla.models import SlaClock

DEAL, CLOCK = numbers.DEAL, numbers.CLOCK
REP, MANAGER = "rep", "manager"
# Deals that wait in a queue have no rep.
NOBODY = 0
_DEALS = (
    numbers.NEXT_STEP_FRESH,
    numbers.NEXT_STEP_OVERDUE,
    numbers.IDLE,
    numbers.CLOSES_LATER,
    numbers.REQUIRED_FIELDS,
    numbers.STAGE_AGE_RED,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which part of which ratio it tells, as a share or as a count."""

    key: str
    label: str
    ratio: Ratio
    part: str = "in"
    counts: bool = False

    def value(self, share: Share) -> Decimal | None:
        """Return what the column tells of a share; None of no records."""
        held = share.numerator if self.part == "in" else share.denominator - share.numerator
        if self.part == "all":
            return Decimal(share.denominator)
        if self.counts:
            return Decimal(held)
        return share.value if self.part == "in" or share.value is None else 100 - share.value


COLUMNS = (
    Column("open", "Open deals", numbers.NEXT_STEP_FRESH, "all", counts=True),
    Column("fresh", "Next step fresh", numbers.NEXT_STEP_FRESH),
    Column("overdue", "Overdue", numbers.NEXT_STEP_OVERDUE, counts=True),
    Column("idle", "Idle > 30 days", numbers.IDLE),
    Column("past", "Past close date", numbers.CLOSES_LATER, "out", counts=True),
    Column("missing", "Missing required", numbers.REQUIRED_FIELDS, "out"),
    Column("aged", "Too long in stage", numbers.STAGE_AGE_RED, counts=True),
    Column("sla", "Clocks met", numbers.SLA_MET),
)
SCORE = "score"
SORTS = ("name", *(column.key for column in COLUMNS), SCORE)


@dataclass(frozen=True, slots=True)
class Row:
    """One rep, or one manager with everybody below them: whose deals, and every ratio of these by its key."""

    pk: int
    name: str
    owners: tuple[int, ...]
    shares: Mapping[str, Share]

    @property
    def score(self) -> Score:
        return score(self.shares)

    def share(self, column: Column) -> Share | None:
        return self.shares.get(column.ratio.key)

    def value(self, key: str) -> Decimal | None:
        """Return what stands in a column of this row."""
        if key == SCORE:
            return self.score.value
        column = next(one for one in COLUMNS if one.key == key)
        share = self.share(column)
        return None if share is None else column.value(share)


@dataclass(frozen=True, slots=True)
class Board:
    """The rows, all of them together, and how the deals were narrowed down; `narrows_clocks` says that clocks were not
    asked for, since they know neither segment nor stage."""

    by: str
    rows: Sequence[Row]
    total: Row
    columns: Sequence[Column]
    given: Mapping[str, str]
    as_of: datetime
    told: frozenset[str]
    narrows_clocks: bool = False
    managers: bool = False


def board(
    user: Any, now: datetime, *, by: str = REP, given: Mapping[str, str] | None = None, sort: str = SCORE
) -> Board:
    """Return the hygiene of the open deals that `user` sees, in a constant number of statements.

    `given` are filters of the list of deals (segment, team, stage); a team stands for the teams below it as well.
    Raises Blocked for a filter that does not fit.
    """
    held = with_teams_below(given or {})
    told = {one.key for label in (DEAL, CLOCK) for one in metrics.ratios_of(label, user)}
    found = _of_deals(user, now, held, told)
    without_clocks = bool(held.keys() & {"segment", "stage"})
    if not without_clocks and numbers.SLA_MET.key in told:
        found = [*found, *_of_clocks(user, now, held, {one.group[0] for one in found})]
    people = _by_owner(found)
    leads = sees_teams(user)
    by = MANAGER if by == MANAGER and leads else REP
    rows = _managers(people, user) if by == MANAGER else _reps(people)
    every = tuple(sorted(people))
    total = Row(NOBODY, "All", every, _added(people, every))
    columns = [one for one in COLUMNS if one.ratio.key in told]
    return Board(
        by,
        in_order(rows, sort),
        total,
        columns,
        held,
        now,
        frozenset(told),
        without_clocks,
        leads,
    )


def sees_teams(user: Any) -> bool:
    """Say whether somebody sees the deals of whole subtrees: to them managers are told apart."""
    return access.rights(user, DEAL).view >= Scope.SUBTREE


def with_teams_below(given: Mapping[str, str]) -> dict[str, str]:
    """Return filters in which a team stands for itself and every team below it."""
    held = {name: text for name, text in given.items() if text}
    team = held.get("team", "")
    if not (team.isascii() and team.isdigit()):
        return held
    parents, found, grew = current().parent_team, {int(team)}, True
    while grew:
        below = {pk for pk, parent in parents.items() if parent in found and pk not in found}
        found |= below
        grew = bool(below)
    return held | {"team": ",".join(map(str, sorted(found)))}


def _of_deals(user: Any, now: datetime, given: Mapping[str, str], told: Collection[str]) -> list[Share]:
    rows = listing.matching(listing.parse(registry.get(DEAL), user, given), user)
    wanted = [one for one in _DEALS if one.key in told]
    found = metrics.shares(wanted, rows.filter(numbers.NEXT_STEP_FRESH.among(now)), by=("owner_id",), now=now)
    return [one.of((one.group[0] or NOBODY,)) for one in found]


def _of_clocks(user: Any, now: datetime, given: Mapping[str, str], owners: Collection[int]) -> list[Share]:
    """Return the clocks of those who own deals here; a team narrows them down as it does deals."""
    ratio = numbers.SLA_MET
    rows = SlaClock.objects.visible_to(user).filter(
        ratio.among(now), owner__in=[one for one in owners if one]
    )
    if "team" in given:
        rows = rows.filter(team__in=given["team"].split(","))
    return metrics.shares([ratio], rows, by=("owner_id",), now=now)


def _by_owner(found: Iterable[Share]) -> dict[int, dict[str, Share]]:
    people: dict[int, dict[str, Share]] = {}
    for one in found:
        people.setdefault(one.group[0], {})[one.ratio.key] = one
    return people


def _reps(people: Mapping[int, Mapping[str, Share]]) -> list[Row]:
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    return [Row(pk, names.get(pk, "In a queue"), (pk,), shares) for pk, shares in people.items()]


def _managers(people: Mapping[int, Mapping[str, Share]], user: Any) -> list[Row]:
    """Return a row for each manager whom the reader's scope reaches, over everybody below them and themselves."""
    organisation = current()
    leading = {manager for manager in organisation.manager_of.values() if manager}
    if access.rights(user, DEAL).view < Scope.ALL:
        leading &= organisation.subtree(user.pk)
    below = {pk: tuple(sorted(organisation.subtree(pk) & people.keys())) for pk in leading}
    names = dict(User.objects.filter(pk__in=leading).values_list("pk", "name"))
    return [
        Row(pk, names[pk], held, _added(people, held)) for pk, held in below.items() if held and pk in names
    ]


def _added(people: Mapping[int, Mapping[str, Share]], owners: Sequence[int]) -> dict[str, Share]:
    """Return the ratios of several people as one: numerators and denominators added up, never a mean of ratios."""
    every: dict[str, list[Share]] = {}
    for pk in owners:
        for key, share in people[pk].items():
            every.setdefault(key, []).append(share)
    return {key: added for key, held in every.items() if (added := metrics.together(held)) is not None}


def in_order(rows: Sequence[Row], sort: str) -> list[Row]:
    """Return rows by a column, those without a value last; a leading - turns the order round."""
    key, turned = sort.lstrip("-"), sort.startswith("-")
    if key not in SORTS:
        key, turned = SCORE, False
    named = sorted(rows, key=lambda row: (row.name.casefold(), row.pk))
    if key == "name":
        return named[::-1] if turned else named
    known = [row for row in named if row.value(key) is not None]
    known.sort(key=lambda row: row.value(key) or Decimal(0), reverse=turned)
    return [*known, *(row for row in named if row.value(key) is None)]


def address(column: Column, row: Row, given: Mapping[str, str], part: str = "") -> str:
    """Return the list of exactly the records behind a cell, or behind another part of its ratio."""
    held = {name: text for name, text in given.items() if name == "team" or column.ratio.record_type == DEAL}
    asked = {
        "metric": column.ratio.key,
        "part": part or column.part,
        **held,
        **whose(row, column.ratio.record_type),
    }
    return f"/{registry.get(column.ratio.record_type).slug}/?{urlencode(asked, safe=',')}"


def whose(row: Row, label: str = DEAL) -> dict[str, str]:
    """Return the filter by which a list holds the records of a row alone; no filter for all deals together.

    All clocks together are those of the people who own deals here.
    """
    if row.pk == NOBODY and row.owners != (NOBODY,) and label == DEAL:
        return {}
    people = [pk for pk in row.owners if pk != NOBODY]
    return {"owner": ",".join(map(str, people))} if people else {"owner__empty": "true"}
