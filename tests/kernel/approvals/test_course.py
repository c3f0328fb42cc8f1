"""Property 8 over the pure core: whatever order votes, edits and the clock come in, at most one final, never on a
stale content, never by who may not. Each script is compared with what an onlooker would count.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revops.kernel.approvals.course import Course, Place, Refusal, Stage, Vote, Why
from revops.kernel.approvals.enums import RequestState, StepMode, StepState

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PEOPLE = tuple(range(1, 8))
SUBMITTER, OWNER = 1, 2
MODES = st.sampled_from(StepMode)
places = st.builds(
    Place, st.frozensets(st.sampled_from(PEOPLE[2:]), min_size=1, max_size=4), st.integers(1, 2)
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    stages = []
    for seq in range(1, draw(st.integers(1, 4)) + 1):
        held = tuple(draw(st.lists(places, min_size=1, max_size=3)))
        mode, level, k = draw(MODES), draw(st.integers(1, 4)), draw(st.integers(1, 3))
        stages.append(Stage(seq, level, mode, k, held, StepState.WAITING))
    until = draw(st.sampled_from((None, NOW + timedelta(minutes=8))))
    return Course(RequestState.PENDING, "a", SUBMITTER, OWNER, tuple(stages), until).moved()


acts = st.one_of(
    st.tuples(
        st.just("vote"),
        st.integers(1, 5),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.sampled_from((True, True, True, False)),
    ),
    st.tuples(st.just("edit"), st.sampled_from("aab")),
    st.tuples(st.just("wait"), st.integers(0, 3)),
)


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
        assert before.state == RequestState.PENDING and stage.state == StepState.OPEN
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


@settings(max_examples=600, deadline=None)
@given(courses(), st.lists(acts, max_size=24))
def test_property_8_no_interleaving_yields_two_finals_or_one_on_a_stale_content(
    course: Course, script: list[tuple[object, ...]]
) -> None:
    seen = Onlooker(course)
    for act in script:
        seen.see(act)
    assert seen.finals <= 1
    assert len({(seq, human) for seq, human, _, _ in seen.votes}) == len(seen.votes)
    assert len({(seq, voice) for seq, _, voice, _ in seen.votes}) == len(seen.votes)
    if seen.course.state == RequestState.APPROVED:
        assert accounted(seen.course)
        if max(stage.level for stage in course.stages) >= 3:
            assert len({human for _, human, _, grants in seen.votes if grants}) >= 2
    if seen.course.state == RequestState.REJECTED:
        open_ones = [one for one in seen.course.stages if one.state in (StepState.OPEN, StepState.WAITING)]
        assert open_ones == []


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
