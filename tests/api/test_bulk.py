"""Bulk changes over the API: frozen, previewed, started, read record by record, taken back."""

from typing import Any

import pytest

from accounts.models import Lead
from revops.kernel.exchange.bulk import working
from revops.kernel.exchange.bulk.models import BulkRun
from tests.api.conftest import Api, fields_of, problem
from tests.cast import Cast
from tests.kernel.exchange.bulk_runs import leads


def work(pk: int) -> None:
    """Do what a worker would."""
    working.work(pk, str(BulkRun.objects.get(pk=pk).token))


def test_bulk_change_from_request_to_undo(as_: Any, cast: Cast) -> None:
    made, alice = leads(cast.alice, 2), as_("alice")
    body = {"record_type": "leads", "deed": "edit", "values": {"city": "Ghent"}, "reason": "A new map"}
    answer = alice.post("bulk-runs/", {**body, "ids": [made[0].pk, str(made[1].pk), "x", made[0].pk]})
    assert answer.status_code == 201, answer.content
    run = answer.json()
    assert answer["Location"].endswith(f"/api/v1/bulk-runs/{run['id']}/")
    assert (run["state"], run["total"], run["repeated"], run["denied"]) == ("open", 3, 1, 1)
    seen = alice.get(f"bulk-runs/{run['id']}/preview/").json()
    assert (seen["changed"], seen["denied"], seen["total"], seen["looked"]) == (2, 1, 3, 3)
    assert set(Lead.objects.values_list("city", flat=True)) == {""}
    assert alice.post(f"bulk-runs/{run['id']}/start/", {}).json()["state"] == "running"
    work(run["id"])
    done = alice.get(f"bulk-runs/{run['id']}/").json()
    assert (done["state"], done["changed"], done["denied"]) == ("done", 2, 1)
    items = alice.get(f"bulk-runs/{run['id']}/items/", {"outcome": "denied"}).json()
    assert [(one["given"], one["findings"][0]["code"]) for one in items["results"]] == [("x", "BLK-010")]
    undo = alice.post(f"bulk-runs/{run['id']}/undo/", {"reason": "The wrong map"}).json()
    assert (undo["undoes"], undo["total"]) == (run["id"], 2)
    alice.post(f"bulk-runs/{undo['id']}/start/", {})
    work(undo["id"])
    assert set(Lead.objects.values_list("city", "version")) == {("", 3)}
    assert [one["id"] for one in alice.get("bulk-runs/").json()["results"]] == [undo["id"], run["id"]]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"bogus": 1}, ["bogus"]),
        ({"deed": "convert"}, ["deed"]),
        ({"record_type": "nothing"}, ["deed"]),
        ({"values": {"employees": "many"}}, ["employees"]),
        ({"values": []}, ["values"]),
        ({"ids": []}, ["ids"]),
        ({"parameters": {}}, ["ids"]),
        ({"reason": "x" * 501}, ["reason"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(as_: Any, cast: Cast, change: Any, fields: list[str]) -> None:
    pk = leads(cast.alice, 1)[0].pk
    body = {"record_type": "leads", "deed": "edit", "values": {"city": "Ghent"}, "ids": [pk]}
    assert (
        sorted(fields_of(problem(as_("alice").post("bulk-runs/", body | change), 422, "blocked"))) == fields
    )
    assert BulkRun.objects.count() == 0


def test_bulk_change_is_nobody_elses(as_: Any, cast: Cast, hire: Any) -> None:
    pk = leads(cast.alice, 1)[0].pk
    body = {"record_type": "leads", "deed": "edit", "values": {"city": "Ghent"}, "ids": [pk]}
    run = as_("alice").post("bulk-runs/", body).json()["id"]
    for path in ("", "preview/", "items/"):
        problem(as_("bob").get(f"bulk-runs/{run}/{path}"), 404, "not-found")
    problem(as_("bob").post(f"bulk-runs/{run}/start/", {}), 404, "not-found")
    hire("Paul", "PARTNER")
    problem(as_("rita").post(f"bulk-runs/{run}/start/", {}), 403, "forbidden")
    problem(as_("otto").post("bulk-runs/", body), 403, "forbidden")
    problem(as_("paul").get("bulk-runs/"), 404, "not-found")
    assert as_("rita").get(f"bulk-runs/{run}/").json()["state"] == "open"
    assert Lead.objects.get().version == 1


def test_token_that_reads_changes_nothing(as_: Any, cast: Cast) -> None:
    """A26."""
    pk = leads(cast.alice, 1)[0].pk
    body = {"record_type": "leads", "deed": "edit", "values": {"city": "Ghent"}, "ids": [pk]}
    run = as_("alice").post("bulk-runs/", body).json()["id"]
    wanted = {"name": "Reports", "scope": "read", "days": 7}
    reader = Api(token=as_("alice").post("tokens/", wanted).json()["token"])
    for path in ("bulk-runs/", f"bulk-runs/{run}/start/", f"bulk-runs/{run}/undo/"):
        assert reader.post(path, body).status_code == 403
    assert (BulkRun.objects.count(), BulkRun.objects.get().state) == (1, "open")
