"""Who sees and does which task, as the specification's row says: own (or asked for), subtree, all."""

from typing import NamedTuple

import pytest

from revops.kernel import audit
from revops.kernel.packets import actions
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason, Role
from tests.cast import PARTS, Cast
from tests.kernel.packets.conftest import Make

pytestmark = pytest.mark.django_db


class Row(NamedTuple):
    """One role: which tasks it sees, which it finishes, which it gives to others, and whether it adds any."""

    view: str
    does: str = "-"
    gives: str = "-"
    adds: bool = False


TABLE: dict[str, Row] = {
    **dict.fromkeys(
        ("SDR", "AE", "SE", "CSM", "RENEWALS", "AM", "MKT_OPS", "FINANCE", "LEGAL"), Row("O", "O", "O", True)
    ),
    **dict.fromkeys(("CS_LEAD", "SALES_MGR", "DIRECTOR", "VP_SALES"), Row("S", "S", "S", True)),
    **dict.fromkeys(("SALES_OPS", "REVOPS"), Row("A", "O", "A", True)),
    "DEAL_DESK": Row("A", "O", "O", True),
    **dict.fromkeys(("EXEC", "CRO", "CFO", "COUNCIL", "AUDITOR", "ADMIN"), Row("A")),
    "PARTNER": Row("O", "O"),
    **dict.fromkeys(("PARTNER_MGR", "ENABLEMENT", "PRIVACY", "PRODUCT", "SECURITY"), Row("-")),
}
PLACES = {"-": set(), "O": {"own", "asked"}, "A": {"own", "asked", "bob", "charlie"}}


def owned_by(cast: Cast, owner: str, creator: str) -> Obligation:
    """Write a task whatever the roles: what an offboarding or an automation may leave behind."""
    with audit.change(by=cast.rita, action="test.task"):
        task = Obligation(text=f"{owner} for {creator}", creator=cast.people[creator])
        ownership.assign(task, to=ownership.holder(owner=cast.people[owner]), reason=AssignReason.CREATED)
        return audit.write(task)


def test_table_names_every_role() -> None:
    assert set(TABLE) == set(Role.values)


@pytest.mark.parametrize("role", sorted(TABLE))
def test_tasks_are_seen_and_done_as_the_table_says(cast: Cast, role: str) -> None:
    row, user = TABLE[role], cast.by_role(role)
    key = "ada" if role == Role.ADMIN else next(name for name in cast.people if cast.people[name] == user)
    found = {
        "own": owned_by(cast, key, "rita" if key != "rita" else "olga"),
        "asked": owned_by(cast, "carl", key),
        "bob": owned_by(cast, "bob", "bob"),
        "charlie": owned_by(cast, "charlie", "charlie"),
    }
    places = {task.pk: place for place, task in found.items()}
    reach = dict(PLACES)
    managed = {"SALES_MGR": {"bob"}, "DIRECTOR": {"bob", "charlie"}, "VP_SALES": {"bob", "charlie"}}
    reach["S"] = {"own", "asked"} | managed.get(role, set())
    seen = {places[pk] for pk in Obligation.objects.visible_to(user).values_list("pk", flat=True)}
    assert seen == reach[row.view]
    parts = {places[one.pk] for part in Obligation.objects.visible_parts(user) for one in part}
    assert parts == seen
    ids = list(places)
    assert {places[pk] for pk in access.allowed_of(user, "complete", Obligation, ids)} == reach[row.does]
    assert {places[pk] for pk in access.allowed_of(user, "assign", Obligation, ids)} == reach[row.gives]
    assert bool(access.rights(user, "packets.obligation").creatable) == row.adds


def test_managers_of_the_cast_are_who_the_table_means() -> None:
    assert PARTS["bob"][2] == "mona"
    assert PARTS["charlie"][2] == "marco"


def test_what_one_does_not_see_does_not_exist_and_what_one_may_not_do_is_forbidden(
    cast: Cast, task: Make
) -> None:
    made = task()
    with pytest.raises(Obligation.DoesNotExist):
        actions.complete_task(by=cast.bob, pk=made.pk)
    for forbidden in (cast.otto, cast.ada, cast.rita):
        with pytest.raises(access.Forbidden):
            actions.complete_task(by=forbidden, pk=made.pk)
    assert Obligation.objects.get(pk=made.pk).version == 1
    assert actions.complete_task(by=cast.mona, pk=made.pk).done_by == cast.mona


def test_who_asked_for_a_task_may_take_it_back(cast: Cast, task: Make) -> None:
    made = task(by="alice", owner=cast.bob.pk)
    assert actions.cancel_task(by=cast.alice, pk=made.pk, reason="Not needed").state == "cancelled"
    with pytest.raises(Obligation.DoesNotExist):
        actions.reopen_task(by=cast.charlie, pk=made.pk)


def test_who_sees_a_task_is_told_as_the_lists_show_it(cast: Cast, task: Make) -> None:
    made = task(by="alice", owner=cast.bob.pk)
    told = {one.person: one.why for one in access.viewers(made)}
    people = [*cast.people.values()]
    assert set(told) == {one.pk for one in people if Obligation.objects.visible_to(one).exists()}
    assert (told[cast.bob.pk], told[cast.alice.pk], told[cast.mona.pk]) == (
        "Owns it",
        "Asked for it",
        "Manages those who hold it",
    )
