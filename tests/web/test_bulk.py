"""The pages of bulk changes: for whom they are, what they refuse, and what they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Lead
from revops.kernel.exchange.bulk.models import BulkRun
from tests.cast import Cast
from tests.kernel.exchange.bulk_runs import ask, do, leads

pytestmark = pytest.mark.django_db


def test_boxes_stand_only_where_many_may_be_changed(cast: Cast, browse: Any) -> None:
    leads(cast.alice, 1)
    for who, offered in (("alice", True), ("otto", False), ("cleo", False)):
        page = browse(cast.people[who]).get("/leads/?view=all").content.decode()
        assert (who, "data-bulk-bar" in page, 'class="pick"' in page) == (who, offered, offered)


def test_form_freezes_what_it_names_and_goes_on_to_the_preview(cast: Cast, browse: Any) -> None:
    made = leads(cast.alice, 2)
    client = browse(cast.alice)
    form = {"deed": "edit", "ids": f"{made[0].pk},x", "fields": "city", "city": "Ghent", "confirm": "1"}
    answer = client.post("/leads/bulk/", form)
    run = BulkRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/bulk/{run.pk}/")
    assert (run.values, run.total, run.parameters) == ({"city": "Ghent"}, 2, {})
    page = client.get(f"/bulk/{run.pk}/").content.decode()
    assert ("Change 2 leads" in page, "1</span> will change" in page) == (True, True)
    assert Lead.objects.get(pk=made[0].pk).city == ""


def test_form_tells_everything_that_does_not_fit(cast: Cast, browse: Any) -> None:
    form = {"deed": "edit", "ids": "", "fields": ["employees"], "employees": "many", "confirm": "1"}
    answer = browse(cast.alice).post("/leads/bulk/", form)
    page = answer.content.decode()
    assert (answer.status_code, BulkRun.objects.count()) == (422, 0)
    assert ("does not fit" in page, "No record is chosen" in page) == (True, True)


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("alice", "/leads/bulk/?deed=edit", 200),
        ("alice", "/leads/bulk/?deed=convert", 404),
        ("otto", "/leads/bulk/?deed=edit", 403),
        ("paul", "/leads/bulk/?deed=edit", 404),
        ("paul", "/bulk/", 404),
        ("alice", "/bulk/", 200),
        ("bob", "/bulk/{run}/", 404),
        ("bob", "/bulk/{run}/refused.csv", 404),
        ("rita", "/bulk/{run}/", 200),
        ("alice", "/bulk/{run}/progress/", 200),
    ],
)
def test_pages_are_for_whom_they_are(cast: Cast, browse: Any, who: str, path: str, status: int) -> None:
    run = ask(cast.alice, [leads(cast.alice, 1)[0].pk], {"city": "Ghent"})
    assert browse(cast.people[who]).get(path.format(run=run.pk)).status_code == status


def test_only_who_asked_starts_a_run(cast: Cast, browse: Any) -> None:
    run = ask(cast.alice, [leads(cast.alice, 1)[0].pk], {"city": "Ghent"})
    assert browse(cast.bob).post(f"/bulk/{run.pk}/start/").status_code == 404
    assert browse(cast.rita).post(f"/bulk/{run.pk}/start/").status_code == 403
    assert BulkRun.objects.get().state == "open"


def test_only_fields_that_one_may_change_are_offered(cast: Cast, browse: Any) -> None:
    page = browse(cast.alice).get("/leads/bulk/?deed=edit").content.decode()
    assert ('value="intent_score"' in page, 'value="phone"' in page) == (False, True)


@pytest.mark.parametrize(("path", "statements"), [("/bulk/{run}/", 14), ("/bulk/", 6)])
def test_report_costs_as_much_for_one_record_as_for_three(
    cast: Cast, browse: Any, path: str, statements: int
) -> None:
    taken = []
    for count in (1, 3):
        run = do(cast.alice, [one.pk for one in leads(cast.alice, count)], {"industry": "other"})
        client = browse(cast.alice)
        with CaptureQueriesContext(connection) as caught:
            assert client.htmx(path.format(run=run.pk)).status_code == 200
        taken.append(len(caught))
    assert taken == [statements, statements]


def test_preview_costs_as_much_for_one_record_as_for_three(cast: Cast, browse: Any) -> None:
    taken = []
    for count in (1, 3):
        run = ask(cast.alice, [one.pk for one in leads(cast.alice, count)], {"city": "Ghent"})
        client = browse(cast.alice)
        with CaptureQueriesContext(connection) as caught:
            assert client.htmx(f"/bulk/{run.pk}/").status_code == 200
        taken.append(len(caught))
    assert taken == [17, 17]


def test_preview_leads_back_to_what_was_asked(cast: Cast, browse: Any) -> None:
    pk = leads(cast.alice, 1)[0].pk
    run = ask(cast.alice, [pk, "x"], {"city": "Ghent", "region": "East"})
    page = browse(cast.alice).post("/leads/bulk/", {"again": run.pk}).content.decode()
    for held in (f'name="ids" value="{pk},x"', 'name="city" value="Ghent"', 'name="region" value="East"'):
        assert held in page
    assert browse(cast.bob).post("/leads/bulk/", {"again": run.pk}).status_code == 404


def test_ticked_records_are_followed_as_far_as_one_sees_them(cast: Cast, browse: Any) -> None:
    made, (foreign,) = leads(cast.alice, 2), leads(cast.charlie, 1)
    answer = browse(cast.alice).post("/leads/bulk/follow/", {"ids": f"{made[0].pk},{foreign.pk},x"})
    assert answer.json() == {"said": "You follow 1 lead now."}
    assert browse(cast.alice).post("/leads/bulk/follow/", {"list": ""}).json() == {
        "said": "You follow 2 leads now."
    }


def test_ticked_records_are_a_list_that_can_be_exported(cast: Cast, browse: Any) -> None:
    one, other, _ = leads(cast.alice, 3)
    (foreign,) = leads(cast.charlie, 1)
    client, chosen = browse(cast.alice), f"id={one.pk},{other.pk},{foreign.pk}"
    page = client.get(f"/leads/?view=all&{chosen}").content.decode()
    assert [f'data-pk="{lead.pk}"' in page for lead in (one, other, foreign)] == [True, True, False]
    assert client.get("/exports/new/", {"of": "leads", "list": chosen}).status_code == 200
    assert client.get("/leads/?view=all&id=x").status_code == 400
