"""The pages of the rules: the register, one rule, two versions, a decision, the end of set-up mode."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from opportunities.actions import move_stage
from opportunities.models import Opportunity
from revops.kernel import audit, clocks
from revops.kernel.policies import actions
from revops.kernel.policies.models import Decision, PolicyVersion, SetUpMode
from revops.web.rules import compared, decided, standing
from tests.cast import HIRED, Cast
from tests.opportunities.conftest import ADVANCE, open_deal
from tests.web.conftest import Browser, made

pytestmark = pytest.mark.django_db

KEY = "accounts.segment"
GATES = "opportunities.exit_criteria"
WHY = "The thresholds were agreed on with sales"


def body(large: int = 1_000) -> dict[str, Any]:
    def from_(number: int) -> dict[str, Any]:
        return {"f": "account.employees", "op": "gte", "v": number}

    return {"segments": [{"segment": "ENT", "when": from_(large)}], "otherwise": "SMB"}


def draft(cast: Cast, large: int = 2_000, key: str = KEY) -> PolicyVersion:
    return actions.draft_version(by=cast.rita, key=key, body=body(large), source_note="Agreed on 3 March")


def decide(cast: Cast, account: Account | None = None) -> Decision:
    """Try to move a deal of Alice past a gate that it does not pass: what the rules keep of it."""
    deal = open_deal(cast, account=account)
    with contextlib.suppress(audit.Blocked):
        move_stage(by=cast.alice, pk=deal.pk, to="proposal", reason_code=ADVANCE)
    found = Decision.objects.order_by("-pk").first()
    assert found is not None
    return found


def statements(browser: Browser, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_register_tells_every_rule_in_words_and_narrows_by_them(cast: Cast) -> None:
    browser = Browser(cast.alice)
    page = browser.get("/rules/").content.decode()
    assert "Enterprise when Employees is at least 1,000" in page
    assert "Shipped default" in page
    found = browser.get("/rules/", {"q": "enterprise EMPLOYEES"})
    assert [entry.standing.document.key for _, held in found.context["sections"] for entry in held] == [KEY]


def test_register_is_hidden_from_who_reads_no_policies(cast: Cast) -> None:
    assert Browser(cast.paul).get("/rules/").status_code == 404


def test_register_shows_what_is_in_force_planned_and_drafted(cast: Cast) -> None:
    with clocks.at(HIRED):
        planned = draft(cast)
        actions.activate_version(by=cast.rita, pk=planned.pk, at=HIRED + timedelta(days=30))
        draft(cast, 3_000)
    with clocks.at(HIRED + timedelta(days=1)):
        one = next(each for each in standing.every(cast.alice) if each.document.key == KEY)
        assert [(each.n, each.state.text) for each in one.in_force] == [(1, "In force")]
        assert [(each.n, each.state.text) for each in one.planned] == [(2, "Planned")]
        assert [(each.n, each.state.text) for each in one.drafts] == [(3, "Draft")]
    with clocks.at(HIRED + timedelta(days=31)):
        later = standing.of(cast.alice, KEY)
        assert [(each.n, each.state.text) for each in later.versions] == [
            (3, "Draft"),
            (2, "In force"),
            (1, "Ended"),
        ]


def test_rules_for_a_record_are_those_of_its_type(cast: Cast, account: Account) -> None:
    page = Browser(cast.alice).get("/rules/", {"for": f"accounts.account:{account.pk}"})
    keys = [entry.standing.document.key for _, held in page.context["sections"] for entry in held]
    assert sorted(keys) == ["accounts.required_fields", KEY]
    assert Browser(cast.charlie).get("/rules/", {"for": f"accounts.account:{account.pk}"}).status_code == 404
    assert Browser(cast.alice).get("/rules/", {"for": "accounts.account:x"}).status_code == 404


def test_a_version_that_does_not_fit_any_more_is_told_and_breaks_no_page(cast: Cast) -> None:
    with clocks.at(HIRED):
        version = draft(cast)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE policies_policyversion SET body = '{}' WHERE id = %s", [version.pk])
    browser = Browser(cast.alice)
    page = browser.get(f"/rules/versions/{version.pk}/")
    assert (page.status_code, page.context["shown"].broken != []) == (200, True)
    assert browser.get(f"/rules/{KEY}/compare/?b={version.pk}").status_code == 200


def test_comparison_lays_words_and_values_side_by_side(cast: Cast) -> None:
    with clocks.at(HIRED):
        version = draft(cast)
    page = Browser(cast.alice).get(f"/rules/{KEY}/compare/", {"a": 0, "b": version.pk})
    assert page.status_code == 200
    assert [(pair.left, pair.right, pair.kind) for pair in page.context["words"]] == [
        (
            "Enterprise when Employees is at least 1,000",
            "Enterprise when Employees is at least 2,000",
            "changed",
        ),
        ("Mid-market when Employees is at least 100", "", "gone"),
        ("Small business otherwise", "Small business otherwise", "same"),
    ]
    assert Browser(cast.alice).get(f"/rules/{KEY}/compare/", {"a": "x"}).status_code == 404
    assert Browser(cast.alice).get("/rules/no.such/compare/").status_code == 404


@pytest.mark.parametrize(
    ("left", "right", "kinds"),
    [(["a", "b"], ["a"], ["same", "gone"]), (["a"], ["b", "c"], ["changed", "new"]), ([], [], [])],
)
def test_words_are_paired_line_by_line(left: list[str], right: list[str], kinds: list[str]) -> None:
    assert [pair.kind for pair in compared.words(left, right)] == kinds


def test_decisions_are_told_only_to_those_who_see_the_record(cast: Cast) -> None:
    decision = decide(cast)
    deal = Opportunity.objects.get()
    assert decided.lately(cast.alice) == {GATES: {decision.outcome: 1}}
    assert decided.lately(cast.charlie) == {}
    assert [line.about.title for line in decided.last(cast.alice, GATES, limit=5) if line.about] == [
        deal.name
    ]
    assert decided.last(cast.charlie, GATES, limit=5) == []
    seen = Browser(cast.alice).get(f"/rules/decisions/{decision.pk}/")
    assert (seen.status_code, deal.name in seen.content.decode()) == (200, True)
    assert Browser(cast.charlie).get(f"/rules/decisions/{decision.pk}/").status_code == 404
    listed = Browser(cast.alice).get(f"/rules/{GATES}/", {"outcome": decision.outcome})
    assert [line.pk for line in listed.context["last"]] == [decision.pk]


def test_decision_is_taken_again_leaf_by_leaf(cast: Cast) -> None:
    decision = decide(cast)
    again = decided.again(decision)
    assert (again.same, again.differences, len(again.verdicts)) == (True, (), len(decision.verdicts))
    leaves = [leaf for one in again.verdicts for leaf in one.leaves]
    assert leaves != []
    assert [leaf for leaf in leaves if not leaf.same or leaf.again != leaf.pill] == []
    page = Browser(cast.alice).get(f"/rules/decisions/{decision.pk}/", {"again": 1})
    assert "it comes out the same" in page.content.decode()


def test_decision_that_comes_out_differently_says_where(cast: Cast) -> None:
    decision = decide(cast)
    place, held = next((n, one) for n, one in enumerate(decision.verdicts) if one["leaves"])
    leaf = held["leaves"][0]
    leaf["outcome"] = "true" if leaf["outcome"] != "true" else "unknown"
    again = decided.again(decision)
    assert (again.same, again.verdicts[place].leaves[0].same) == (False, False)


def test_draft_goes_live_from_its_page_while_set_up_mode_lasts(cast: Cast) -> None:
    with clocks.at(HIRED):
        version = draft(cast)
    browser = Browser(cast.rita)
    assert browser.get(f"/rules/versions/{version.pk}/").context["puts_in_force"] is True
    form = {"version": version.version, "reason": WHY}
    assert Browser(cast.alice).post(f"/rules/versions/{version.pk}/activate/", form).status_code == 403
    assert browser.post(f"/rules/versions/{version.pk}/activate/", form).status_code == 302
    version.refresh_from_db()
    assert version.status == "active"
    again = browser.post(f"/rules/versions/{version.pk}/activate/", form)
    assert again.status_code in (409, 422)


def test_draft_is_dropped_with_a_reason(cast: Cast) -> None:
    with clocks.at(HIRED):
        version = draft(cast)
    browser = Browser(cast.rita)
    short = browser.post(
        f"/rules/versions/{version.pk}/retire/", {"version": version.version, "reason": "No"}
    )
    assert (short.status_code, "at least 20 characters" in short.content.decode()) == (422, True)
    sent = {"version": version.version, "reason": WHY}
    assert browser.post(f"/rules/versions/{version.pk}/retire/", sent).status_code == 302
    version.refresh_from_db()
    assert version.status == "retired"


def test_set_up_mode_ends_once_and_by_its_page(cast: Cast) -> None:
    assert Browser(cast.alice).post("/rules/set-up/", {"reason": WHY}).status_code == 403
    browser = Browser(cast.rita)
    assert browser.post("/rules/set-up/", {"reason": "No"}).status_code == 422
    assert SetUpMode.objects.count() == 0
    assert browser.post("/rules/set-up/", {"reason": WHY}).status_code == 302
    assert SetUpMode.objects.get().ended_by == cast.rita
    assert browser.post("/rules/set-up/", {"reason": WHY}).status_code == 422
    with clocks.at(HIRED):
        version = draft(cast)
    page = browser.get(f"/rules/versions/{version.pk}/")
    assert page.context["puts_in_force"] is False
    assert f"/rfcs/new/?version={version.pk}" in page.content.decode()


def test_pages_cost_the_same_with_one_version_and_with_three(
    cast: Cast, settled_organisation: None, account: Account
) -> None:
    browser = Browser(cast.alice)

    def costs() -> list[int]:
        last = PolicyVersion.objects.order_by("-pk").first()
        assert last is not None
        one = Decision.objects.order_by("pk").first()
        assert one is not None
        paths = ("/rules/", f"/rules/{GATES}/", f"/rules/{KEY}/compare/", f"/rules/versions/{last.pk}/")
        return [statements(browser, path) for path in (*paths, f"/rules/decisions/{one.pk}/")]

    with clocks.at(HIRED):
        draft(cast)
    decide(cast, account)
    costs()
    first = costs()
    with clocks.at(HIRED):
        draft(cast, 3_000)
        draft(cast, 4_000)
    for name in ("Second", "Third"):
        decide(cast, made(cast.alice, name=name, country="US"))
    costs()
    assert (first, costs()) == ([8, 14, 5, 9, 11], first)
