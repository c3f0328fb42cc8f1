"""What a draft would change, over accounts: counts, changed records, and whose affair a record is (M2)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from accounts.policies import SEGMENT
from revops.kernel import audit
from revops.kernel.people.access import Forbidden
from revops.kernel.policies import actions, documents, simulating, store
from revops.kernel.policies.models import KeptSimulation, PolicyVersion
from tests.accounts.conftest import Make
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.policies.damage import damage

pytestmark = pytest.mark.django_db
SIZES = (50, 400, 600, 2_000)


@pytest.fixture
def sized(make: Make) -> list[Account]:
    return [make(f"Company {size}", employees=size, country="FR") for size in SIZES]


def segments(**params: int) -> dict[str, Any]:
    default = documents.get("accounts.segment").default
    return {**default, "params": {**default["params"], **params}}


def pairs(impact: simulating.Impact) -> list[tuple[str, str, int]]:
    return [(one.before, one.after, one.n) for one in impact.counts]


def test_changed_threshold_counts_before_and_after(cast: Cast, sized: list[Account]) -> None:
    impact = simulating.simulate("accounts.segment", body=segments(enterprise_from=500), by=cast.rita)
    assert (impact.total, impact.changed) == (4, 1)
    assert pairs(impact) == [
        ("Mid-market", "Enterprise", 1),
        ("Enterprise", "Enterprise", 1),
        ("Mid-market", "Mid-market", 1),
        ("Small business", "Small business", 1),
    ]
    (row,) = impact.rows()
    assert (row.record_type, row.record_id, row.before, row.after) == (
        "accounts.account",
        sized[2].pk,
        "Mid-market",
        "Enterprise",
    )
    assert [line[1:4] for line in impact.csv()] == [
        ("id", "before", "after"),
        (sized[2].pk, "Mid-market", "Enterprise"),
    ]


def test_required_field_names_who_would_lack_it(cast: Cast, make: Make) -> None:
    bare, full = make("Bare"), make("Full", country="FR", employees=5)
    body = {"fields": [{"field": "account.country"}, {"field": "account.employees", "mode": "warn"}]}
    impact = simulating.simulate("accounts.required_fields", body=body, by=cast.rita)
    told = {one.record_id: (one.before, one.after, one.why) for one in impact.rows()}
    assert told == {
        bare.pk: (
            "Observed: lacks Country, Territory",
            "Refused: lacks Country",
            "Country is asked for (enforce); Employees is asked for (warn); Territory is not asked for any more",
        ),
        full.pk: ("Observed: lacks Territory", "Complete", "Territory is not asked for any more"),
    }
    assert [row.record_id for row in impact.rows(limit=1, offset=1)] == [full.pk]


def test_weaker_mode_is_a_change_as_well(cast: Cast, make: Make) -> None:
    make("Bare")
    body = {"fields": [{"field": "account.country"}]}
    impact = simulating.simulate("accounts.required_fields", body=body, mode="observe", by=cast.rita)
    assert pairs(impact) == [("Observed: lacks Country, Territory", "Observed: lacks Country", 1)]


@pytest.mark.parametrize("number", [1, 3])
def test_simulation_asks_a_constant_number_of_statements(cast: Cast, make: Make, number: int) -> None:
    for n in range(number):
        make(f"Company {n}", employees=600)
    store.entries("accounts.segment")
    body = {"fields": [{"field": "account.employees"}, {"field": "account.country"}]}
    with CaptureQueriesContext(connection) as asked:
        impact = simulating.simulate("accounts.required_fields", body=body, by=cast.rita)
        assert (impact.total, impact.changed) == (number, number)
        assert len(impact.rows()) == number
    # the priority of the policy, the grouped counts; the changed records and their facts
    assert len([one for one in asked if "people_" not in one["sql"]]) == 4


def test_body_that_does_not_fit_is_refused_with_its_places(cast: Cast) -> None:
    body = segments()
    body["segments"] = [
        body["segments"][0],
        {"segment": "MM", "when": {"f": "account.no", "op": "eq", "v": 1}},
    ]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        simulating.simulate("accounts.segment", body=body, mode="block", scope={"geo": "EU"}, by=cast.rita)
    assert [one.code for one in refusal.value.findings] == ["POL-001", "POL-003", "POL-005"]
    assert refusal.value.findings[0].message.startswith("/segments/1/when/f: There is no such fact.")


def test_only_who_drafts_simulates(cast: Cast, sized: list[Account]) -> None:
    with pytest.raises(Forbidden):
        simulating.simulate("accounts.segment", body=segments(), by=cast.alice)


def test_kept_simulation_is_bound_to_its_draft(cast: Cast, sized: list[Account]) -> None:
    body = segments(enterprise_from=500)
    impact = simulating.simulate("accounts.segment", body=body, by=cast.olga)
    with audit.change(by=cast.olga, action="test.keep"):
        simulating.keep(impact, by=cast.olga)
    kept = KeptSimulation.objects.get()
    assert (kept.total, kept.moved, kept.simulated_by) == (4, 1, cast.olga)
    assert kept.changed == [[sized[2].pk, "Mid-market", "Enterprise"]]
    same = actions.draft_version(by=cast.rita, key="accounts.segment", body=body, source_note="A test")
    other = actions.draft_version(by=cast.rita, key="accounts.segment", body=segments(), source_note="A test")
    observed = actions.draft_version(
        by=cast.rita, key="accounts.segment", body=body, mode="observe", source_note="A test"
    )
    assert [simulating.digest_of(one) == kept.digest for one in (same, other, observed)] == [
        True,
        False,
        False,
    ]


@pytest.fixture
def by_geography(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let segments differ by country and industry, as a document with scopes does."""
    from dataclasses import replace

    simulation = SEGMENT.simulation
    assert simulation is not None
    scoped = replace(
        SEGMENT,
        scopes=("country", "industry"),
        simulation=replace(simulation, columns={"country": "country", "industry": "industry"}),
    )
    monkeypatch.setitem(documents._documents, "accounts.segment", scoped)
    store.forget()
    yield
    store.forget()


def live(cast: Cast, scope: dict[str, str], **params: int) -> PolicyVersion:
    version = actions.draft_version(
        by=cast.rita, key="accounts.segment", body=segments(**params), scope=scope, source_note="A test"
    )
    return actions.activate_version(by=cast.rita, pk=version.pk)


@pytest.mark.usefixtures("by_geography")
def test_records_of_a_more_specific_policy_are_not_the_drafts_affair(cast: Cast, make: Make) -> None:
    for country in ("FR", "DE"):
        make(f"Company in {country}", employees=600, country=country)
    live(cast, {"country": "DE"})
    impact = simulating.simulate("accounts.segment", body=segments(enterprise_from=500), by=cast.rita)
    assert pairs(impact) == [("Mid-market", "Enterprise", 1)]


@pytest.mark.usefixtures("by_geography")
def test_first_variant_compares_with_what_holds_today(cast: Cast, make: Make) -> None:
    """Half of the records of a variant may be held by another one that is less specific than it."""
    for number, industry in enumerate(("technology", "retail")):
        make(f"Company {number}", employees=600, country="FR", industry=industry)
    make("Elsewhere", employees=600, country="DE")
    live(cast, {"industry": "technology"}, enterprise_from=500)
    scope = {"country": "FR"}
    impact = simulating.simulate(
        "accounts.segment", body=segments(enterprise_from=550), scope=scope, by=cast.rita, priority=1
    )
    assert pairs(impact) == [("Mid-market", "Enterprise", 1), ("Enterprise", "Enterprise", 1)]
    outranked = simulating.simulate(
        "accounts.segment", body=segments(enterprise_from=550), scope=scope, by=cast.rita, priority=-1
    )
    assert pairs(outranked) == [("Mid-market", "Enterprise", 1)]


def test_broken_version_counts_as_the_shipped_default(cast: Cast, sized: list[Account]) -> None:
    version = live(cast, {}, enterprise_from=500)
    damage(version.pk, '{"segments": [], "otherwise": "SMB"}')
    impact = simulating.simulate("accounts.segment", body=segments(enterprise_from=500), by=cast.rita)
    assert (impact.total, impact.changed) == (4, 1)
