"""A rule that somebody broke in the table: what is safe decides, every path answers, and the reason is said."""

import pytest

from accounts.policies import segmenter
from opportunities.actions import move_stage
from opportunities.policies import stages
from revops.kernel import audit, policies
from revops.kernel.policies import actions, documents
from revops.kernel.policies.rules import RuleError
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.policies.damage import damage
from tests.opportunities.conftest import ADVANCE, make_account, open_deal, ready_deal

pytestmark = pytest.mark.django_db
KEYS = (
    "accounts.required_fields",
    "accounts.segment",
    "opportunities.exit_criteria",
    "opportunities.required_fields",
    "opportunities.stages",
)


@pytest.fixture
def broken(cast: Cast) -> None:
    """Put every one of these rules in force, and break it."""
    for key in KEYS:
        body = documents.get(key).default
        version = actions.draft_version(by=cast.rita, key=key, body=body, source_note="A test")
        actions.activate_version(by=cast.rita, pk=version.pk)
        damage(version.pk, '{"criteria": [{"rule": "os.system"}], "fields": {"f": "__class__"}}')


@pytest.mark.usefixtures("broken")
def test_shipped_defaults_decide_in_place_of_broken_rules(cast: Cast) -> None:
    for key in KEYS:
        assert isinstance(policies.get(key).broken, RuleError)
    account = make_account(cast, employees="5000")
    assert (account.segment, segmenter().policy.n) == ("ENT", 0)
    deal = open_deal(cast, account=account)
    assert (deal.stage, stages("ENT").of("qualification").probability) == ("qualification", "0.10")


def test_gate_refuses_where_its_rule_is_broken(cast: Cast, request: pytest.FixtureRequest) -> None:
    deal = ready_deal(cast)
    request.getfixturevalue("broken")
    with pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
    told = [one for one in refusal.value.findings if one.rule == "opportunities.exit_criteria"]
    assert [one.rule_version for one in told] == [3]
    deal.refresh_from_db()
    assert deal.stage == "qualification"


def test_sound_rules_let_the_same_deal_pass(cast: Cast) -> None:
    with unchanged():
        assert [policies.get(key).broken for key in KEYS] == [None] * len(KEYS)
    assert (
        move_stage(by=cast.alice, pk=ready_deal(cast).pk, to="discovery", reason_code=ADVANCE).stage
        == "discovery"
    )
