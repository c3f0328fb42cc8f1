"""My work as a page: groups and filters, deeds in place with their way back, one after another, the count."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from revops.kernel import clocks
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def task(
    cast: Cast, text: str = "Call back", *, days: int = 0, by: str = "alice", **values: Any
) -> Obligation:
    due_on = (clocks.today("UTC") + timedelta(days=days)).isoformat()
    return create_task(by=cast.people[by], values={"text": text, "due_on": due_on, **values})


def titles(answer: Any) -> list[str]:
    return re.findall(r'class="work-title"[^>]*>([^<]+)<', answer.content.decode())


def test_my_work_shows_what_waits_in_groups_with_their_counts(
    browse: Any, cast: Cast, account: Account
) -> None:
    task(cast, "Next week", days=10)
    task(cast, "Send it", days=3, subject=f"ACC-{account.pk:06d}")
    task(cast, "Bob's", by="bob")
    answer = browse(cast.alice).get("/my-work/")
    assert titles(answer) == ["Send it", "Next week"]
    page = answer.content.decode()
    assert f'href="/accounts/{account.pk}/">Northwind Traders</a>' in page
    assert [(group.label, len(rows), rest) for group, rows, rest in answer.context["groups"]] == [
        ("Coming up", 2, 0)
    ]
    assert [(chip.label, chip.count) for chip in answer.context["chips"]] == [
        ("Everything", "2"),
        ("Tasks", "2"),
    ]
    assert titles(browse(cast.alice).get("/my-work/?kind=next-step")) == []
    assert titles(browse(cast.alice).get("/my-work/?kind=nothing")) == ["Send it", "Next week"]
    assert titles(browse(cast.charlie).get("/my-work/")) == []


def test_long_group_shows_its_first_rows_and_all_of_them_on_request(
    browse: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("revops.web.work_rows.SHOWN", 2)
    for days in (1, 2, 3):
        task(cast, f"In {days}", days=days)
    browser = browse(cast.alice)
    page = browser.get("/my-work/?kind=task").content.decode()
    assert "Show 1 more" in page
    assert titles(browser.get("/my-work/?kind=task")) == ["In 1", "In 2"]
    assert "/my-work/?kind=task&amp;whole=1" in page
    assert titles(browser.get("/my-work/?kind=task&whole=1")) == ["In 1", "In 2", "In 3"]


def test_nothing_that_waits_says_what_appears_here(browse: Any, cast: Cast) -> None:
    page = browse(cast.cleo).get("/my-work/").content.decode()
    assert "Nothing waits for you" in page
    assert "New task" not in page
    assert "New task" in browse(cast.alice).get("/my-work/").content.decode()


def test_page_takes_the_same_number_of_queries_for_one_and_three(
    browse: Any, cast: Cast, account: Account, settled_organisation: None
) -> None:
    browser, counts = browse(cast.alice), []
    for number in (1, 2):
        for one in range(number):
            task(cast, f"Task {number} {one}", subject=f"ACC-{account.pk:06d}")
        browser.htmx("/my-work/")
        with CaptureQueriesContext(connection) as queries:
            browser.htmx("/my-work/")
        counts.append(len(queries))
    assert counts == [19, 19]


def test_done_in_place_answers_the_list_and_the_way_back(browse: Any, cast: Cast) -> None:
    done, _ = task(cast, "First"), task(cast, "Second", days=1)
    browser = browse(cast.alice)
    answer = browser.htmx_post(f"/my-work/task/{done.pk}/done/?kind=task", **{"HX-Target": "work"})
    assert (answer.status_code, titles(answer)) == (200, ["Second"])
    told = json.loads(answer["HX-Trigger-After-Swap"])["work-done"]
    assert told == {
        "said": "The task is done.",
        "source": "task",
        "pk": done.pk,
        "undo": f"/my-work/task/{done.pk}/reopen/",
        "values": {},
    }
    back = browser.htmx_post(told["undo"], told["values"], **{"HX-Target": "work"})
    assert titles(back) == ["First", "Second"]
    aside = browser.htmx_post(f"/my-work/task/{done.pk}/done/")
    assert (aside.status_code, aside.content) == (204, b"")
    assert json.loads(aside["HX-Trigger"])["work-done"]["undo"] == f"/my-work/task/{done.pk}/reopen/"
    plain = browser.post(f"/my-work/task/{done.pk}/reopen/")
    assert (plain.status_code, plain["Location"]) == (303, "/my-work/")


def test_deed_asks_in_place_and_keeps_what_was_refused(browse: Any, cast: Cast) -> None:
    made, browser = task(cast, days=1), browse(cast.alice)
    form = browser.htmx(f"/my-work/task/{made.pk}/snooze/").content.decode()
    assert 'name="due_on"' in form
    assert ">Tomorrow</button>" in form
    refused = browser.htmx_post(
        f"/my-work/task/{made.pk}/snooze/", {"due_on": "soon"}, **{"HX-Target": "work"}
    )
    assert (refused.status_code, refused["HX-Retarget"]) == (422, f"#slot-task-{made.pk}")
    assert 'value="soon"' in refused.content.decode()
    assert "does not fit" in refused.content.decode()
    to = date(clocks.now().year + 1, 3, 2)
    moved = browser.htmx_post(
        f"/my-work/task/{made.pk}/snooze/", {"due_on": to.isoformat()}, **{"HX-Target": "work"}
    )
    assert titles(moved) == []
    assert Obligation.objects.get().due_on == to
    browser.post(f"/my-work/task/{made.pk}/done/")
    again = browser.htmx_post(f"/my-work/task/{made.pk}/done/", **{"HX-Target": "work"})
    assert (again.status_code, again["HX-Retarget"]) == (422, "#work-refusal")
    aside = browser.htmx_post(f"/my-work/task/{made.pk}/done/")
    told = json.loads(aside["HX-Trigger"])["work-refused"]["said"]
    assert (aside.status_code, aside["HX-Reswap"]) == (422, "none")
    assert (
        told
        == "“Mark as done” was not done. This task is done and cannot be marked as done. Reopen it first."
    )


@pytest.mark.parametrize("path", ["task/{}/done/", "task/{}/snooze/", "task/{}/nothing/", "nothing/{}/done/"])
def test_deeds_on_what_one_does_not_see_do_not_exist(browse: Any, cast: Cast, path: str) -> None:
    made = task(cast)
    answer = browse(cast.charlie).post(f"/my-work/{path.format(made.pk)}", {"due_on": "2030-01-01"})
    assert answer.status_code == 404
    assert Obligation.objects.get().version == 1


def test_what_is_visible_and_not_ones_own_to_do_is_forbidden(browse: Any, cast: Cast) -> None:
    made = task(cast)
    assert browse(cast.rita).post(f"/my-work/task/{made.pk}/done/").status_code == 403
    assert Obligation.objects.get().version == 1


def test_work_through_goes_from_one_to_the_next(browse: Any, cast: Cast) -> None:
    first, _ = task(cast, "First"), task(cast, "Second", days=1)
    browser = browse(cast.alice)
    one = browser.get("/my-work/through/")
    assert (one.context["row"].item.title, one.context["place"], one.context["total"]) == ("First", 1, 2)
    done = browser.htmx_post(f"/my-work/task/{first.pk}/done/?at=0", **{"HX-Target": "work"})
    assert (done.context["row"].item.title, done.context["total"]) == ("Second", 1)
    end = browser.get("/my-work/through/?at=7")
    assert "That was the last one" in end.content.decode()


def test_count_stands_beside_my_work_and_is_asked_for_once(browse: Any, cast: Cast) -> None:
    task(cast)
    task(cast, days=4)
    page = browse(cast.alice).get("/my-work/").content.decode()
    assert 'id="work-count" data-count="/my-work/count/"' in page
    count = browse(cast.alice).htmx("/my-work/count/").content.decode()
    assert re.findall(r">(\d+)<", count) == ["1"]
    assert browse(cast.charlie).htmx("/my-work/count/").content.decode().strip() == ""


def test_tasks_stand_on_the_page_of_their_record_for_who_sees_both(
    browse: Any, cast: Cast, account: Account
) -> None:
    made = task(cast, "Send the offer", subject=f"ACC-{account.pk:06d}")
    page = browse(cast.alice).get(f"/accounts/{account.pk}/").content.decode()
    assert f'hx-post="/my-work/task/{made.pk}/done/"' in page
    assert "Send the offer" in page
    assert f'href="/accounts/{account.pk}/compose/task/"' in page
    bobs = browse(cast.bob).get(f"/accounts/{account.pk}/").content.decode()
    assert "Send the offer" not in bobs
    about = browse(cast.alice).get(f"/tasks/{made.pk}/").content.decode()
    assert f'<a href="/accounts/{account.pk}/">Northwind Traders</a>' in about
    browse(cast.alice).post(f"/my-work/task/{made.pk}/done/")
    line = browse(cast.alice).get(f"/accounts/{account.pk}/timeline/?kind=task").content.decode()
    assert f'<a href="/tasks/{made.pk}/">Send the offer</a>' in line


def test_task_is_composed_on_a_record(browse: Any, cast: Cast, account: Account) -> None:
    values = {"text": "Ring them", "due_on": "2030-01-02", "priority": "high", "owner": str(cast.bob.pk)}
    answer = browse(cast.alice).post(f"/accounts/{account.pk}/compose/task/", values)
    assert answer.status_code == 303
    made = Obligation.objects.get()
    assert (made.text, made.owner, made.subject_id, made.priority) == (
        "Ring them",
        cast.bob,
        account.pk,
        "high",
    )
