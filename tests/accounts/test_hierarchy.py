"""The tree of companies: circles, depth, and owners that flow down it (ALG-1.2, INV-1.3, HC-1)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import assign_account, create_account, edit_account
from accounts.actions.hierarchy import MAX_DEPTH
from accounts.models import Account
from accounts.queries import account as queries
from revops.kernel import audit
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import actions, ownership
from tests.accounts.conftest import WHY, Make, codes
from tests.cast import Cast
from tests.evidence import ledger_faults, rolled_back, unchanged


def move(cast: Cast, account: Account, parent: Account | None) -> Account:
    return edit_account(
        by=cast.rita, pk=account.pk, changes={"parent": parent.pk if parent else None}, reason="Reorganised"
    )


def chain(make: Make, length: int, **top: Any) -> list[Account]:
    """Create accounts one under the other."""
    made: list[Account] = []
    for number in range(length):
        extra = {"parent": made[-1].pk} if made else top
        made.append(make(f"Level {number + 1}", **extra))
    return made


def test_tree_has_ten_levels_and_not_eleven(cast: Cast, make: Make) -> None:
    levels = chain(make, MAX_DEPTH)
    assert len(levels) == 10
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        make("Level 11", parent=levels[-1].pk)
    assert codes(refusal) == [("ACC-021", "parent")]
    assert refusal.value.findings[0].found == "11 levels"
    lone = make("Lone")
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        move(cast, levels[0], lone)
    assert codes(refusal) == [("ACC-021", "parent")]
    with pytest.raises(audit.Blocked), unchanged():
        move(cast, lone, levels[-1])
    assert move(cast, lone, levels[-2]).ultimate_parent == levels[0]


def test_tree_of_subtrees_counts_both_sides(cast: Cast, make: Make) -> None:
    upper, lower = chain(make, 6), chain(make, 5)
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        move(cast, lower[0], upper[5])
    assert codes(refusal) == [("ACC-021", "parent")]
    move(cast, lower[0], upper[4])
    assert Account.objects.get(pk=lower[4].pk).ultimate_parent == upper[0]


@pytest.mark.parametrize(("who", "under"), [(0, 0), (0, 1), (0, 3), (1, 3), (2, 3)])
def test_company_is_not_its_own_parent(cast: Cast, make: Make, who: int, under: int) -> None:
    levels = chain(make, 4)
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        move(cast, levels[who], levels[under])
    assert codes(refusal) == [("ACC-020", "parent")]


def test_ultimate_parent_follows_every_move(cast: Cast, make: Make) -> None:
    one, two, three = chain(make, 3)
    lone = make("Lone")
    move(cast, one, lone)
    tops = dict(Account.objects.values_list("name", "ultimate_parent__name"))
    assert tops == {"Lone": None, "Level 1": "Lone", "Level 2": "Lone", "Level 3": "Lone"}
    move(cast, two, None)
    tops = dict(Account.objects.values_list("name", "ultimate_parent__name"))
    assert tops == {"Lone": None, "Level 1": "Lone", "Level 2": None, "Level 3": "Level 2"}
    assert three.pk


def test_hc1_grandchild_follows_the_child_with_an_owner_of_its_own(cast: Cast, make: Make) -> None:
    parent, child, grandchild = chain(make, 3, owner="alice")
    follower = make("Follower", parent=parent.pk)
    assert {a.owner for a in (parent, child, grandchild, follower)} == {cast.alice}
    assign_account(by=cast.rita, pk=child.pk, owner=cast.bob, reason=WHY)
    grandchild.refresh_from_db()
    assert grandchild.owner == cast.bob
    assign_account(by=cast.rita, pk=parent.pk, owner=cast.charlie, reason=WHY)
    for account in (parent, child, grandchild, follower):
        account.refresh_from_db()
    assert [a.owner for a in (parent, child, grandchild, follower)] == [
        cast.charlie,
        cast.bob,
        cast.bob,
        cast.charlie,
    ]
    assert follower.team == cast.teams["West"]
    assert ledger_faults() == []


def test_one_event_for_every_account_whose_owner_changed(cast: Cast, make: Make) -> None:
    levels = chain(make, 4, owner="alice")
    assign_account(by=cast.rita, pk=levels[2].pk, owner=cast.bob, reason=WHY)
    OutboxEvent.objects.all().delete()
    versions = {a.pk: a.version for a in Account.objects.all()}
    assign_account(by=cast.rita, pk=levels[0].pk, owner=cast.charlie, reason=WHY)
    subjects = OutboxEvent.objects.filter(type="account.assigned").values_list("subject_id", flat=True)
    assert sorted(subjects) == [levels[0].pk, levels[1].pk]
    raised = {a.pk for a in Account.objects.all() if a.version > versions[a.pk]}
    assert raised == {levels[0].pk, levels[1].pk}


def test_account_that_does_not_inherit_stays(cast: Cast, make: Make) -> None:
    parent = make("Parent", owner="alice")
    own = make("Own", parent=parent.pk, inherit_ownership="no")
    assert own.queue == cast.unassigned
    assign_account(by=cast.rita, pk=parent.pk, owner=cast.bob, reason=WHY)
    own.refresh_from_db()
    assert own.queue == cast.unassigned
    edited = edit_account(by=cast.rita, pk=own.pk, changes={"inherit_ownership": "yes"})
    assert (edited.owner, edited.queue) == (cast.bob, None)


def test_new_parent_and_new_territory_bring_a_derived_owner_along(cast: Cast, make: Make) -> None:
    north = actions.create_territory(by=cast.rita, code="NA", name="North", default_owner=cast.bob)
    first, second = make("First", owner="alice"), make("Second", owner="charlie")
    child = make("Child", parent=first.pk)
    grandchild = make("Grandchild", parent=child.pk)
    assert move(cast, child, second).owner == cast.charlie
    grandchild.refresh_from_db()
    assert grandchild.owner == cast.charlie
    assert move(cast, child, None).queue == cast.unassigned
    edited = edit_account(by=cast.rita, pk=child.pk, changes={"territory": north.pk})
    grandchild.refresh_from_db()
    assert (edited.owner, grandchild.owner) == (cast.bob, cast.bob)
    assert ledger_faults() == []


def test_owner_of_ones_own_does_not_move_with_the_tree(cast: Cast, make: Make) -> None:
    first, second = make("First", owner="alice"), make("Second", owner="charlie")
    child = make("Child", parent=first.pk, owner="bob")
    assert move(cast, child, second).owner == cast.bob


def test_tree_panel_shows_what_one_sees_and_no_more(cast: Cast, make: Make) -> None:
    top = make("Top", owner="charlie")
    middle = make("Middle", parent=top.pk, owner="alice")
    low, hidden = make("Low", parent=middle.pk), make("Hidden", parent=middle.pk, owner="charlie")
    assert queries.tree(middle, cast.alice) == queries.Tree([], [low], False)
    assert queries.tree(middle, cast.rita) == queries.Tree([top], [hidden, low], False)
    assert queries.tree(middle, cast.rita, limit=1) == queries.Tree([top], [hidden], True)


def truth(accounts: list[Account]) -> dict[int, tuple[int | None, int | None, int | None]]:
    """Return ultimate parent and holder of each account by plain recursion over what is stored."""
    stored = {a.pk: Account.objects.get(pk=a.pk) for a in accounts}
    held = ownership.open_intervals("accounts.account", list(stored))

    def top(account: Account) -> int | None:
        step, last = account.parent_id, None
        while step:
            last, step = step, stored[step].parent_id
        return last

    def holder(account: Account) -> tuple[int | None, int | None]:
        if not held[account.pk].explicit and account.inherit_ownership and account.parent_id:
            return holder(stored[account.parent_id])
        return account.owner_id, account.queue_id

    return {pk: (top(account), *holder(account)) for pk, account in stored.items()}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "top", "assign", "derive", "inherit", "alone"]),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(["alice", "bob", "charlie"]),
    ),
    max_size=14,
)


@given(script=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_tree_is_true_whatever_moves(cast: Cast, script: list[tuple[str, int, int, str]]) -> None:
    with rolled_back():
        made = [create_account(by=cast.rita, values={"name": f"A{n}"}) for n in range(6)]
        for kind, place, other, key in script:
            account, pk = made[place], made[place].pk
            try:
                if kind == "move":
                    move(cast, account, made[other])
                elif kind == "top":
                    move(cast, account, None)
                elif kind == "assign":
                    assign_account(by=cast.rita, pk=pk, owner=cast.people[key], reason=WHY)
                elif kind == "derive":
                    assign_account(by=cast.rita, pk=pk, reason=WHY)
                else:
                    changes = {"inherit_ownership": kind == "inherit"}
                    edit_account(by=cast.rita, pk=pk, changes=changes)
            except audit.Blocked as refusal:
                told = {finding.code for finding in refusal.findings}
                if not told <= {"ACC-020", "OWN-003"}:
                    raise
            stored = {
                a.pk: (a.ultimate_parent_id, a.owner_id, a.queue_id)
                for a in Account.objects.filter(pk__in=[a.pk for a in made])
            }
            assert stored == truth(made)
            assert ledger_faults() == []
