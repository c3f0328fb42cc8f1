"""What exceptions excuse, who leaves, what the database holds, and the registry of what may be excused."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from revops.kernel import clocks
from revops.kernel.gates.exceptions import finding, registry
from revops.kernel.gates.models import PolicyException
from revops.kernel.guard import permit
from revops.kernel.packets.models import Obligation
from revops.kernel.people import offboarding
from revops.kernel.people.access import matrix
from revops.kernel.people.actions import deactivate_user, plan_offboarding
from revops.kernel.people.enums import Role
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast
from tests.kernel.gates.waivers import (
    DAY,
    KEY,
    NOW,
    TASKS,
    World,
    ask,
    declare,
    grant,
    use,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Any:
    with clocks.at(NOW):
        yield declare(monkeypatch)


@pytest.fixture
def task(world: World, cast: Cast) -> Obligation:
    return create_task(by=cast.alice, values={"text": "Call back"})


def test_excuses_takes_one_query_whatever_there_is(
    cast: Cast, task: Obligation, django_assert_num_queries: Any
) -> None:
    for criterion in ("budget_owner", "need"):
        with django_assert_num_queries(1):
            finding.excuses(TASKS, task.pk, KEY, NOW)
        use(cast, grant(cast, task, criterion_key=criterion))
    with django_assert_num_queries(1):
        found = finding.excuses(TASKS, task.pk, KEY, NOW)
    assert (sorted(found.active), found.lapsed) == (["budget_owner", "need"], frozenset())


def test_excuse_is_of_one_policy_criterion_and_subject(cast: Cast, task: Obligation) -> None:
    held = grant(cast, task)
    other = create_task(by=cast.alice, values={"text": "Another"})
    assert finding.find(TASKS, task.pk, KEY, "budget_owner", NOW) == held
    assert finding.find(TASKS, task.pk, KEY, "need", NOW) is None
    assert finding.find(TASKS, other.pk, KEY, "budget_owner", NOW) is None
    assert finding.find(TASKS, task.pk, "packets.other", "budget_owner", NOW) is None
    assert list(finding.holding(TASKS, KEY, "budget_owner", NOW)) == [held]


def test_last_use_closes_an_exception(cast: Cast, task: Obligation) -> None:
    held = grant(cast, task, max_uses=1)
    decision = use(cast, held)
    held.refresh_from_db()
    assert (held.state, held.uses, [row.decision for row in held.used_by.all()]) == (
        "consumed",
        1,
        [decision],
    )
    found = finding.excuses(TASKS, task.pk, KEY, NOW)
    assert (found.active, found.lapsed) == ({}, frozenset())
    with pytest.raises(TypeError, match="consumed"):
        use(cast, held)


def test_hc9_owner_who_leaves_takes_the_exceptions_along(cast: Cast, task: Obligation, world: World) -> None:
    granted, asked = grant(cast, task), ask(cast, task, criterion_key="need")
    use(cast, granted)
    plan = plan_offboarding(by=cast.ada, user=cast.alice)
    assert plan.also == ("2 exceptions to rules will be revoked",)
    with clocks.at(NOW + DAY):
        deactivate_user(by=cast.ada, user=cast.alice, reason="Leaves the company")
    for one in (granted, asked):
        one.refresh_from_db()
        assert (one.state, one.closing_note) == ("revoked", "Alice, who answered for it, was deactivated.")
    assert [(lapse.exception.pk, lapse.revoked) for lapse in world.lapses] == [(granted.pk, True)]


def test_hc9_deactivation_is_whole_or_not_at_all(
    cast: Cast, task: Obligation, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = grant(cast, task)
    world.failing = True
    with clocks.at(NOW + DAY), pytest.raises(RuntimeError, match="stumbles"):
        deactivate_user(by=cast.ada, user=cast.alice, reason="Leaves the company")
    held.refresh_from_db()
    cast.alice.refresh_from_db()
    assert (held.state, cast.alice.is_active) == ("approved", True)


BROKEN: list[dict[str, Any]] = [
    {"expires_at": NOW + 31 * DAY},
    {"expires_at": NOW},
    {"justification": "x" * 39},
    {"state": "approved"},
    {"state": "rejected", "closing_note": "No"},
    {"state": "revoked"},
    {"max_uses": 0},
    {"max_uses": 1, "uses": 2},
    {"lapsed_at": NOW},
    {"decided_at": NOW},
]


@pytest.mark.parametrize("values", BROKEN, ids="-".join)
def test_database_refuses_what_the_rules_refuse(cast: Cast, task: Obligation, values: dict[str, Any]) -> None:
    held = ask(cast, task)
    with pytest.raises(IntegrityError), permit(), transaction.atomic():
        PolicyException.objects.filter(pk=held.pk).update(**values)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_database_refuses_an_approver_of_their_own(cast: Cast, task: Obligation, who: str) -> None:
    held = ask(cast, task, by="mona", owner="alice")
    values = {"state": "approved", "decided_at": NOW, "approver": cast.people[who]}
    rows = PolicyException.objects.filter(pk=held.pk)
    if who == "bob":
        with permit():
            assert rows.update(**values) == 1
    else:
        with pytest.raises(IntegrityError), permit(), transaction.atomic():
            rows.update(**values)


def test_never_and_excusable_shut_each_other_out() -> None:
    with pytest.raises(ValueError, match="never excused"):
        registry.excusable("consent.mail", title="Mail", criteria=dict, record_types=())


# Role: view scope, whether one may ask, and the scopes of approve, review and revoke (spec/access.md).
TABLE: dict[str, tuple[str, bool, str, str, str]] = {
    **dict.fromkeys(
        ("SDR", "AE", "SE", "CSM", "RENEWALS", "AM", "MKT_OPS"), ("OWN", True, "NONE", "NONE", "NONE")
    ),
    "CS_LEAD": ("SUBTREE", True, "NONE", "NONE", "NONE"),
    **dict.fromkeys(("SALES_MGR", "DIRECTOR", "VP_SALES"), ("SUBTREE", True, "SUBTREE", "NONE", "NONE")),
    "SALES_OPS": ("ALL", True, "ALL", "ALL", "NONE"),
    "REVOPS": ("ALL", True, "ALL", "ALL", "ALL"),
    **dict.fromkeys(("FINANCE", "LEGAL", "DEAL_DESK"), ("ALL", False, "ALL", "NONE", "NONE")),
    **dict.fromkeys(
        ("EXEC", "CRO", "CFO", "COUNCIL", "AUDITOR", "ADMIN"), ("ALL", False, "NONE", "NONE", "NONE")
    ),
}


def test_roles_have_the_rights_of_the_table_and_no_others(cast: Cast) -> None:
    found = {}
    for role in Role:
        held = matrix.rights_of(frozenset({role}), "gates.policyexception")
        actions_of = (held.action(name).name for name in ("approve", "review", "revoke"))
        found[str(role)] = (held.view.name, bool(held.creatable), *actions_of)
        assert not held.edits
    nothing = ("NONE", False, "NONE", "NONE", "NONE")
    assert found == {str(role): TABLE.get(str(role), nothing) for role in Role}


def test_leaving_has_one_hook_an_owner() -> None:
    with pytest.raises(ValueError, match="has a hook"):
        offboarding.on_leaving("gates.exceptions", follow=lambda user: None, foresee=lambda user: "")
