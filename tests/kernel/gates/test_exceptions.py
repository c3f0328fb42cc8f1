"""Asking for an exception and deciding about it: what is refused, all of it at once, and by whom. Source: M4."""

from datetime import timedelta
from typing import Any

import pytest

from revops.kernel import audit, clocks
from revops.kernel.gates.exceptions import actions, finding, registry, rules
from revops.kernel.gates.models import PolicyException
from revops.kernel.guard import permit
from revops.kernel.packets.models import Obligation
from revops.kernel.people.access import Forbidden
from revops.kernel.policies.actions import activate_version, draft_version
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast
from tests.kernel.gates.waivers import (
    DAY,
    KEY,
    NOW,
    TASKS,
    WHY,
    World,
    about,
    ask,
    codes,
    declare,
    grant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Any:
    with clocks.at(NOW):
        yield declare(monkeypatch)


@pytest.fixture
def task(world: World, cast: Cast) -> Obligation:
    return create_task(by=cast.alice, values={"text": "Call back"})


def test_request_says_what_is_asked_and_for_how_long(cast: Cast, task: Obligation) -> None:
    held = ask(cast, task, compensating_control="Weekly call", max_uses=2)
    assert (held.name, held.state, held.owner, held.requested_by) == (
        f"Budget owner known · TSK-{task.pk:06d}",
        "requested",
        cast.alice,
        cast.alice,
    )
    assert (held.starts_at, held.expires_at, held.ends_by) == (NOW, NOW + 10 * DAY, NOW + 30 * DAY)
    assert (held.rules_ref, held.max_uses, held.renewals_used) == ("gates.exceptions@0", 2, 0)
    assert finding.excuses(TASKS, task.pk, KEY, NOW).active == {}


def test_request_is_refused_with_every_finding(cast: Cast, task: Obligation) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        actions.request_exception(
            by=cast.alice,
            about=about(task),
            values={"policy_key": KEY, "criterion_key": "no_such", "justification": "Short", "max_uses": 0},
            owner=cast.charlie,
        )
    assert sorted(codes(refusal)) == [
        ("EXC-002", "criterion_key"),
        ("EXC-004", "justification"),
        ("EXC-005", "expires_at"),
        ("EXC-007", "owner"),
        ("EXC-008", "risk"),
        ("EXC-016", "max_uses"),
    ]
    assert PolicyException.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"policy_key": "consent.calls"}, [("EXC-001", "policy_key")]),
        ({"policy_key": "accounts.segment"}, [("EXC-001", "policy_key")]),
        ({"justification": " " * 60}, [("EXC-004", "justification")]),
        ({"justification": "x" * 39}, [("EXC-004", "justification")]),
        ({"expires_at": NOW + 30 * DAY + timedelta(seconds=1)}, [("EXC-006", "expires_at")]),
        ({"risk": "high", "expires_at": NOW + 15 * DAY}, [("EXC-006", "expires_at")]),
        ({"expires_at": NOW}, [("EXC-005", "expires_at")]),
    ],
)
def test_request_is_held_to_the_rules(
    cast: Cast, task: Obligation, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        ask(cast, task, **values)
    assert codes(refusal) == found


@pytest.mark.parametrize(("risk", "days"), [("low", 30), ("med", 30), ("high", 14)])
def test_longest_life_depends_on_the_risk(cast: Cast, task: Obligation, risk: str, days: int) -> None:
    assert ask(cast, task, risk=risk, expires_at=NOW + days * DAY).ends_by == NOW + days * DAY


def test_another_term_is_that_of_the_policy_where_it_has_one(
    cast: Cast, task: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.excusable(
        "packets.concession",
        title="Concession",
        record_types=(TASKS,),
        criteria=lambda: {"floor": "Floor"},
        ends_by=lambda pk, begins: begins + 300 * DAY,
    )
    held = ask(cast, task, policy_key="packets.concession", criterion_key="floor", expires_at=NOW + 299 * DAY)
    assert held.ends_by == NOW + 300 * DAY


def test_hidden_record_and_none_are_refused_alike(cast: Cast, task: Obligation) -> None:
    told = set()
    for record in (about(task), type(about(task))(TASKS, 999_999, f"TSK-{task.pk:06d}")):
        with pytest.raises(audit.Blocked) as refusal:
            actions.request_exception(by=cast.charlie, about=record, values={"policy_key": KEY})
        told.add(refusal.value.findings[0])
    assert [(one.code, one.field) for one in told] == [("EXC-003", "subject")]


def test_one_criterion_is_open_once_and_a_record_has_two(cast: Cast, task: Obligation) -> None:
    ask(cast, task)
    ask(cast, task, criterion_key="need")
    with pytest.raises(audit.Blocked) as refusal:
        ask(cast, task)
    assert codes(refusal) == [("EXC-009", "criterion_key"), ("EXC-010", "subject")]
    with pytest.raises(audit.Blocked) as refusal:
        ask(cast, task, criterion_key="price")
    assert codes(refusal) == [("EXC-010", "subject")]


def test_what_nobody_decided_in_time_makes_room(cast: Cast, task: Obligation) -> None:
    first = ask(cast, task)
    with clocks.at(NOW + 10 * DAY):
        second = ask(cast, task)
        first.refresh_from_db()
        assert (first.state, second.state, second.renewals_used) == ("revoked", "requested", 0)


@pytest.mark.parametrize("who", ["otto", "ada", "cleo", "fin", "paul"])
def test_roles_without_the_right_ask_for_nothing(cast: Cast, task: Obligation, who: str) -> None:
    with pytest.raises(Forbidden):
        ask(cast, task, by=who)


def test_hc9_nobody_approves_what_they_asked_for_or_answer_for(cast: Cast, task: Obligation) -> None:
    own = ask(cast, task, by="mona")
    answered = ask(cast, task, by="alice", owner="mona", criterion_key="need")
    for one in (own, answered):
        for act in (
            lambda pk: actions.approve(by=cast.mona, pk=pk),
            lambda pk: actions.reject(by=cast.mona, pk=pk, reason=WHY),
        ):
            with pytest.raises(audit.Blocked) as refusal:
                act(one.pk)
            assert codes(refusal) == [("EXC-012", "approver")]


def test_line_names_who_excuses_it(cast: Cast, task: Obligation) -> None:
    asked = ask(cast, task, criterion_key="price")
    with pytest.raises(audit.Blocked) as refusal:
        actions.approve(by=cast.mona, pk=asked.pk)
    assert codes(refusal) == [("EXC-013", "approver")]
    assert actions.approve(by=cast.fin, pk=asked.pk).state == "approved"


@pytest.mark.parametrize(
    ("who", "kind"),
    [("bob", PolicyException.DoesNotExist), ("marco", PolicyException.DoesNotExist), ("otto", Forbidden)],
)
def test_approval_takes_sight_and_the_right(
    cast: Cast, task: Obligation, who: str, kind: type[Exception]
) -> None:
    asked = ask(cast, task)
    with pytest.raises(kind):
        actions.approve(by=cast.people[who], pk=asked.pk)


def test_approval_begins_now_at_the_earliest(cast: Cast, task: Obligation) -> None:
    asked = ask(cast, task)
    with clocks.at(NOW + DAY):
        held = actions.approve(by=cast.mona, pk=asked.pk)
    assert (held.starts_at, held.expires_at, held.approver, held.decided_at) == (
        NOW + DAY,
        NOW + 10 * DAY,
        cast.mona,
        NOW + DAY,
    )
    assert finding.excuses(TASKS, task.pk, KEY, NOW).active == {}
    assert finding.excuses(TASKS, task.pk, KEY, NOW + DAY).active == {"budget_owner": held}


def test_approval_comes_too_late_once_the_term_is_over(cast: Cast, task: Obligation) -> None:
    asked = ask(cast, task)
    with clocks.at(NOW + 10 * DAY), pytest.raises(audit.Blocked) as refusal:
        actions.approve(by=cast.mona, pk=asked.pk)
    assert codes(refusal) == [("EXC-005", "expires_at")]


def test_decision_is_taken_once(cast: Cast, task: Obligation) -> None:
    held = grant(cast, task)
    for act in (
        lambda: actions.approve(by=cast.dora, pk=held.pk),
        lambda: actions.reject(by=cast.dora, pk=held.pk, reason=WHY),
        lambda: actions.withdraw_exception(by=cast.alice, pk=held.pk, reason=WHY),
    ):
        with pytest.raises(audit.Blocked) as refusal:
            act()
        assert codes(refusal) == [("EXC-014", "state")]


def test_rejection_and_withdrawal_say_why(cast: Cast, task: Obligation) -> None:
    first = ask(cast, task)
    with pytest.raises(audit.Blocked) as refusal:
        actions.reject(by=cast.mona, pk=first.pk, reason=" ")
    assert codes(refusal) == [("EXC-015", "reason")]
    rejected = actions.reject(by=cast.mona, pk=first.pk, reason="Not needed")
    assert (rejected.state, rejected.approver, rejected.closing_note) == (
        "rejected",
        cast.mona,
        "Not needed",
    )
    second = ask(cast, task)
    with pytest.raises(Forbidden):
        actions.withdraw_exception(by=cast.mona, pk=second.pk, reason=WHY)
    assert actions.withdraw_exception(by=cast.alice, pk=second.pk, reason="Found it").state == "revoked"


def test_renewal_begins_a_term_and_after_two_the_rule_is_to_change(cast: Cast, task: Obligation) -> None:
    held = grant(cast, task)
    for number in (1, 2):
        with clocks.at(NOW + number * 9 * DAY):
            until = clocks.now() + 10 * DAY
            held = actions.renew(by=cast.mona, pk=held.pk, expires_at=until, reason="Still on leave")
            assert (held.renewals_used, held.term_from, held.expires_at) == (number, clocks.now(), until)
    with clocks.at(NOW + 27 * DAY), pytest.raises(audit.Blocked) as refusal:
        actions.renew(by=cast.mona, pk=held.pk, expires_at=NOW + 40 * DAY, reason="Again")
    assert codes(refusal) == [("EXC-011", "renewals_used")]
    assert [one.url for one in refusal.value.findings[0].remedies] == ["/rfcs/add/"]


@pytest.mark.parametrize(
    ("who", "days", "found"),
    [
        ("mona", 31, [("EXC-006", "expires_at")]),
        ("mona", 10, [("EXC-005", "expires_at")]),
        ("dora", None, [("EXC-005", "expires_at")]),
    ],
)
def test_renewal_is_held_to_the_rules(
    cast: Cast, task: Obligation, who: str, days: int | None, found: list[tuple[str, str]]
) -> None:
    held = grant(cast, task)
    until = None if days is None else NOW + days * DAY
    with pytest.raises(audit.Blocked) as refusal:
        actions.renew(by=cast.people[who], pk=held.pk, expires_at=until, reason="Still on leave")
    assert codes(refusal) == found


def test_renewal_of_what_is_over_is_refused(cast: Cast, task: Obligation) -> None:
    held = grant(cast, task)
    with clocks.at(NOW + 10 * DAY), pytest.raises(audit.Blocked) as refusal:
        actions.renew(by=cast.mona, pk=held.pk, expires_at=NOW + 20 * DAY, reason="Still on leave")
    assert codes(refusal) == [("EXC-014", "expires_at")]


def test_asking_again_soon_counts_as_a_renewal(cast: Cast, task: Obligation) -> None:
    grant(cast, task)
    for number in (1, 2):
        with clocks.at(NOW + number * 11 * DAY):
            assert grant(cast, task).renewals_used == number
    with clocks.at(NOW + 33 * DAY), pytest.raises(audit.Blocked) as refusal:
        ask(cast, task)
    assert codes(refusal) == [("EXC-011", "renewals_used")]
    with clocks.at(NOW + 63 * DAY):
        assert ask(cast, task).renewals_used == 0


def test_rules_are_those_of_the_policy_in_force(cast: Cast, task: Obligation) -> None:
    body = {
        "max_days": {"low": 5, "med": 5, "high": 5},
        "renewals": 0,
        "open_per_subject": 1,
        "warn_days": [3, 1],
    }
    drafted = draft_version(by=cast.rita, key=rules.KEY, body=body, source_note="Stricter for a while")
    activate_version(by=cast.rita, pk=drafted.pk)
    with pytest.raises(audit.Blocked) as refusal:
        ask(cast, task)
    assert codes(refusal) == [("EXC-006", "expires_at")]
    held = ask(cast, task, expires_at=NOW + 5 * DAY)
    assert held.rules_ref == f"gates.exceptions@{drafted.n}"


def test_broken_rules_excuse_nothing_anew(
    cast: Cast, task: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = dict(rules.EXCEPTIONS.default)
    drafted = draft_version(by=cast.rita, key=rules.KEY, body=body, source_note="To be broken afterwards")
    with permit():
        type(drafted).objects.filter(pk=drafted.pk).update(body={"renewals": "many"})
    with monkeypatch.context() as unread:
        unread.setattr(PolicyDocument, "findings", lambda self, raw: [])
        activate_version(by=cast.rita, pk=drafted.pk)
    with pytest.raises(audit.Blocked) as refusal:
        ask(cast, task)
    assert codes(refusal) == [("EXC-020", "")]
