"""The pages and the API of approvals: what waits, what is asked and who decides, deciding, delegating, being told."""

from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import clocks
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep, Delegation
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox import OutboxEvent
from revops.kernel.records.work import do, work
from revops.kernel.records.work.approvals import showing, telling
from tests.approving import KEY, PURPOSE, key_accounts, resize, submit
from tests.cast import Cast
from tests.web.conftest import made

__all__ = ["key_accounts"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_accounts")]
JSON = "application/json"


@pytest.fixture
def account(cast: Cast) -> Account:
    return made(cast.alice, name="Northwind", employees="500", description="First words")


@pytest.fixture
def request_(cast: Cast, account: Account) -> ApprovalRequest:
    return submit(cast.alice, account)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def form(request: ApprovalRequest, decision: str, comment: str = "") -> dict[str, Any]:
    step = ApprovalStep.objects.get(request=request, seq=1).pk
    return {"step": step, "decision": decision, "comment": comment}


def test_front_shows_what_waits_for_one_and_what_one_has_asked_for(
    browse: Any, cast: Cast, request_: ApprovalRequest
) -> None:
    mine = browse(cast.mona).get("/approvals/")
    assert [step.request_id for step in mine.context["steps"]] == [request_.pk]
    assert "Alice asks: More than 100 employees" in text(mine)
    asked = browse(cast.alice).get("/approvals/")
    assert (asked.context["steps"], [one for one, _ in asked.context["asked"]]) == ([], [request_])
    assert "Northwind" not in text(browse(cast.bob).get("/approvals/"))
    assert browse(cast.bob).get(f"/approvals/{request_.pk}/").status_code == 404
    listed = browse(cast.rita).get("/approvals/?sort=-submitted_at")
    assert "Key account: Northwind" in text(listed)


def test_page_decides_nothing_by_being_read_and_shows_buttons_to_those_asked(
    browse: Any, cast: Cast, request_: ApprovalRequest
) -> None:
    address = f"/approvals/{request_.pk}/"
    for person, buttons in ((cast.mona, True), (cast.fin, True), (cast.alice, False), (cast.rita, False)):
        page = browse(person).get(address)
        assert (page.status_code, "Your decision about" in text(page)) == (200, buttons)
        assert ("Take it back" in text(page)) == (person == cast.alice)
    shown = text(browse(cast.alice).get(address))
    assert "Employees is 500" in shown
    assert "Mona; Any finance" in shown
    request_.refresh_from_db()
    assert request_.state == "pending"
    assert browse(cast.mona).get(f"{address}decide/").status_code == 405


def test_decision_on_the_page_is_kept_refused_and_told(
    browse: Any, cast: Cast, request_: ApprovalRequest
) -> None:
    address = f"/approvals/{request_.pk}/decide/"
    refused = browse(cast.mona).post(address, form(request_, "reject"))
    assert (refused.status_code, "Say why you reject it" in text(refused)) == (422, True)
    assert browse(cast.alice).post(address, form(request_, "approve")).status_code == 403
    assert browse(cast.bob).post(address, form(request_, "approve")).status_code == 404
    done = browse(cast.mona).post(address, form(request_, "approve", "Well done"))
    assert (done.status_code, done["Location"]) == (303, f"/approvals/{request_.pk}/")
    late = browse(cast.fin).post(address, form(request_, "reject", "No"))
    assert late.status_code == 409
    assert "This was already approved by Mona at" in text(late)
    assert "Approved by Mona" in text(browse(cast.fin).get(f"/approvals/{request_.pk}/"))


def test_step_is_approved_or_rejected_from_my_work(cast: Cast, request_: ApprovalRequest) -> None:
    (item,) = work(cast.mona, clocks.now(), kinds=["approval"]).items
    assert (item.title, item.deeds) == ("Key account: Northwind", ("approve", "reject"))
    assert work(cast.alice, clocks.now(), kinds=["approval"]).items == ()
    do(by=cast.fin, source="approval", pk=item.pk, name="reject", values={"comment": "Too big"})
    assert work(cast.mona, clocks.now(), kinds=["approval"]).items == ()
    request_.refresh_from_db()
    assert (request_.state, request_.note) == ("rejected", "Fin: Too big")


def test_those_asked_are_told_at_once_and_whoever_asked_what_became_of_it(
    browse: Any, cast: Cast, request_: ApprovalRequest
) -> None:
    def tell(kind: str, receiver: Any) -> None:
        for event in OutboxEvent.objects.filter(type=kind):
            receiver(event)
            receiver(event)

    tell("approval.step_opened", telling.tell_asked)
    told = list(
        Notification.objects.order_by("recipient__name").values_list("recipient__name", "mail", "url")
    )
    assert told == [(name, "once", f"/approvals/{request_.pk}/") for name in ("Fin", "Mona")]
    browse(cast.fin).post(f"/approvals/{request_.pk}/decide/", form(request_, "reject", "Too big"))
    tell("approval.rejected", telling.tell_submitter)
    last = Notification.objects.get(recipient=cast.alice)
    assert (last.title, last.text) == ("Key account: Northwind was rejected", "Fin: Too big")


def test_record_says_how_it_stands_and_what_differs_from_what_was_approved(
    browse: Any, cast: Cast, account: Account
) -> None:
    ahead = showing.standing(PURPOSE, account, cast.alice)
    assert (ahead.state, [step.asked for step in ahead.preview.steps]) == (
        "Not asked for yet",
        [("Mona", "Any finance")],
    )
    first = submit(cast.alice, account)
    browse(cast.mona).post(f"/approvals/{first.pk}/decide/", form(first, "approve"))
    assert showing.standing(PURPOSE, account, cast.alice).current
    resize(cast.rita, account, 1500)
    first.refresh_from_db()
    assert (first.state, first.note) == ("stale", "Employees changed after it was submitted.")
    second = submit(cast.alice, account)
    shown = showing.request(second, cast.alice)
    assert [(line.label, line.value, line.before, line.moved) for line in shown.lines] == [
        ("Employees", "1500", "500", True),
        ("Description", "First words", "First words", False),
    ]
    assert "Changed" in text(browse(cast.mona).get(f"/approvals/{second.pk}/"))


def test_delegation_is_made_and_ended_in_settings(browse: Any, cast: Cast) -> None:
    browser = browse(cast.mona)
    begins = clocks.now().date()
    values = {"delegate": cast.bob.pk, "active_from": begins, "active_to": begins, "reason": "Holiday"}
    assert browser.post("/settings/delegations/", values).status_code == 303
    page = browser.get("/settings/delegations/")
    assert "Bob decides for you" in text(page)
    held = Delegation.objects.get()
    assert browser.post(f"/settings/delegations/{held.pk}/end/").status_code == 303
    refused = browser.post("/settings/delegations/", values | {"delegate": cast.mona.pk})
    assert (refused.status_code, "Nobody delegates to themselves" in text(refused)) == (422, True)
    assert browse(cast.charlie).post(f"/settings/delegations/{held.pk}/end/").status_code == 404


def test_api_lists_what_waits_decides_it_and_previews(
    browse: Any, cast: Cast, account: Account, request_: ApprovalRequest
) -> None:
    api = browse(cast.mona)
    (waiting,) = api.get("/api/v1/approvals/inbox/").json()["results"]
    assert (waiting["approval"], waiting["asks_for"]) == (request_.pk, "More than 100 employees")
    address = f"/api/v1/approvals/{request_.pk}/"
    assert api.get(f"{address}content/").json()["steps"][0]["asked"] == ["Mona", "Any finance"]
    body = {"step": waiting["step"], "decision": "approve"}
    other = browse(cast.fin)
    assert api.post(f"{address}decide/", {"step": "1"}, JSON).status_code == 422
    assert api.post(f"{address}decide/", body, JSON).json()["state"] == "approved"
    late = other.post(f"{address}decide/", body, JSON)
    assert (late.status_code, late.json()["changed_by"]) == (409, "Mona")
    assert browse(cast.bob).post(f"{address}decide/", body, JSON).status_code == 404
    resize(cast.rita, account, 2000)
    query = f"record_type=accounts&id={account.pk}&purpose={KEY}"
    ahead = browse(cast.alice).get(f"/api/v1/approvals/preview/?{query}").json()
    assert [step["title"] for step in ahead["steps"]] == [
        "More than 100 employees",
        "More than 1,000 employees",
    ]
    assert browse(cast.charlie).get(f"/api/v1/approvals/preview/?{query}").status_code == 404
    assert api.get("/api/v1/approvals/preview/?record_type=nothing").status_code == 400


def test_api_takes_back_and_delegates(browse: Any, cast: Cast, request_: ApprovalRequest) -> None:
    taken = browse(cast.alice).post(
        f"/api/v1/approvals/{request_.pk}/recall/", {"version": request_.version}, JSON
    )
    assert (taken.status_code, taken.json()["state"]) == (200, "recalled")
    begins = clocks.now().date().isoformat()
    values = {"delegate": cast.bob.pk, "active_from": begins, "active_to": begins, "reason": "Holiday"}
    api = browse(cast.mona)
    made_one = api.post("/api/v1/delegations/", values, JSON)
    assert (made_one.status_code, made_one.json()["delegate"]["name"]) == (201, "Bob")
    assert len(browse(cast.bob).get("/api/v1/delegations/").json()["results"]) == 1
    ended = browse(cast.bob).post(f"/api/v1/delegations/{made_one.json()['id']}/end/", {}, JSON)
    assert (ended.status_code, ended.json()["holds"]) == (200, False)
