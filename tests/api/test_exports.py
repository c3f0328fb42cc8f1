"""Exports over the API: the same actions, the same refusals, and a file for one person."""

from pathlib import Path
from typing import Any

import pytest

from revops.kernel.exchange.exporting import content, writing
from tests.api.conftest import fields_of, problem

BODY = {"record_type": "accounts", "columns": ["name"], "purpose": "Quarterly review with finance"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.EXPORT_DIR = str(tmp_path / "exports")


def test_export_is_asked_for_watched_and_fetched(as_: Any, account: Any) -> None:
    account("Northwind")
    alice = as_("alice")
    made = alice.post("exports/", {**BODY, "parameters": {"sort": "-name"}})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert made["Location"].endswith(f"/api/v1/exports/{pk}/")
    assert (made.json()["state"], made.json()["counted"], made.json()["rows"]) == ("queued", 1, None)
    problem(alice.get(f"exports/{pk}/file/"), 422, "blocked")
    writing.write(pk)
    assert alice.get(f"exports/{pk}/").json()["state"] == "ready"
    answer = alice.get(f"exports/{pk}/file/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.getvalue().decode().splitlines()[1].endswith(",Northwind")
    assert [one["id"] for one in alice.get("exports/", {"state": "ready"}).json()["results"]] == [pk]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"bogus": 1}, ["bogus"]),
        ({"columns": "name"}, ["columns"]),
        ({"columns": ["tax_id"]}, ["columns"]),
        ({"parameters": {"tax_id": "1"}}, ["tax_id"]),
        ({"parameters": {"name": 1}}, ["parameters"]),
        ({"exact": "yes"}, ["exact"]),
        ({"format": "pdf", "purpose": "short"}, ["format", "purpose"]),
        ({"record_type": "nothing"}, ["record_type"]),
        ({"purpose": None}, ["purpose"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(as_: Any, account: Any, change: Any, fields: list[str]) -> None:
    account()
    answer = as_("alice").post("exports/", BODY | change)
    assert sorted(fields_of(problem(answer, 422, "blocked"))) == fields


def test_approval_over_the_api(as_: Any, account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "APPROVAL_ROWS", 0)
    account()
    pk = as_("alice").post("exports/", BODY).json()["id"]
    problem(as_("alice").post(f"exports/{pk}/approve/", {}), 403, "forbidden")
    problem(as_("bob").post(f"exports/{pk}/approve/", {}), 404, "not-found")
    problem(as_("rita").post(f"exports/{pk}/reject/", {"reason": ""}), 422, "blocked")
    problem(as_("rita").post(f"exports/{pk}/reject/", {"why": "x"}), 422, "blocked")
    answer = as_("rita").post(f"exports/{pk}/approve/", {"reason": "Agreed"})
    assert (answer.json()["state"], answer.json()["decided_by"]["name"]) == ("queued", "Rita Rossi")
    writing.write(pk)
    problem(as_("rita").get(f"exports/{pk}/file/"), 403, "forbidden")
    answer = as_("alice").get(f"exports/{pk}/file/")
    assert (answer.status_code, len(answer.getvalue().splitlines())) == (200, 2)
