"""Segments and required fields of accounts are what the policies in force say (DEF-1, d1)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import policies as account_policies
from accounts.actions import create_account, creating, edit_account
from accounts.actions.drafts import Draft
from accounts.enums import Segment
from accounts.facts import ACCOUNT
from accounts.models import Account
from revops.kernel import audit, clocks, policies
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.policies import actions, required, rules
from revops.kernel.policies import documents as registry
from revops.kernel.policies.rules import RuleError
from tests.accounts.conftest import Make, codes
from tests.cast import Cast
from tests.evidence import unchanged

pytestmark = pytest.mark.django_db
NEVER = {"segment": "ENT", "when": {"const": False}}
SEGMENT, REQUIRED = "accounts.segment", "accounts.required_fields"


def revise(cast: Cast, key: str, **changes: Any) -> None:
    """Put a version in force that differs from the shipped one."""
    body = {**registry.get(key).default, **changes}
    version = actions.draft_version(by=cast.rita, key=key, body=body, source_note="A test")
    actions.activate_version(by=cast.rita, pk=version.pk)


@pytest.mark.parametrize(
    ("employees", "segment"),
    [(None, "SMB"), (0, "SMB"), (99, "SMB"), (100, "MM"), (999, "MM"), (1_000, "ENT"), (250_000, "ENT")],
)
def test_shipped_segments_follow_the_number_of_employees(employees: int | None, segment: str) -> None:
    assert account_policies.segmenter().of(Account(employees=employees)) == segment


def test_policy_in_force_decides_the_segment(cast: Cast, make: Make) -> None:
    before = make("Before", employees=150)
    revise(cast, SEGMENT, params={"enterprise_from": 500, "mid_market_from": 200})
    assert (before.segment, make("After", employees=150).segment) == ("MM", "SMB")
    assert make("Large", employees=500).segment == "ENT"


def test_segment_may_ask_for_more_than_employees(cast: Cast, make: Make) -> None:
    bank = {"f": "account.industry", "op": "eq", "v": "banking"}
    rich = {"f": "account.annual_revenue", "op": "gte", "v": 1_000_000}
    revise(cast, SEGMENT, segments=[{"segment": "ENT", "when": {"all": [bank, rich]}}], otherwise="MM")
    assert make("Bank", industry="banking", annual_revenue="1000000").segment == "ENT"
    assert make("Poor bank", industry="banking", annual_revenue="999999.99").segment == "MM"
    assert make("Unknown", industry="banking").segment == "MM"  # unknown does not match


def test_segment_set_by_hand_stays(cast: Cast, make: Make) -> None:
    account = make("By hand", employees=5, segment="STRAT")
    edited = edit_account(by=cast.rita, pk=account.pk, changes={"employees": "5000"})
    assert edited.segment == "STRAT"
    derived = make("Derived", employees=5)
    assert edit_account(by=cast.rita, pk=derived.pk, changes={"employees": "5000"}).segment == "ENT"


def test_event_names_the_version_that_decided(cast: Cast, make: Make) -> None:
    make("First")
    assert ChangeEvent.objects.get(action="account.create").policy_refs == ["accounts.segment@0"]
    revise(cast, SEGMENT, otherwise="MM")
    account = make("Second")
    edit_account(by=cast.rita, pk=account.pk, changes={"employees": "5"})
    assert ChangeEvent.objects.get(action="account.edit").policy_refs == ["accounts.segment@2"]


@pytest.mark.parametrize("count", [1, 3])
def test_segments_of_a_batch_cost_one_look(cast: Cast, settled_organisation: None, count: int) -> None:
    drafts = [Draft(Account(), {"name": f"N{n}", "employees": n}) for n in range(count)]
    with audit.change(by=cast.rita, action="test"), CaptureQueriesContext(connection) as asked:
        for draft in drafts:
            creating.fill(draft)
    assert len(asked) == 2  # the stamp and the versions, once
    assert [draft.account.segment for draft in drafts] == [Segment.SMB] * count


@pytest.mark.parametrize(
    ("body", "position"),
    [
        ({"segments": [NEVER, {"segment": "STRAT", "when": {"const": True}}]}, "/segments/1/segment"),
        ({"segments": []}, "/segments"),
        ({"otherwise": "BIG"}, "/otherwise"),
        ({"params": {"enterprise_from": "many", "mid_market_from": 1}}, "/segments/0/when/v/param"),
        (
            {
                "segments": [
                    {"segment": "ENT", "when": {"count": {"over": "account.domains"}, "op": "gte", "v": 1}}
                ]
            },
            "/segments/0/when",
        ),
    ],
)
def test_segment_rules_that_cannot_decide_are_refused(body: dict[str, Any], position: str) -> None:
    document = registry.get(SEGMENT)
    with pytest.raises(RuleError) as refusal:
        document.read({**document.default, **body})
    assert [problem.position for problem in refusal.value.problems] == [position]


def test_segment_policy_reads_as_sentences() -> None:
    assert policies.get(SEGMENT).body.lines() == [
        "Enterprise when Employees is at least 1,000",
        "Mid-market when Employees is at least 100",
        "Small business otherwise",
    ]


def test_customer_needs_what_the_policy_requires(cast: Cast, make: Make) -> None:
    account = make("Acme")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_account(by=cast.rita, pk=account.pk, changes={"status": "customer"})
    assert codes(refusal) == [("ACC-006", "legal_name"), ("ACC-006", "billing_account_ext")]
    finding = refusal.value.findings[0]
    assert (
        finding.message == "Legal name is empty; it is required while Status is Customer. Fill it in first."
    )
    assert (finding.rule, finding.rule_version) == (REQUIRED, 0)


def test_policy_in_force_decides_what_is_required(cast: Cast, make: Make) -> None:
    account = make("Acme")
    partner = {"f": "account.status", "op": "in", "v": ["customer", "partner"]}
    revise(cast, REQUIRED, fields=[{"field": "account.country", "when": partner, "code": "ACC-017"}])
    edited = edit_account(by=cast.rita, pk=account.pk, changes={"status": "customer", "country": "DE"})
    assert edited.status == "customer"
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_account(by=cast.rita, pk=account.pk, changes={"country": ""})
    assert codes(refusal) == [("ACC-017", "country")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        create_account(by=cast.rita, values={"name": "New", "status": "partner"})
    assert codes(refusal) == [("ACC-017", "country")]


def test_observed_fields_block_nothing(cast: Cast, make: Make) -> None:
    account = make("Acme", country="")
    policy = policies.get(REQUIRED)
    facts = ACCOUNT.of(account, required.paths(policy))
    missing = required.missing(policy, facts, clocks.now())
    assert [(one.field, one.mode) for one in missing] == [
        ("account.country", "observe"),
        ("account.territory", "observe"),
    ]


def test_debt_of_before_does_not_block_another_edit(cast: Cast, make: Make) -> None:
    account = make("Acme", status="partner")
    revise(cast, REQUIRED, fields=[{"field": "account.phone", "code": "ACC-019"}])
    edited = edit_account(by=cast.rita, pk=account.pk, changes={"website": "https://example.com"})
    assert edited.version == 2
    lacking = Account.objects.filter(required.lacking(policies.get(REQUIRED), clocks.now()))
    assert list(lacking) == [account]


def test_facts_of_accounts_read_the_same_from_record_and_table(cast: Cast, make: Make) -> None:
    account = make("Société Générale", domain="sg.example.com", owner="alice", country="FR", employees=9)
    in_hand = [fact.path for fact in ACCOUNT.facts]
    fetched = ACCOUNT.fetch(Account.objects.all(), [*in_hand, "account.domains"])[account.pk]
    (domain,) = fetched.pop("account.domains")
    assert (domain["domain"], domain["kind"], domain["verified_at"]) == ("example.com", "primary", None)
    account.refresh_from_db()
    assert ACCOUNT.of(account, in_hand) == fetched
    assert (fetched["account.owner"], fetched["account.region"]) == (cast.alice.pk, None)
    named = rules.parse({"f": "account.name", "op": "contains", "v": "GENERALE"}, ACCOUNT)
    assert list(Account.objects.filter(rules.to_q(named, clocks.now()))) == [account]
