"""The next step of a deal over the API, by its form, and from the page of its obligation."""

from datetime import timedelta
from typing import Any

import pytest

from opportunities.models import Opportunity
from revops.kernel import clocks
from revops.kernel.packets.models import Obligation
from tests.cast import Cast
from tests.opportunities.conftest import open_deal
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
API = "/api/v1/opportunities/{}/set_next_step/"


def send(browser: Browser, path: str, body: dict[str, Any], version: int = 1) -> Any:
    return browser.post(path, body, content_type="application/json", headers={"If-Match": f'"{version}"'})


def said(text: str, days: int) -> dict[str, Any]:
    return {"next_step": text, "next_step_on": (clocks.now() + timedelta(days=days)).date().isoformat()}


def test_api_sets_the_next_step_and_tells_every_fault(cast: Cast) -> None:
    deal, browser = open_deal(cast), Browser(cast.alice)
    refused = send(browser, API.format(deal.pk), said("Call", 90))
    assert (refused.status_code, sorted(one["code"] for one in refused.json()["findings"])) == (
        422,
        ["OPP-110", "OPP-111"],
    )
    values = {**said("Show the integration", 5), "next_step_side": "buyer"}
    answer = send(browser, API.format(deal.pk), values)
    assert (answer.status_code, answer.json()["next_step"]) == (200, "Show the integration")
    held = Opportunity.objects.get()
    task = Obligation.objects.get(state="open")
    assert (held.next_step_side, held.next_step_task, task.text) == ("buyer", task, "Show the integration")
    seen = send(Browser(cast.otto), API.format(deal.pk), values, 2)
    hidden = send(Browser(cast.charlie), API.format(deal.pk), values, 2)
    assert (seen.status_code, hidden.status_code) == (403, 404)


def test_step_among_the_tasks_is_done_by_saying_what_comes_next(cast: Cast) -> None:
    deal, browser = open_deal(cast, **said("Show the integration", 5)), Browser(cast.alice)
    task = Obligation.objects.get()
    page = browser.get(f"/tasks/{task.pk}/").content.decode()
    assert ("Say what comes next" in page, "Mark as done" in page) == (True, False)
    form = browser.get(
        f"{deal.get_absolute_url()}do/set_next_step/?next_step_kind=signature"
    ).content.decode()
    assert ('name="done"' in form, 'value="signature" selected' in form) == (True, True)
    refused = send(browser, f"/api/v1/tasks/{task.pk}/complete/", {})
    assert (refused.status_code, [one["code"] for one in refused.json()["findings"]]) == (422, ["TSK-014"])
    values = {**said("Send the revised offer", 9), "done": "They liked it"}
    assert browser.post(f"/tasks/{task.pk}/do/set_next_step/", values).status_code == 303
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "They liked it")
    assert Obligation.objects.get(state="open").text == "Send the revised offer"
