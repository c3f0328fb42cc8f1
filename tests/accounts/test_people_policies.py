"""Required fields of contacts and leads: what a policy insists on, and what it only watches."""

import pytest

from accounts.actions import create_contact, create_lead, edit_lead
from accounts.facts import CONTACT, LEAD
from revops.kernel import audit, clocks, policies
from revops.kernel.policies import required
from revops.kernel.policies.enums import Mode
from tests.accounts.conftest import codes
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LEAST = {"last_name": "Boxer", "company": "Farmers", "source_original": "web"}


def test_lead_without_a_way_to_reach_it_is_refused_by_the_policy(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        create_lead(by=cast.alice, values=LEAST)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.field, finding.rule) == (
        "LEA-004",
        "email",
        "accounts.required_fields_of_leads",
    )
    for way in ("email", "phone", "mobile_phone"):
        text = "bertha@fcof.net" if way == "email" else "+18506444200"
        assert create_lead(by=cast.alice, values={**LEAST, way: text}).version == 1


def test_last_way_is_not_taken_away(cast: Cast) -> None:
    lead = create_lead(by=cast.alice, values={**LEAST, "phone": "+18506444200"})
    with pytest.raises(audit.Blocked) as refusal:
        edit_lead(by=cast.alice, pk=lead.pk, changes={"phone": ""})
    assert codes(refusal) == [("LEA-004", "email")]
    assert edit_lead(by=cast.alice, pk=lead.pk, changes={"phone": "", "email": "b@fcof.net"}).phone == ""


def test_country_before_outreach_is_watched_and_blocks_nothing(cast: Cast) -> None:
    contact = create_contact(by=cast.alice, values={"last_name": "Gonzalez"})
    lead = create_lead(by=cast.alice, values={**LEAST, "phone": "+18506444200"})
    for key, schema, record, code in (
        ("accounts.required_fields_of_contacts", CONTACT, contact, "CON-019"),
        ("accounts.required_fields_of_leads", LEAD, lead, "LEA-019"),
    ):
        policy = policies.get(key)
        found = required.missing(policy, schema.of(record, required.paths(policy)), clocks.now())
        assert [(one.finding.code, one.mode) for one in found] == [(code, Mode.OBSERVE)]


@pytest.mark.control
def test_lead_without_the_policy_goes_in(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.policies.newly_missing", lambda record, changes: [])
    assert create_lead(by=cast.alice, values=LEAST).email == ""
