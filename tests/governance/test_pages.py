"""The pages and the API of requests for change: from a draft into the form, what is refused, every tab."""

import json
from datetime import datetime

import pytest

from governance.actions import rfcs
from governance.models import ChangeRequest
from tests.cast import Cast
from tests.governance.conftest import WAY_BACK, WORDS, Make, draft_of, rfc_of
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db


def test_a_draft_leads_into_the_form_of_a_request(cast: Cast) -> None:
    draft, browser = draft_of(cast.olga), Browser(cast.olga)
    for address in (f"/rfcs/add/?version={draft.pk}", f"/rfcs/new/?version={draft.pk}"):
        assert browser.get(address).headers["Location"] == f"/rfcs/new/?drafts={draft.pk}"
    assert "opportunities.limit version 2" in browser.get(f"/rfcs/new/?drafts={draft.pk}").content.decode()
    values = {"title": "A lower limit", "drafts": str(draft.pk), "rollback_plan": WAY_BACK, **WORDS}
    made = browser.post("/rfcs/new/", values)
    rfc = ChangeRequest.objects.get()
    assert (made.status_code, made.headers["Location"]) == (303, f"/rfcs/{rfc.pk}/")
    assert Browser(cast.otto).get("/rfcs/new/").status_code == 403
    assert Browser(cast.paul).get("/rfcs/").status_code == 404


def test_pages_say_what_lacks_what_changes_and_what_it_would_do(cast: Cast, approved: Make) -> None:
    empty = rfcs.create_rfc(by=cast.alice, values={"title": "Something has to change"})
    browser = Browser(cast.alice)
    assert "Attach the draft of a policy" in browser.get(f"/rfcs/{empty.pk}/").content.decode()
    rfc = approved()
    assert "<ins>20</ins>" in browser.get(f"/rfcs/{rfc.pk}/?tab=diff").content.decode()
    assert (
        "It is about nothing that is stored."
        in browser.get(f"/rfcs/{rfc.pk}/?tab=simulation").content.decode()
    )
    refused = Browser(cast.rita).post(f"/rfcs/{empty.pk}/do/submit/", {"version": empty.version})
    assert (refused.status_code, "There is no change in this request" in refused.content.decode()) == (
        422,
        True,
    )


def test_api_writes_submits_and_tells_every_finding(cast: Cast, at_ten: datetime) -> None:
    browser = Browser(cast.olga)

    def post(path: str, body: object, **headers: str) -> tuple[int, dict[str, object]]:
        answer = browser.post(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
        )
        return answer.status_code, answer.json()

    status, made = post("rfcs/", {"title": "A lower limit", "drafts": [draft_of(cast.olga).pk]})
    assert (status, made["state"], made["number"]) == (201, "draft", f"RFC-{made['id']:06d}")
    status, told = post(f"rfcs/{made['id']}/submit/", {"version": made["version"]})
    found = [(one["code"], one["field"]) for one in told["findings"]]  # type: ignore[attr-defined]
    assert (status, found[-1]) == (422, ("CHG-002", "rollback_plan"))
    rfc = rfc_of(cast.olga, draft_of(cast.olga, 30))
    status, sent = post(f"rfcs/{rfc.pk}/submit/", {"version": rfc.version})
    assert (status, sent["state"]) == (200, "submitted")
    listed = browser.get(f"/api/v1/rfc-changes/?rfc={rfc.pk}").json()["results"]
    assert [one["is_active"] for one in listed] == [True]
