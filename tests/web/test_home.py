"""The start page by role: what matters now, each figure opening exactly its list; no empty boxes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_lead
from opportunities.actions import edit_opportunity
from opportunities.models import Opportunity
from revops.kernel import clocks
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast
from tests.opportunities.conftest import open_deal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(datetime(2026, 6, 10, 12, tzinfo=UTC)):
        yield


def today() -> date:
    return clocks.today("UTC")


def deal(cast: Cast, *, by: str = "alice", **values: Any) -> Opportunity:
    """Open a deal that closes this month, or when it is said."""
    given = {"close_date": today().isoformat(), **values}
    return open_deal(cast, by=by, **given)


def lead(cast: Cast, number: int = 1) -> Any:
    values = {"last_name": f"Lead {number}", "company": "Acme", "source_original": "web"}
    return create_lead(by=cast.alice, values={**values, "email": f"one@lead{number}.com"})


def blocks(answer: Any) -> dict[str, Any]:
    return {one.key: one for one in answer.context["blocks"]}


def test_rep_begins_with_work_closing_deals_and_new_leads(browse: Any, cast: Cast) -> None:
    closing = deal(cast)
    deal(cast, close_date=(today() + timedelta(days=400)).isoformat())
    lead(cast)
    create_task(by=cast.alice, values={"text": "Call back", "due_on": today().isoformat()})
    answer = browse(cast.alice).get("/")
    assert answer.context["rows"][0].item.title == "Call back"
    assert answer.context["waiting"] == "4"
    found = blocks(answer)
    assert list(found) == ["new-leads", "closing"]
    assert [entry.label for entry in found["closing"].entries] == [closing.name]
    listed = browse(cast.alice).get(found["closing"].url)
    assert listed.context["count"] == 1
    assert found["closing"].count == "1"
    assert answer.context["recent"] == []


def test_manager_sees_where_the_team_is_late(browse: Any, cast: Cast) -> None:
    made = deal(cast)
    late = today() + timedelta(days=1)
    edit_opportunity(
        by=cast.alice, pk=made.pk, changes={"next_step": "Call the buyer", "next_step_on": late.isoformat()}
    )
    with clocks.at(clocks.now() + timedelta(days=3)):
        answer = browse(cast.mona).get("/")
        found = blocks(answer)
        assert [(one.label, one.value) for one in found["late-steps"].entries] == [("Alice", "1")]
        assert browse(cast.mona).get(found["late-steps"].entries[0].url).context["count"] == 1
        assert [entry.label for entry in found["new-deals"].entries] == [made.name]
        assert blocks(browse(cast.marco).get("/")) == {}


def test_operations_see_jobs_in_trouble_and_what_is_newest(browse: Any, cast: Cast) -> None:
    deal(cast)
    answer = browse(cast.rita).get("/")
    assert list(blocks(answer)) == ["jobs"]
    assert [one.type.slug for one in answer.context["recent"]] == ["accounts", "opportunities"]
    assert "Jobs that need a look" not in browse(cast.cleo).get("/").content.decode()


def test_somebody_with_nothing_sees_one_empty_state(browse: Any, cast: Cast) -> None:
    for person in (cast.alice, cast.paul):
        page = browse(person).get("/").content.decode()
        assert page.count("Nothing here yet") == 1
        assert 'class="block"' not in page


def test_home_takes_the_same_number_of_queries_for_one_and_three(
    browse: Any, cast: Cast, settled_organisation: None
) -> None:
    browser, counts = browse(cast.alice), []
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            deal(cast)
            lead(cast, number)
        browser.htmx("/")
        with CaptureQueriesContext(connection) as queries:
            browser.htmx("/")
        counts.append(len(queries))
    assert counts == [19, 19]
