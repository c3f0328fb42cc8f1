"""Packets on pages and over the API: opened on a deal, filled in, sent back, submitted again, accepted."""

import json
from typing import Any

import pytest

from opportunities.models import Opportunity
from opportunities.policies.deal_desk import DEAL_DESK
from revops.kernel.packets import actions
from revops.kernel.packets.actions import Subject
from revops.kernel.packets.models import Packet
from revops.kernel.records import work
from revops.web import work_rows
from tests.cast import Cast
from tests.opportunities.conftest import open_deal
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
FULL = {
    "asks_for": "structure",
    "why": "They buy in two steps",
    "term_months": "24",
    "payment_terms": "net_30",
    "needed_by": "2027-06-20",
}


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    return open_deal(cast)


@pytest.fixture
def packet(cast: Cast, deal: Opportunity) -> Packet:
    about = Subject("opportunities.opportunity", deal.pk, f"OPP-{deal.pk:06d}")
    values = {**FULL, "term_months": 24}
    return actions.open_packet(by=cast.alice, template=DEAL_DESK, subject=about, values=values)


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:400]
    return str(response.content.decode())


def waiting(user: Any) -> list[tuple[int, str]]:
    found = work.work(user, work_rows.now_of(user), kinds=["packet"]).items
    return [(one.pk, one.why) for one in found]


def test_a_packet_is_opened_on_the_page_of_its_record_and_filled_in(cast: Cast, deal: Opportunity) -> None:
    alice, number = Browser(cast.alice), f"OPP-{deal.pk:06d}"
    assert f'name="template" value="{DEAL_DESK}"' in text(
        alice.get(f"/opportunities/{deal.pk}/", {"as": "rest"})
    )
    opened = alice.post("/packets/open/", {"template": DEAL_DESK, "subject": number})
    packet = Packet.objects.get()
    assert (opened.status_code, opened.headers["Location"]) == (303, f"/packets/{packet.pk}/fill/")
    page = text(alice.get(opened.headers["Location"]))
    assert ("Qualification" in page, "from the record" in page, "50,000" in page) == (True, True, True)
    lacks = text(alice.post(f"/packets/{packet.pk}/fill/", {"deed": "submit", "term_months": "many"}), 422)
    assert ('value="many"' in lacks, "does not fit. Give a whole number" in lacks) == (True, True)
    saved = alice.post(f"/packets/{packet.pk}/fill/", {"deed": "save", **FULL, "version": packet.version})
    assert saved.headers["Location"] == f"/packets/{packet.pk}/"
    assert Packet.objects.get().values == {**FULL, "term_months": 24}
    again = text(alice.post("/packets/open/", {"template": DEAL_DESK, "subject": number}), 422)
    assert "is on its way already" in again


def test_a_packet_goes_back_with_its_gaps_and_is_accepted(cast: Cast, packet: Packet) -> None:
    alice, dan, place = Browser(cast.alice), Browser(cast.dan), f"/packets/{packet.pk}/"
    assert waiting(cast.dan) == []
    alice.post(f"{place}do/submit/", {"version": packet.version})
    assert (waiting(cast.alice), waiting(cast.dan)) == (
        [],
        [(packet.pk, "waits for your decision since today")],
    )
    assert "Send back with gaps" in text(dan.get(place))
    refused = text(dan.post(f"{place}return/", {"note-why": "Thin"}), 422)
    assert "say why it is not enough" in refused
    sent = dan.post(f"{place}return/", {"reason-why": "no_reason", "note-why": "Thin"})
    assert sent.headers["Location"] == place
    assert waiting(cast.alice) == [(packet.pk, "sent back with gaps since today")]
    form = text(alice.get(f"{place}fill/"))
    assert ("The reason does not carry the request" in form, "Thin" in form) == (True, True)
    alice.post(f"{place}fill/", {"deed": "submit", "why": "Procurement asked for it in writing"})
    dan.post(f"{place}do/accept/", {"version": Packet.objects.get().version})
    assert Packet.objects.get().state == "accepted"
    assert alice.get(f"{place}fill/").headers["Location"] == place
    assert "Procurement asked for it in writing" in text(alice.get(place))


def test_nobody_returns_what_is_not_theirs_to_decide(cast: Cast, packet: Packet) -> None:
    place = f"/packets/{packet.pk}/"
    actions.submit_packet(by=cast.alice, pk=packet.pk)
    assert Browser(cast.alice).get(f"{place}return/").status_code == 403
    assert Browser(cast.bob).get(f"{place}return/").status_code == 404
    assert Browser(cast.cora).post(f"{place}return/", {}).status_code == 403
    assert Packet.objects.get().state == "submitted"


def test_the_api_fills_in_submits_and_returns(cast: Cast, packet: Packet) -> None:
    place = f"/api/v1/packets/{packet.pk}/"

    def send(user: Any, method: str, path: str, body: Any) -> Any:
        client = Browser(user)
        return getattr(client, method)(path, json.dumps(body), content_type="application/json")

    read = Browser(cast.alice).get(f"{place}content/").json()
    assert (read["version"], read["values"]["term_months"], read["facts"]) == (1, 24, {})
    assert send(cast.alice, "patch", f"{place}content/", {"values": {}}).status_code == 428
    body: dict[str, Any] = {"values": {"discount": 200, "colour": 1}, "version": 1}
    refused = send(cast.alice, "patch", f"{place}content/", body)
    assert [one["field"] for one in refused.json()["findings"]] == ["discount", "colour"]
    body = {"values": {"discount": "5"}, "version": 1}
    assert send(cast.alice, "patch", f"{place}content/", body).headers["ETag"] == '"2"'
    assert send(cast.alice, "post", f"{place}submit/", {"version": 2}).json()["state"] == "submitted"
    gap = {"field": "discount", "reason_code": "wrong_figure"}
    assert send(cast.bob, "post", f"{place}return/", {"gaps": [gap], "version": 3}).status_code == 404
    back = send(cast.dan, "post", f"{place}return/", {"gaps": [gap], "version": 3})
    assert (back.json()["state"], back.json()["gaps"]) == ("returned", [{**gap, "note": ""}])
    made = send(cast.alice, "post", "/api/v1/packets/", {"template": DEAL_DESK, "subject": "OPP-999999"})
    assert (made.status_code, [one["field"] for one in made.json()["findings"]]) == (422, ["subject"])
