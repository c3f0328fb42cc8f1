"""My work over the API: the same items, the same deeds, the same refusals."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from revops.kernel import clocks
from revops.kernel.packets.models import Obligation
from tests.api.conftest import fields_of, problem


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at((clocks.now() + timedelta(days=1)).replace(hour=17)):
        yield


def due(days: int) -> str:
    return (clocks.today("UTC") + timedelta(days=days)).isoformat()


def test_task_is_made_listed_done_and_opened_again(as_: Any, account: Any) -> None:
    held = account("Northwind")
    alice = as_("alice")
    body = {"text": "Send the offer", "due_on": due(3), "subject": f"ACC-{held.pk:06d}"}
    made = alice.post("tasks/", body)
    assert made.status_code == 201, made.content
    assert (made.json()["number"], made.json()["state"]) == (f"TSK-{made.json()['id']:06d}", "open")
    alice.post("tasks/", {"text": "Next", "due_on": due(5)})
    answer = alice.get("work/").json()
    assert answer["counts"]["task"] == 2
    first, second = answer["results"]
    assert (first["title"], first["urgency"], first["source"]) == ("Send the offer", "upcoming", "task")
    assert first["subject"] == {"record_type": "accounts", "id": held.pk, "title": "Northwind"}
    assert first["deeds"] == ["done", "snooze", "log_call"]
    assert (second["subject"], second["deeds"]) == (None, ["done", "snooze"])
    done = alice.post(f"work/task/{first['id']}/done/", {"outcome": "They have it"})
    assert done.json() == {"said": "The task is done.", "undo": "reopen", "undo_values": {}}
    assert Obligation.objects.get(pk=first["id"]).outcome == "They have it"
    assert [one["title"] for one in alice.get("work/", {"kind": "task"}).json()["results"]] == ["Next"]
    alice.post(f"work/task/{first['id']}/reopen/")
    assert Obligation.objects.get(pk=first["id"]).state == "open"
    assert as_("bob").get("work/").json()["results"] == []


def test_work_refuses_what_does_not_fit_or_is_not_there(as_: Any, cast: Any) -> None:
    alice = as_("alice")
    pk = alice.post("tasks/", {"text": "Mine", "due_on": due(1)}).json()["id"]
    assert fields_of(problem(alice.get("work/", {"kind": "x", "y": "1"}), 400, "bad-query")) == ["kind", "y"]
    assert fields_of(problem(alice.post(f"work/task/{pk}/snooze/", {"due_on": due(-3)}), 422, "blocked")) == [
        "due_on"
    ]
    assert fields_of(problem(alice.post(f"work/task/{pk}/snooze/", {}), 422, "blocked")) == ["due_on"]
    problem(alice.post(f"work/task/{pk}/delete/"), 404, "not-found")
    problem(as_("bob").post(f"work/task/{pk}/done/"), 404, "not-found")
    problem(as_("rita").post(f"work/task/{pk}/done/"), 403, "forbidden")
    assert Obligation.objects.get().version == 1


def test_tasks_have_their_actions_in_the_api(as_: Any, cast: Any) -> None:
    alice = as_("alice")
    made = alice.post("tasks/", {"text": "Mine", "owner": cast.bob.pk}).json()
    assert (made["owner"]["id"], made["creator"]["id"]) == (cast.bob.pk, cast.alice.pk)
    problem(alice.post("tasks/", {"text": "Theirs", "owner": cast.otto.pk}), 422, "blocked")
    path = f"tasks/{made['id']}"
    moved = alice.post(f"{path}/reschedule/", {"due_on": due(2)}, If_Match='"1"')
    assert moved.json()["due_on"] == due(2)
    problem(alice.post(f"{path}/cancel/", {}, If_Match='"2"'), 422, "blocked")
    assert (
        alice.post(f"{path}/cancel/", {"reason": "Not any more"}, If_Match='"2"').json()["state"]
        == "cancelled"
    )
