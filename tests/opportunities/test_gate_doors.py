"""No door past the gates: files, programs, and any sequence of them (property 9)."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opportunities.actions import (
    add_contact_role,
    close_lost,
    close_won,
    edit_opportunity,
    move_stage,
    remove_contact_role,
    reopen,
)
from opportunities.enums import Stage
from opportunities.models import OppContactRole, Opportunity, StageInterval
from revops.kernel import audit
from revops.kernel.exchange import reverting
from revops.kernel.exchange.models import ImportRun
from revops.kernel.gates import transitions
from revops.kernel.gates.models import GateAttempt
from revops.kernel.people import access
from tests.cast import Cast
from tests.evidence import rolled_back
from tests.opportunities.conftest import (
    ADVANCE,
    ENDED,
    lay_lists,
    make_ready,
    ready_deal,
    without_people,
)
from tests.opportunities.files import ACCOUNTS, CONTACTS, DEALS, bring, known_as, with_reason
from tests.opportunities.intervals import interval_faults
from tests.opportunities.people import make_contact
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db


def told(report: Any) -> list[tuple[str, str]]:
    return [(one["code"], one["field"]) for one in report.findings]


STANDS, ASKS = "Edge SLA,Id. Decision Makers", "Edge SLA,Negotiation/Review"


@pytest.fixture
def filed(cast: Cast, tmp_path: Path) -> Opportunity:
    """A deal in Evaluation that a migration brought in, and the folder of its files."""
    lay_lists()
    for kind, content in (("account", ACCOUNTS), ("contact", CONTACTS), ("opportunity", DEALS)):
        bring(tmp_path, cast.rita, kind, content)
    return known_as("Edge SLA")


def test_inv_2_6_a_file_moves_a_deal_past_its_gates_or_its_row_is_refused(
    cast: Cast, tmp_path: Path, filed: Opportunity
) -> None:
    assert not GateAttempt.objects.exists()
    for dry_run in (True, False):
        report = bring(
            tmp_path, cast.rita, "opportunity", DEALS.replace(STANDS, ASKS), migration=False, dry_run=dry_run
        )
        assert ("GAT-001", "contact_role") in told(report)
        assert known_as("Edge SLA").stage == "evaluation"
        assert GateAttempt.objects.count() == (0 if dry_run else 1)
    make_ready(cast, filed)
    bring(tmp_path, cast.rita, "opportunity", with_reason(DEALS.replace(STANDS, ASKS)), migration=False)
    assert known_as("Edge SLA").stage == "contracting"
    tried = GateAttempt.objects.order_by("pk").values_list("subject_id", "outcome", "source")
    assert list(tried) == [(filed.pk, "refused", "import"), (filed.pk, "passed", "import")]
    back = bring(tmp_path, cast.rita, "opportunity", DEALS, migration=False)
    assert ("OPP-033", "stage_reason") in told(back)
    assert interval_faults() == []


def test_a_reverted_import_puts_the_stage_back(cast: Cast, tmp_path: Path, filed: Opportunity) -> None:
    make_ready(cast, filed)
    bring(tmp_path, cast.rita, "opportunity", with_reason(DEALS.replace(STANDS, ASKS)), migration=False)
    reverting.run(ImportRun.objects.latest("pk"), cast.rita)
    assert known_as("Edge SLA").stage == "evaluation"
    assert interval_faults() == []


def send(browser: Client, method: str, path: str, body: Any, version: int) -> Any:
    headers = {"If-Match": f'"{version}"'}
    return browser.generic(
        method, f"/api/v1/opportunities/{path}", json.dumps(body), "application/json", headers=headers
    )


def test_api_tells_the_transitions_and_runs_them(cast: Cast) -> None:
    deal, browser = without_people(cast), Browser(cast.alice)
    base = f"{deal.pk}/transitions/"
    found = browser.get(f"/api/v1/opportunities/{base}").json()["results"]
    ways = [(one["name"], one["to"], one["passes"]) for one in found]
    assert ways[0] == ("advance", "discovery", False)
    assert {name for name, _, _ in ways} == {"advance", "win", "lose"}
    assert [one["key"] for one in found[0]["criteria"] if one["mode"] == "enforce" and not one["met"]] == [
        "contact_with_role"
    ]
    forward = {"to": "discovery", "reason_code": ADVANCE}
    refused = send(browser, "POST", f"{base}advance/", forward, deal.version)
    assert refused.status_code == 422
    (told,) = refused.json()["findings"]
    assert (told["criterion"], told["rule_version"], len(told["remedies"])) == ("contact_with_role", 0, 2)
    assert send(browser, "PATCH", f"{deal.pk}/", {"stage": "discovery"}, deal.version).status_code == 422
    assert send(browser, "POST", f"{base}nowhere/", {}, deal.version).status_code == 404
    values = {"opportunity": deal.pk, "contact": make_contact(cast, "Ann").pk, "role": "economic_buyer"}
    add_contact_role(by=cast.alice, values=values)
    moved = send(browser, "POST", f"{base}advance/", forward | {"acknowledge": []}, deal.version)
    assert (moved.status_code, moved.json()["stage"]) == (200, "discovery")
    changes = {"stage": "evaluation", "stage_reason": ADVANCE}
    patched = send(browser, "PATCH", f"{deal.pk}/", changes, moved.json()["version"])
    assert (patched.status_code, patched.json()["stage"]) == (200, "evaluation")
    tried = browser.get("/api/v1/gate-attempts/?sort=tried_at").json()["results"]
    assert [one["outcome"] for one in tried] == ["refused", "refused", "passed", "passed"]


DEEDS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(Stage.values)),
    st.tuples(st.just("edit"), st.sampled_from(Stage.values)),
    st.tuples(st.just("run"), st.sampled_from(["advance", "regress", "win", "lose", "reopen"])),
    st.tuples(st.just("start"), st.sampled_from(["2027-09-01", ""])),
    st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("lose"), st.none()),
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(script=st.lists(DEEDS, min_size=2, max_size=6))
def test_property_9_no_sequence_wins_a_deal_without_a_passing_won_gate(cast: Cast, script: list[Any]) -> None:
    with rolled_back():
        deal = ready_deal(cast, start_date=None)
        for deed, value in [*script, ("run", "win")]:
            with suppress(audit.Blocked, access.Forbidden):
                _play(cast, deal.pk, deed, value)
        won = Opportunity.objects.get(pk=deal.pk).stage == Stage.CLOSED_WON
        passed = GateAttempt.objects.filter(transition="win", outcome="passed", decision__outcome="passes")
        assert (
            passed.count() == StageInterval.objects.filter(opportunity=deal, stage=Stage.CLOSED_WON).count()
        )
        assert not won or passed.latest("pk").decision.facts["opportunity.start_date"]
        assert interval_faults() == []


def _play(cast: Cast, pk: int, deed: str, value: Any) -> None:
    match deed:
        case "move":
            here = Opportunity.objects.get(pk=pk)
            order = list(Stage.values)
            back = order.index(value) < order.index(here.stage)
            move_stage(by=cast.alice, pk=pk, to=value, reason_code="champion_lost" if back else ADVANCE)
        case "edit":
            edit_opportunity(by=cast.mona, pk=pk, changes={"stage": value, "stage_reason": ADVANCE})
        case "run":
            deal = Opportunity.objects.get(pk=pk)
            payload = {"to": "proposal", "reason_code": ADVANCE} if value in ("advance", "regress") else {}
            if value in ("lose", "reopen"):
                payload = {"reason_code": "price" if value == "lose" else "buyer_returned"}
            transitions.run(subject=deal, name=value, by=cast.alice, payload=payload)
        case "start":
            edit_opportunity(by=cast.alice, pk=pk, changes={"start_date": value})
        case "leave":
            held = OppContactRole.objects.filter(opportunity=pk, is_active=True).first()
            if held is not None:
                remove_contact_role(by=cast.alice, pk=held.pk)
        case "lose":
            close_lost(by=cast.alice, pk=pk, reason_code="price", **ENDED)
            reopen(by=cast.alice, pk=pk, reason_code="buyer_returned")


def test_property_9_a_ready_deal_is_won_by_any_door(cast: Cast) -> None:
    doors = (
        lambda pk: close_won(by=cast.alice, pk=pk),
        lambda pk: edit_opportunity(by=cast.alice, pk=pk, changes={"stage": "closed_won"}),
        lambda pk: transitions.run(subject=Opportunity.objects.get(pk=pk), name="win", by=cast.alice),
    )
    for door in doors:
        door(ready_deal(cast).pk)
    assert GateAttempt.objects.filter(transition="win", outcome="passed").count() == len(doors)
