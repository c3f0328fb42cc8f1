"""The result of a simulation: counts before and after, and the changed records, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.resolving import InForce

PAGE = 50
AT_ONCE = 2_000
COLUMNS = ("record_type", "id", "before", "after", "why")


@dataclass(frozen=True, slots=True)
class Count:
    """How many records are treated `before` so and would be `after` so."""

    before: str
    after: str
    n: int

    @property
    def moves(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Past:
    """How many stored decisions were taken again, and how many would have come out differently.

    `untold` of them lack a fact that the draft asks for; `more` says that only the latest were taken again.
    """

    since: datetime
    until: datetime
    decisions: int = 0
    changed: int = 0
    untold: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """One record that would be treated differently, and why."""

    record_type: str
    record_id: int
    before: str
    after: str
    why: str = ""


@dataclass(frozen=True)
class Impact:
    """What a draft would change on the records that `by` sees, as of `at`.

    `total` is the number of records that the draft is about, `changed` of those that it would treat differently;
    `unsimulated` says in words why a document changes no stored record. `counts` has one line for each pair of
    outcomes, the most frequent changes first.
    """

    document: PolicyDocument
    draft: InForce
    digest: str
    at: datetime
    past: Past
    counts: tuple[Count, ...] = ()
    moved: QuerySet[Any] | None = field(default=None, repr=False)
    holds_now: InForce | None = None

    @property
    def record_type(self) -> str:
        return self.document.simulation.record_type if self.document.simulation else ""

    @property
    def unsimulated(self) -> str:
        return "" if self.document.simulation else self.document.unsimulated

    @property
    def total(self) -> int:
        return sum(one.n for one in self.counts)

    @property
    def changed(self) -> int:
        return sum(one.n for one in self.counts if one.moves)

    def rows(self, *, limit: int = PAGE, offset: int = 0) -> list[ChangedRecord]:
        """Return changed records by their ids, each with its reason: one statement, and those that `why` needs."""
        if self.moved is None:
            return []
        page = self.moved.order_by("pk").values_list("pk", "before_", "after_")[offset : offset + limit]
        return self._told(list(page))

    def every(self) -> Iterator[ChangedRecord]:
        """Yield every changed record by its id, a statement for each two thousand."""
        last = 0
        while self.moved is not None:
            page = self.moved.filter(pk__gt=last).order_by("pk").values_list("pk", "before_", "after_")
            told = self._told(list(page[:AT_ONCE]))
            yield from told
            if len(told) < AT_ONCE:
                return
            last = told[-1].record_id

    def csv(self) -> Iterator[tuple[Any, ...]]:
        """Yield the lines of a table of every changed record, plain values; the shells write the file."""
        yield COLUMNS
        for one in self.every():
            yield one.record_type, one.record_id, one.before, one.after, one.why

    def as_json(self) -> dict[str, Any]:
        """Return the past as it is kept and shown."""
        return {
            "since": self.past.since.isoformat(),
            "until": self.past.until.isoformat(),
            "decisions": self.past.decisions,
            "changed": self.past.changed,
            "untold": self.past.untold,
            "more": self.past.more,
        }

    def _told(self, page: list[tuple[int, str, str]]) -> list[ChangedRecord]:
        simulation = self.document.simulation
        if simulation is None or not page:
            return []
        words, why = simulation.words, self._why([pk for pk, _, _ in page])
        return [
            ChangedRecord(simulation.record_type, pk, words(before), words(after), why.get(pk, ""))
            for pk, before, after in page
        ]

    def _why(self, pks: list[int]) -> Mapping[int, str]:
        ask = self.document.simulation.why if self.document.simulation else None
        return {} if ask is None or self.holds_now is None else ask(self.holds_now, self.draft, pks)
