"""No door leads a deal past its gates: each gives the same findings and leaves its attempt; what is no door stays shut.

M3: "a gate is never bypassed by bulk edit, import, API, admin or merge". The doors are found in the product
(`doors.found`), so that one which is added later has to be driven here before the suite passes.
"""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from opportunities.actions import gating, moving
from opportunities.models import Opportunity, StageInterval
from revops.kernel import audit
from revops.kernel.gates import guarding
from revops.kernel.gates.models import GateAttempt
from revops.kernel.guard import UngovernedWrite
from tests.acceptance.doors import AHEAD, DOORS, NO_DOOR, Try, act, found
from tests.cast import Cast
from tests.evidence import rolled_back
from tests.opportunities.conftest import ADVANCE, open_deal

pytestmark = pytest.mark.django_db
# Doors that no registry knows: code that calls the action.
BY_HAND = {"shell transitions.run", "shell edit_opportunity", "task"}
CASES = [(name, to) for name, (_, targets) in DOORS.items() for to in targets]


@pytest.fixture
def one(cast: Cast, tmp_path: Path) -> Try:
    """Return a deal without contacts: its first gate refuses it."""
    return Try(cast, open_deal(cast), AHEAD, tmp_path)


def tried(one: Try) -> list[GateAttempt]:
    return list(GateAttempt.objects.filter(subject_id=one.deal.pk).order_by("pk"))


def bare(attempt: GateAttempt) -> list[dict[str, Any]]:
    """Return what was told, but for how a form calls its reason: beside other fields it is that of the stage."""
    named = {"stage_reason": "reason_code"}
    return [one | {"field": named.get(one["field"], one["field"])} for one in attempt.findings]


def test_every_door_is_driven_or_said_to_be_none() -> None:
    assert found() - NO_DOOR.keys() == DOORS.keys() - BY_HAND
    assert NO_DOOR.keys() - found() == set()


@pytest.mark.parametrize(("name", "to"), CASES)
def test_door_tells_the_same_findings_and_leaves_an_attempt(one: Try, name: str, to: str) -> None:
    one = Try(one.cast, one.deal, to, one.folder)
    with pytest.raises(audit.Blocked) as refusal:
        act(one)
    DOORS[name][0](one)
    asked, through = tried(one)
    assert [finding["message"] for finding in asked.findings] == [
        finding.message for finding in refusal.value.findings
    ]
    assert {finding["criterion"] for finding in asked.findings if finding["code"] == "GAT-001"} != set()
    assert bare(through) == bare(asked)
    assert (through.transition, through.to_state) == (asked.transition, asked.to_state)
    held = Opportunity.objects.get(pk=one.deal.pk)
    assert held.stage == "qualification"
    assert not StageInterval.objects.filter(opportunity=held, stage=to).exists()


@pytest.mark.control
@pytest.mark.parametrize(
    "name", ["deed move_stage", "board by stage", "import opportunity", "page record-edit"]
)
def test_a_door_without_its_gate_is_seen(one: Try, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is taken out of the actions: nothing passes all the same, and the test above is red."""
    monkeypatch.setattr(gating, "pass_through", lambda *args, **options: None)
    with pytest.raises((UngovernedWrite, AssertionError)):
        DOORS[name][0](one)
    assert tried(one) == []
    assert Opportunity.objects.get(pk=one.deal.pk).stage == "qualification"


@pytest.mark.control
def test_without_the_watch_the_same_deal_slips_through(one: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    from revops.kernel.audit import changes

    monkeypatch.setattr(gating, "pass_through", lambda *args, **options: None)
    monkeypatch.setitem(changes._hooks, "gates", lambda change: None)
    moving.move_stage(by=one.alice, pk=one.deal.pk, to=AHEAD, reason_code=ADVANCE)
    assert Opportunity.objects.get(pk=one.deal.pk).stage == AHEAD
    assert guarding.NOTE == "gates"


def _save(deal: Opportunity) -> Any:
    deal.stage = AHEAD
    return deal.save()


def _write(deal: Opportunity) -> None:
    with audit.change(by=deal.owner, action="opportunity.tamper"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.stage = AHEAD
        audit.write(held)


@pytest.mark.parametrize(
    "write",
    [
        _save,
        _write,
        lambda deal: Opportunity.objects.filter(pk=deal.pk).update(stage=AHEAD),
        lambda deal: Opportunity.objects.bulk_update([deal], ["stage"]),
        lambda deal: Opportunity._base_manager.filter(pk=deal.pk).update(stage=AHEAD),
    ],
    ids=["save", "write in a change", "update", "bulk_update", "base manager"],
)
def test_walls_refuse_the_shell(one: Try, write: Any) -> None:
    with pytest.raises(UngovernedWrite), rolled_back():
        write(one.deal)
    assert Opportunity.objects.get(pk=one.deal.pk).stage == "qualification"


@pytest.mark.parametrize("who", ["ada", "rita", "olga"])
def test_walls_refuse_the_django_admin(one: Try, who: str) -> None:
    """Deals have no page there at all; set-up tables of theirs cannot name a stage."""
    client = Client()
    client.force_login(one.cast.people[who], backend="revops.kernel.people.backends.SignInBackend")
    answer = client.post(f"/admin/opportunities/opportunity/{one.deal.pk}/change/", {"stage": AHEAD})
    assert answer.status_code == 404
    assert Opportunity.objects.get(pk=one.deal.pk).stage == "qualification"
