"""Evidence through the doors: the tab of a deal, its forms, its pages, the API."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from accounts.models import Contact
from opportunities.actions.evidence import add_evidence
from opportunities.models import Opportunity, StageEvidence
from opportunities.queries import evidence as queries
from revops.kernel import clocks
from tests.api.conftest import Api
from tests.cast import Cast
from tests.opportunities.conftest import instant
from tests.opportunities.people import make_contact
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
NOW = instant(2026, 6, 10, 9)
SAID = "We lose two days a month to <b>manual</b> work"
NOTE = {"note": "The mail speaks of another department."}


@pytest.fixture
def ann(cast: Cast, deal: Opportunity) -> Contact:
    return make_contact(cast, "Ann", account=deal.account)


def given(ann: Contact, **values: Any) -> dict[str, Any]:
    held = {"kind": "problem_statement", "statement": SAID, "stated_by": ann.pk}
    return {**held, "url": "https://files.example/1", **values}


def drawn(deal: Opportunity, user: Any) -> str:
    context = {"data": queries.of_deal(deal, user), "url": deal.get_absolute_url()}
    return render_to_string("opportunities/panels/evidence.html", context)


def test_tab_says_in_red_what_is_out_of_date(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    with clocks.at(NOW):
        made = add_evidence(by=cast.alice, pk=deal.pk, values=given(ann))
        fresh = drawn(deal, cast.mona)
    with clocks.at(made.expires_at.replace(second=1)):
        late = drawn(deal, cast.mona)
    assert ("Holds until" in fresh, "Out of date since" in fresh) == (True, False)
    assert ("Holds until" in late, "Out of date since" in late) == (False, True)
    assert "manual&lt;/b&gt;" in fresh
    assert f"/evidence/{made.pk}/do/verify/" in fresh
    assert "/do/verify/" not in drawn(deal, cast.alice)


def test_form_of_a_deal_adds_evidence(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    url, alice = f"{deal.get_absolute_url()}do/add_evidence/", Browser(cast.alice)
    form = alice.get(f"{url}?kind=problem_statement")
    assert (form.status_code, ">Ann<" in form.content.decode()) == (200, True)
    assert alice.post(url, given(ann, statement="short")).status_code == 422
    assert alice.post(url, given(ann)).status_code == 303
    assert StageEvidence.objects.get().statement == SAID
    assert Browser(cast.charlie).post(url, given(ann)).status_code == 404


def test_api_adds_corrects_verifies_and_rejects(cast: Cast, deal: Opportunity, ann: Contact) -> None:
    alice, mona = Api(cast.alice), Api(cast.mona)
    refused = alice.post("evidence/", given(ann, opportunity=deal.pk, statement="short", url=""))
    assert [one["code"] for one in refused.json()["findings"]] == ["EVD-002", "EVD-003"]
    first, second = (alice.post("evidence/", given(ann, opportunity=deal.pk)).json() for _ in range(2))
    path = f"evidence/{first['id']}/"
    assert alice.patch(path, {"statement": f"{SAID} now", "version": 1}).status_code == 200
    assert alice.post(f"{path}verify/", {"version": 2}).status_code == 403
    assert mona.post(f"{path}verify/", {"version": 2}).json()["state"] == "verified"
    assert mona.post(f"evidence/{second['id']}/reject/", {**NOTE, "version": 1}).status_code == 200
    assert mona.patch(path, {"statement": f"{SAID} then", "version": 3}).status_code == 422
    states = [one["state"] for one in alice.get(f"evidence/?opportunity={deal.pk}").json()["results"]]
    assert sorted(states) == ["rejected", "verified"]
    assert Api(cast.charlie).get(path).status_code == 404


def test_pages_of_evidence_offer_the_verdict_to_the_manager(
    cast: Cast, deal: Opportunity, ann: Contact
) -> None:
    made = add_evidence(by=cast.alice, pk=deal.pk, values=given(ann))
    url = f"/evidence/{made.pk}/"
    assert f"{url}do/verify/" in Browser(cast.mona).get(url).content.decode()
    assert f"{url}do/verify/" not in Browser(cast.alice).get(url).content.decode()
    assert Browser(cast.mona).post(f"{url}do/reject/", {"note": "No."}).status_code == 422
    assert Browser(cast.mona).post(f"{url}do/reject/", NOTE).status_code == 303
    assert Browser(cast.mona).get(f"{url}history/").status_code == 200
    made.refresh_from_db()
    assert (made.state, made.verifier) == ("rejected", cast.mona)
