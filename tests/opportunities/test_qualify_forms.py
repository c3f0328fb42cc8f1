"""The deeds that qualify a deal on its page and over the API."""

import json
from typing import Any

import pytest

from opportunities.actions.meddicc import score
from opportunities.actions.qualify_forms import SCORE, SET_REVIEW
from opportunities.models import DealReviewStatus, Meddicc, Opportunity
from opportunities.queries.plans import plans
from tests.cast import Cast
from tests.opportunities.people import make_contact
from tests.web.conftest import FRAGMENT, Browser

SAID = "They lose two days a month on it"


def test_form_begins_with_what_stands_and_offers_what_is_of_the_deal(cast: Cast, deal: Opportunity) -> None:
    ann, zoe = make_contact(cast, "Ann", account=deal.account), make_contact(cast, "Zoe")
    values = {
        "element": "champion",
        "score": 2,
        "statement": SAID,
        "contact": ann.pk,
        "stated_by": ann.pk,
        "url": "https://files.example/minutes",
    }
    row = score(by=cast.alice, pk=deal.pk, values=values)
    begun = SCORE.begins(deal, cast.alice, {"element": "champion"})
    assert begun.values == {
        "score": "2",
        "statement": SAID,
        "contact": str(ann.pk),
        "evidence": str(row.evidence_id),
    }
    assert begun.choices["contact"] == [(str(ann.pk), "Ann")]
    assert [value for value, _ in begun.choices["evidence"]] == [str(row.evidence_id)]
    assert begun.choices["element"] == [("champion", "Champion")]
    assert list(begun.without) == ["on", "mitigation", "mitigation_owner", "mitigation_on"]
    other = SCORE.begins(deal, cast.alice, {"element": "risks"})
    assert (other.values, other.choices["evidence"], list(other.without)) == ({}, [], ["contact", "on"])
    assert zoe.account_id is None


def test_form_of_a_review_begins_with_how_it_stands(cast: Cast, deal: Opportunity) -> None:
    assert SET_REVIEW.begins(deal, cast.alice, {"kind": "legal"}).values == {}
    SET_REVIEW.run(by=cast.alice, pk=deal.pk, values={"kind": "legal", "state": "in_review"})
    assert SET_REVIEW.begins(deal, cast.alice, {"kind": "legal"}).values == {"state": "in_review"}


@pytest.mark.parametrize("query", ["score/?element=champion", "score/?element=luck"])
def test_dialog_is_drawn_and_tells_what_lacks(cast: Cast, deal: Opportunity, query: str) -> None:
    browser, address = Browser(cast.alice), f"/opportunities/{deal.pk}/do/{query}"
    assert browser.get(address, headers=FRAGMENT).status_code == 200
    refused = browser.post(address, {"element": "champion", "score": "2"}, headers=FRAGMENT)
    assert refused.status_code == 422


def test_dialog_scores_and_the_page_shows_it(cast: Cast, deal: Opportunity) -> None:
    browser, address = Browser(cast.alice), f"/opportunities/{deal.pk}/"
    values = {"element": "pain", "score": "1", "statement": SAID, "evidence": "", "url": "", "stated_by": ""}
    assert browser.post(f"{address}do/score/", values, headers=FRAGMENT).status_code == 204
    assert SAID in browser.get(address, {"tab": "meddicc"}).content.decode()
    assert "Way to signature" in browser.get(address, {"tab": "plans"}).content.decode()


def call(browser: Browser, path: str, body: dict[str, Any], **headers: str) -> Any:
    return browser.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_programs_score_create_and_read(cast: Cast, deal: Opportunity) -> None:
    browser = Browser(cast.alice)
    deed = call(
        browser,
        f"opportunities/{deal.pk}/score/",
        {"element": "pain", "score": 1, "statement": SAID, "version": deal.version},
    )
    assert deed.status_code == 200
    body = {"opportunity": deal.pk, "element": "metrics", "score": 2, "statement": SAID}
    refused = call(browser, "meddicc/", body)
    assert (refused.status_code, refused.json()["findings"][0]["code"]) == (422, "OPP-135")
    assert call(browser, "meddicc/", {**body, "score": 1}).status_code == 201
    again = call(browser, "meddicc/", {**body, "score": 0})
    assert (again.status_code, again.json()["score"]) == (201, 0)
    listed = browser.get("/api/v1/meddicc/", {"opportunity": deal.pk}).json()["results"]
    assert sorted((one["element"], one["score"]) for one in listed) == [("metrics", 0), ("pain", 1)]
    assert Meddicc.objects.count() == 2


def test_programs_set_and_edit_reviews(cast: Cast, deal: Opportunity) -> None:
    browser = Browser(cast.alice)
    made = call(browser, "deal-reviews/", {"opportunity": deal.pk, "kind": "legal", "state": "in_review"})
    assert made.status_code == 201
    path = f"/api/v1/deal-reviews/{made.json()['id']}/"
    changed = browser.patch(
        path, json.dumps({"state": "blocked", "version": 1}), content_type="application/json"
    )
    assert (changed.status_code, changed.json()["findings"][0]["code"]) == (422, "OPP-147")
    body = json.dumps({"state": "approved", "version": 1})
    assert browser.patch(path, body, content_type="application/json").status_code == 200
    assert DealReviewStatus.objects.get().state == "approved"
    assert plans(deal, cast.alice).reviews[0].word == "Approved"
