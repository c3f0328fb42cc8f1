"""The course of a request, from its first vote to its end: every rule of deciding, over plain values. Pure. Source: M6.

Actions read a course from the rows they have locked, let it say what comes of a vote, and write what changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from revops.kernel.approvals.bodies import TWO_HUMANS_FROM
from revops.kernel.approvals.enums import SETTLED, UNDECIDED, RequestState, StepMode, StepState


class Why(StrEnum):
    """Why a vote does not count."""

    DECIDED = "decided"
    EXPIRED = "expired"
    STALE = "stale"
    CLOSED = "closed"
    SUBMITTER = "submitter"
    OWNER = "owner"
    NOT_ASKED = "not_asked"
    TWICE = "twice"
    SAME_HUMAN = "same_human"


class Refusal(Exception):
    """The vote does not count; the course is as it was."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(why.value)


@dataclass(frozen=True, slots=True)
class Place:
    """One approver of a stage: who may speak for it now, and how many must."""

    people: frozenset[int]
    needed: int = 1


@dataclass(frozen=True, slots=True)
class Vote:
    """What one human said, for which approvers of the stage; `voice` is whose say it was."""

    human: int
    voice: int
    grants: bool
    places: frozenset[int]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a request."""

    seq: int
    level: int
    mode: StepMode
    k: int
    places: tuple[Place, ...]
    state: StepState
    votes: tuple[Vote, ...] = ()
    second_pair: bool = False

    @property
    def people(self) -> frozenset[int]:
        return frozenset[int]().union(*(place.people for place in self.places))

    def judged(self) -> StepState:
        """Return what the votes make of it: granted, rejected or still open."""
        yes = [vote for vote in self.votes if vote.grants]
        no = {vote.human for vote in self.votes if not vote.grants}
        if self.mode == StepMode.K_OF_N:
            if len({vote.human for vote in yes}) >= self.k:
                return StepState.GRANTED
            voted = {vote.human for vote in yes}
            return StepState.REJECTED if len((self.people | voted) - no) < self.k else StepState.OPEN
        full = [self._full(n, place, yes) for n, place in enumerate(self.places)]
        if all(full) if self.mode == StepMode.ALL else any(full):
            return StepState.GRANTED
        broken = [self._broken(n, place, no) for n, place in enumerate(self.places)]
        return StepState.REJECTED if any(broken) else StepState.OPEN

    def _full(self, number: int, place: Place, yes: list[Vote]) -> bool:
        return len({vote.human for vote in yes if number in vote.places}) >= place.needed

    def _broken(self, number: int, place: Place, no: set[int]) -> bool:
        """Say whether a rejection ends it: at once, but for a group that can still find enough who agree."""
        against = {vote.human for vote in self.votes if not vote.grants and number in vote.places}
        if not against:
            return False
        agreed = {vote.human for vote in self.votes if vote.grants and number in vote.places}
        return place.needed == 1 or len((place.people | agreed) - no) < place.needed


@dataclass(frozen=True, slots=True)
class Course:
    """A request with its stages. `bound` is the fingerprint of the content that it asks about."""

    state: RequestState
    bound: str
    submitter: int
    owner: int | None
    stages: tuple[Stage, ...]
    until: datetime | None = None

    def vote(
        self, seq: int, human: int, voice: int, grants: bool, *, content: str, now: datetime
    ) -> "Course":
        """Return the course after one vote. Raises Refusal where it does not count."""
        stage = next(one for one in self.stages if one.seq == seq)
        if why := self.objection(stage, human, voice, content=content, now=now):
            raise Refusal(why)
        places = frozenset(n for n, place in enumerate(stage.places) if voice in place.people)
        voted = replace(stage, votes=(*stage.votes, Vote(human, voice, grants, places)))
        voted = replace(voted, state=voted.judged())
        return replace(self, stages=tuple(voted if one.seq == seq else one for one in self.stages)).moved()

    def objection(self, stage: Stage, human: int, voice: int, *, content: str, now: datetime) -> Why | None:
        """Return why a vote would not count, or None."""
        if self.state == RequestState.STALE or (self.state == RequestState.PENDING and content != self.bound):
            return Why.STALE
        if self.state == RequestState.EXPIRED or (self.until is not None and self.until <= now):
            return Why.EXPIRED
        if self.state != RequestState.PENDING:
            return Why.DECIDED
        if any(human == vote.human or voice == vote.voice for vote in stage.votes):
            return Why.TWICE
        if stage.state != StepState.OPEN:
            return Why.CLOSED
        if human == self.submitter or voice == self.submitter:
            return Why.SUBMITTER
        if self.owner is not None and self.owner in (human, voice):
            return Why.OWNER
        if voice not in stage.people:
            return Why.NOT_ASKED
        return Why.SAME_HUMAN if stage.second_pair and human in self.granted_by() else None

    def granted_by(self) -> frozenset[int]:
        """Return the humans whose yes counts so far."""
        return frozenset(
            vote.human
            for stage in self.stages
            if stage.state in (*SETTLED, StepState.OPEN)
            for vote in stage.votes
            if vote.grants
        )

    def moved(self) -> "Course":
        """Return the course one step on: the next level opened, or its end."""
        if any(stage.state == StepState.REJECTED for stage in self.stages):
            return self.ended(RequestState.REJECTED)
        if any(stage.state == StepState.OPEN for stage in self.stages):
            return self
        waiting = [stage.level for stage in self.stages if stage.state == StepState.WAITING]
        if waiting:
            return self._opened(min(waiting))
        second = self._second_pair()
        if second is not None:
            return replace(self, stages=(*self.stages, second))
        return replace(self, state=RequestState.APPROVED)

    def _opened(self, level: int) -> "Course":
        stages = tuple(
            replace(one, state=StepState.OPEN)
            if one.level == level and one.state == StepState.WAITING
            else one
            for one in self.stages
        )
        return replace(self, stages=stages)

    def _second_pair(self) -> Stage | None:
        """Return one more stage where a high level was reached and only one human has said yes."""
        level = max((stage.level for stage in self.stages), default=0)
        if level < TWO_HUMANS_FROM or len(self.granted_by()) > 1:
            return None
        highest = [stage for stage in self.stages if stage.level == level]
        people = frozenset[int]().union(*(stage.people for stage in highest))
        seq = max(stage.seq for stage in self.stages) + 1
        return Stage(seq, level, StepMode.ANY, 1, (Place(people),), StepState.OPEN, second_pair=True)

    def ended(self, state: RequestState) -> "Course":
        """Return the course ended: what is undecided is cancelled."""
        return replace(self, state=state, stages=tuple(self._cancelled()))

    def _cancelled(self) -> Iterator[Stage]:
        for stage in self.stages:
            yield replace(stage, state=StepState.CANCELLED) if stage.state in UNDECIDED else stage
