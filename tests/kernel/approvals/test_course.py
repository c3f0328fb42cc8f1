"""Property 8 over the pure core: whatever order votes, edits and the clock come in, at most one final, never on a
stale content, never by who may not. Each script is compared with what an onlooker would count.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from revops.kernel.approvals.course import Course, Place, Refusal, Stage, Vote, Why
from revops.kernel.approvals.enums import RequestState, StepMode, StepState

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PEOPLE = tuple(range(1, 8))
SUBMITTER, OWNER = 1, 2
SCRIPTS = 3_000


def places(chance: random.Random) -> tuple[Place, ...]:
    """Return some approvers of a stage."""
    return tuple(
        Place(frozenset(chance.sample(PEOPLE[2:], chance.randint(1, 4))), chance.choice((1, 1, 2)))
        for _ in range(chance.randint(1, 3))
    )


def some_course(chance: random.Random) -> Course:
    """Return a request with one to four steps at levels one to four, some of them with a deadline."""
    stages = tuple(
        Stage(
            seq,
            chance.randint(1, 4),
            chance.choice(list(StepMode)),
            chance.randint(1, 3),
            places(chance),
            StepState.WAITING,
        )
        for seq in range(1, chance.randint(1, 4) + 1)
    )
    until = chance.choice((None, NOW + timedelta(minutes=8)))
    return Course(RequestState.PENDING, "a", SUBMITTER, OWNER, stages, until).moved()


def some_act(chance: random.Random) -> tuple[object, ...]:
    """Return a vote, for oneself or for somebody else, an edit, or a while of waiting."""
    if chance.random() < 0.06:
        return ("edit", chance.choice("aab"))
    if chance.random() < 0.06:
        return ("wait", chance.randint(0, 3))
    human = chance.choice(PEOPLE)
    voice = chance.choice((human, human, chance.choice(PEOPLE)))
    return ("vote", chance.randint(1, 5), human, voice, chance.random() < 0.8)


@dataclass
class Onlooker:
    """What somebody who watches counts."""

    course: Course
    content: str = "a"
    now: datetime = NOW
    finals: int = 0
    votes: list[tuple[int, int, int, bool]] = field(default_factory=list)

    def see(self, act: tuple[object, ...]) -> None:
        if act[0] == "edit":
            self.content = str(act[1])
        elif act[0] == "wait":
            self.now += timedelta(minutes=int(str(act[1])))
        else:
            self.vote(*act[1:])  # type: ignore[arg-type]

    def vote(self, seq: int, human: int, voice: int, grants: bool) -> None:
        if seq not in {stage.seq for stage in self.course.stages}:
            return
        before = self.course
        try:
            self.course = before.vote(seq, human, voice, grants, content=self.content, now=self.now)
        except Refusal:
            assert self.course is before
            return
        self.votes.append((seq, human, voice, grants))
        self.judge(before, seq, human, voice)

    def judge(self, before: Course, seq: int, human: int, voice: int) -> None:
        stage = next(one for one in before.stages if one.seq == seq)
        assert before.state == RequestState.PENDING
        assert stage.state == StepState.OPEN
        assert self.content == before.bound
        assert before.until is None or self.now < before.until
        assert not {SUBMITTER, OWNER} & {human, voice}
        assert voice in stage.people
        lower = [one for one in before.stages if one.level < stage.level]
        assert all(one.state in (StepState.GRANTED, StepState.SKIPPED) for one in lower)
        self.finals += self.course.state != RequestState.PENDING


def accounted(course: Course) -> bool:
    """Say whether every stage of an approved request has the votes that its mode wants."""
    for stage in course.stages:
        yes = {vote.human for vote in stage.votes if vote.grants}
        full = [
            len({v.human for v in stage.votes if v.grants and n in v.places}) >= place.needed
            for n, place in enumerate(stage.places)
        ]
        wanted = {StepMode.ANY: any(full), StepMode.ALL: all(full), StepMode.K_OF_N: len(yes) >= stage.k}
        if stage.state != StepState.GRANTED or not wanted[stage.mode]:
            return False
    return True


def test_property_8_no_interleaving_yields_two_finals_or_one_on_a_stale_content() -> None:
    ends: Counter[str] = Counter()
    for seed in range(SCRIPTS):
        chance = random.Random(seed)
        seen = Onlooker(some_course(chance))
        for _ in range(chance.randint(4, 40)):
            seen.see(some_act(chance))
        hold(seen)
        ends[seen.course.state] += 1
    # The scripts reach every end often enough to say something.
    assert min(ends[state] for state in ("pending", "approved", "rejected")) > SCRIPTS / 20


def hold(seen: Onlooker) -> None:
    """Assert what must be true after every script."""
    assert seen.finals <= 1
    assert len({(seq, human) for seq, human, _, _ in seen.votes}) == len(seen.votes)
    assert len({(seq, voice) for seq, _, voice, _ in seen.votes}) == len(seen.votes)
    if seen.course.state == RequestState.APPROVED:
        assert accounted(seen.course)
        if max(stage.level for stage in seen.course.stages) >= 3:
            assert len({human for _, human, _, grants in seen.votes if grants}) >= 2
    if seen.course.state == RequestState.REJECTED:
        undecided = [one for one in seen.course.stages if one.state in (StepState.OPEN, StepState.WAITING)]
        assert undecided == []


def one(mode: StepMode, *held: Place, k: int = 1, level: int = 1) -> Course:
    stage = Stage(1, level, mode, k, held, StepState.WAITING)
    return Course(RequestState.PENDING, "a", SUBMITTER, OWNER, (stage,)).moved()


def vote(course: Course, human: int, grants: bool = True, seq: int = 1, voice: int = 0) -> Course:
    return course.vote(seq, human, voice or human, grants, content="a", now=NOW)


def refused(course: Course, human: int, *, content: str = "a", now: datetime = NOW, voice: int = 0) -> Why:
    with pytest.raises(Refusal) as found:
        course.vote(1, human, voice or human, True, content=content, now=now)
    return found.value.why


A, B, AB, ABC = frozenset({3}), frozenset({4}), frozenset({3, 4}), frozenset({3, 4, 5})


def test_first_vote_of_an_any_of_step_decides_it() -> None:
    course = one(StepMode.ANY, Place(AB))
    assert vote(course, 3).state == RequestState.APPROVED
    assert vote(course, 4, False).state == RequestState.REJECTED


def test_all_of_step_needs_each_and_one_rejection_ends_it() -> None:
    course = one(StepMode.ALL, Place(A), Place(B))
    assert vote(course, 3).state == RequestState.PENDING
    assert vote(vote(course, 3), 4).state == RequestState.APPROVED
    assert vote(vote(course, 3), 4, False).state == RequestState.REJECTED


def test_k_of_n_ends_once_too_few_are_left() -> None:
    course = one(StepMode.K_OF_N, Place(ABC), k=2)
    against = vote(course, 3, False)
    assert against.state == RequestState.PENDING
    assert vote(vote(against, 4), 5).state == RequestState.APPROVED
    assert vote(against, 4, False).state == RequestState.REJECTED


def test_high_level_opens_a_second_pair_of_eyes_for_somebody_else() -> None:
    course = vote(one(StepMode.ANY, Place(AB), level=3), 3)
    assert [(stage.seq, stage.second_pair, stage.state) for stage in course.stages] == [
        (1, False, StepState.GRANTED),
        (2, True, StepState.OPEN),
    ]
    with pytest.raises(Refusal, match="same_human"):
        vote(course, 3, seq=2)
    assert vote(course, 4, seq=2).state == RequestState.APPROVED


def test_vote_that_does_not_count_says_why() -> None:
    course = one(StepMode.ALL, Place(frozenset({3})), Place(frozenset({4})))
    assert refused(course, SUBMITTER) == Why.SUBMITTER
    assert refused(course, SUBMITTER, voice=3) == Why.SUBMITTER
    assert refused(course, OWNER, voice=3) == Why.OWNER
    assert refused(course, 7) == Why.NOT_ASKED
    assert refused(course, 3, content="b") == Why.STALE
    assert refused(replace(course, until=NOW), 3) == Why.EXPIRED
    assert refused(vote(course, 3), 3) == Why.TWICE
    assert refused(vote(course, 5, voice=3), 3) == Why.TWICE
    assert refused(course.ended(RequestState.RECALLED), 3) == Why.DECIDED


def test_carried_votes_count_as_humans_of_a_high_level() -> None:
    granted = Stage(
        1, 3, StepMode.ANY, 1, (Place(A),), StepState.SKIPPED, (Vote(3, 3, True, frozenset({0})),)
    )
    open_one = Stage(2, 3, StepMode.ANY, 1, (Place(B),), StepState.WAITING)
    course = Course(RequestState.PENDING, "a", SUBMITTER, OWNER, (granted, open_one)).moved()
    assert course.vote(2, 4, 4, True, content="a", now=NOW).state == RequestState.APPROVED
