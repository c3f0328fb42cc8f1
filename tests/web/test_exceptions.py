"""Exceptions where people meet them: the form that a refusal leads to, their page, My work, the API, what is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opportunities.models import Opportunity
from opportunities.policies import EXIT_CRITERIA
from revops.kernel import clocks
from revops.kernel.gates import debts
from revops.kernel.gates.exceptions import actions, lapsing
from revops.kernel.gates.models import PolicyException
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox import delivery
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access import Forbidden
from revops.kernel.records import registry
from revops.kernel.records.work.exceptions import forms, telling
from tests.cast import Cast
from tests.kernel.gates.waivers import use
from tests.opportunities.conftest import open_deal

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEY, CRITERION = EXIT_CRITERIA.key, "budget_owner"
WHY = "The buyer's budget owner is on leave until the end of the month."


@pytest.fixture
def deal(cast: Cast) -> Any:
    with clocks.at(NOW):
        yield open_deal(cast)


def typed(deal: Opportunity, **values: str) -> dict[str, str]:
    """Return the form as somebody fills it in."""
    return {
        "policy_key": KEY,
        "criterion_key": CRITERION,
        "subject": f"OPP-{deal.pk:06d}",
        "justification": WHY,
        "risk": "low",
        "expires_at": (clocks.now() + 10 * DAY).isoformat(),
        **values,
    }


def ask(cast: Cast, deal: Opportunity, **values: str) -> PolicyException:
    return forms.request(by=cast.alice, values=typed(deal, **values))


def grant(cast: Cast, deal: Opportunity) -> PolicyException:
    return actions.approve(by=cast.mona, pk=ask(cast, deal).pk)


def test_refusal_leads_to_a_form_that_says_what_it_would_excuse(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity
) -> None:
    address = f"/exceptions/add/?policy_key={KEY}&criterion_key={CRITERION}&subject=opportunities.opportunity:{deal.pk}"
    browser = browse(cast.alice)
    answer = browser.get(address)
    line = registry.get(forms.LABEL).by_name["criterion_key"]
    title = dict(line.choices)[CRITERION]
    assert answer.context["lead"] == (
        f"Excuses {deal.name} (OPP-{deal.pk:06d}) from “{title}” of {EXIT_CRITERIA.title}, until the day you choose. "
        "One of these may approve it: Sales manager, Sales director, VP of sales, Sales operations, "
        "Revenue operations; not you."
    )
    page = answer.content.decode()
    assert f'value="OPP-{deal.pk:06d}"' in page
    refused = browser.post("/exceptions/add/", typed(deal, justification="Short", risk=""))
    assert (refused.status_code, PolicyException.objects.count()) == (422, 0)
    assert [one.field for one in refused.context["refusal"].findings] == ["justification", "risk"]
    made = browser.post("/exceptions/add/", typed(deal))
    held = PolicyException.objects.get()
    assert (made.status_code, made["Location"], held.name) == (
        303,
        f"/exceptions/{held.pk}/",
        f"{title} · OPP-{deal.pk:06d}",
    )


def test_form_tells_nothing_of_what_its_reader_does_not_see(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity
) -> None:
    address = f"/exceptions/add/?policy_key={KEY}&criterion_key={CRITERION}&subject=opportunities.opportunity:{deal.pk}"
    assert deal.name not in browse(cast.charlie).get(address).content.decode()
    for subject in ("no number", "", "opportunities.opportunity:0", "OPP-999999", "evil.model:1"):
        assert browse(cast.charlie).get("/exceptions/add/", {"subject": subject}).status_code == 200


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("alice", ["withdraw"]),
        ("mona", ["approve", "reject"]),
        ("rita", ["approve", "reject", "revoke"]),
        ("otto", []),
        ("fin", []),
    ],
)
def test_page_offers_what_the_reader_may_do(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity, who: str, offered: list[str]
) -> None:
    answer = browse(cast.people[who]).get(f"/exceptions/{ask(cast, deal).pk}/")
    assert sorted(one.name for one in answer.context["actions"]) == offered


def test_own_request_is_not_offered_for_a_decision(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity
) -> None:
    held = forms.request(by=cast.mona, values=typed(deal))
    answer = browse(cast.mona).get(f"/exceptions/{held.pk}/")
    assert [one.name for one in answer.context["actions"]] == ["withdraw"]


def test_page_shows_its_term_its_uses_and_its_reviews(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity
) -> None:
    held = grant(cast, deal)
    decision = use(cast, held)
    actions.open_reviews(NOW)
    with clocks.at(NOW + DAY):
        answer = browse(cast.rita).get(f"/exceptions/{held.pk}/")
    page = answer.content.decode()
    assert "In force until 20 June 2026" in page
    assert f"/rules/decisions/{decision.pk}/" in page
    assert "Week of 8 June 2026: open" in page
    assert sorted(one.name for one in answer.context["actions"]) == ["renew", "review", "revoke"]
    shown = browse(cast.alice).get(f"/opportunities/{deal.pk}/", {"as": "rest"}).content.decode()
    assert f"/exceptions/{held.pk}/" in shown
    assert browse(cast.charlie).get(f"/exceptions/{held.pk}/").status_code == 404


def test_deeds_of_the_page_decide(browse: Callable[..., Any], cast: Cast, deal: Opportunity) -> None:
    held = ask(cast, deal)
    url = f"/exceptions/{held.pk}/do"
    assert browse(cast.mona).post(f"{url}/approve/", {"version": 1}).status_code == 303
    assert browse(cast.mona).post(f"{url}/approve/", {"version": 2}).status_code == 422
    until = (NOW + 20 * DAY).isoformat()
    renewed = browse(cast.mona).post(f"{url}/renew/", {"expires_at": until, "reason": "Still on leave"})
    assert renewed.status_code == 303
    assert browse(cast.rita).post(f"{url}/revoke/", {"reason": ""}).status_code == 422
    assert browse(cast.rita).post(f"{url}/revoke/", {"reason": "Not needed"}).status_code == 303
    held.refresh_from_db()
    assert (held.state, held.renewals_used) == ("revoked", 1)


def test_exception_is_not_edited(cast: Cast, deal: Opportunity) -> None:
    held = ask(cast, deal)
    with pytest.raises(Forbidden, match="Withdraw it"):
        forms.edit(by=cast.alice, pk=held.pk, changes={"risk": "high"})


def test_my_work_holds_what_one_may_decide_and_review(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity
) -> None:
    held = ask(cast, deal)

    def waiting(who: str, kind: str = "exception") -> int:
        return str(browse(cast.people[who]).get(f"/my-work/?kind={kind}").content).count(
            f"/exceptions/{held.pk}/"
        )

    assert {who for who in ("alice", "mona", "marco", "fin", "otto", "rita") if waiting(who)} == {
        "mona",
        "rita",
    }
    done = browse(cast.mona).htmx_post(f"/my-work/exception/{held.pk}/approve/")
    held.refresh_from_db()
    assert (done.status_code, held.state, held.approver) == (204, "approved", cast.mona)
    assert (waiting("mona"), waiting("rita", "exception_review")) == (0, 0)
    actions.open_reviews(NOW)
    assert (bool(waiting("rita", "exception_review")), waiting("mona", "exception_review")) == (True, 0)
    kept = browse(cast.rita).htmx_post(f"/my-work/exception_review/{held.pk}/keep/", {"reason": "On leave"})
    assert (kept.status_code, waiting("rita", "exception_review")) == (204, 0)


def test_api_asks_and_decides_by_the_same_actions(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity
) -> None:
    def post(who: str, path: str, body: dict[str, Any]) -> Any:
        browser = browse(cast.people[who], enforce_csrf_checks=False)
        return browser.post(f"/api/v1/{path}", body, content_type="application/json")

    refused = post("alice", "exceptions/", typed(deal, justification="Short"))
    assert (refused.status_code, refused.json()["findings"][0]["code"]) == (422, "EXC-004")
    made = post("alice", "exceptions/", typed(deal))
    assert (made.status_code, made.json()["state"]) == (201, "requested")
    pk = made.json()["id"]
    own = post("alice", f"exceptions/{pk}/approve/", {"version": 1})
    approved = post("mona", f"exceptions/{pk}/approve/", {"version": 1})
    assert (own.status_code, approved.status_code) == (403, 200)
    assert approved.json()["state"] == "approved"


def told() -> list[tuple[str, int, str]]:
    """Deliver what happened; return who was told what, in the order of recipients."""
    waiting = OutboxEvent.objects.filter(delivered_at__isnull=True, subject_type__startswith="gates.")
    with clocks.at(NOW + 11 * DAY):
        for event in waiting.order_by("created_at", "subject_seq"):
            delivery.deliver(event)
    rows = Notification.objects.filter(kind__startswith="exception").order_by("kind", "recipient_id")
    return list(rows.values_list("kind", "recipient_id", "title"))


def test_people_are_told_once_of_what_becomes_of_an_exception(cast: Cast, deal: Opportunity) -> None:
    held = grant(cast, deal)
    use(cast, held)
    with clocks.at(NOW + 10 * DAY):
        lapsing.lapse_due(clocks.now())
    name = held.name
    over = sorted((cast.alice.pk, cast.mona.pk, cast.rita.pk))
    expected = [
        ("exception.approved", cast.alice.pk, f"{name} was approved"),
        *(("exception.expired", pk, f"{name} is over") for pk in over),
        ("exception.requested", cast.mona.pk, f"An exception waits for you: {name}"),
    ]
    assert (told(), told()) == (expected, expected)


def test_owner_is_warned_a_week_and_a_day_before_the_end_each_once(cast: Cast, deal: Opportunity) -> None:
    held = grant(cast, deal)
    ask(cast, deal, criterion_key="need_stated")

    def warned(at: datetime) -> list[str]:
        with clocks.at(at):
            telling.warn_owners(at)
        rows = Notification.objects.filter(kind="exception.ending").order_by("pk")
        assert set(rows.values_list("recipient_id", flat=True)) <= {cast.alice.pk}
        return [title.removeprefix(held.name) for title in rows.values_list("title", flat=True)]

    week, day = " ends in less than 7 days", " ends in less than 1 day"
    end = NOW + 10 * DAY
    assert [warned(end - 8 * DAY), warned(end - 7 * DAY), warned(end - 6 * DAY)] == [[], [week], [week]]
    assert [warned(end - DAY), warned(end - DAY / 2), warned(end)] == [[week, day]] * 3


def test_debt_of_a_lapsed_exception_is_on_the_page_of_its_deal_and_in_the_api(
    browse: Callable[..., Any], cast: Cast, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(cast, grant(cast, deal))
    monkeypatch.setitem(debts._known, KEY, replace(debts._known[KEY], holds=lambda *given: False))
    with clocks.at(NOW + 10 * DAY):
        lapsing.lapse_due(clocks.now())
        page = browse(cast.alice).get(f"/opportunities/{deal.pk}/", {"as": "rest"}).content.decode()
        listed = browse(cast.rita).get("/api/v1/gate-debts/").json()["results"]
        made = browse(cast.rita).post("/api/v1/gate-debts/", {}, content_type="application/json")
    assert "Owed since its exception ended" in page
    assert [(one["state"], one["subject"]) for one in listed] == [("open", f"OPP-{deal.pk:06d}")]
    assert made.status_code in (403, 405)
