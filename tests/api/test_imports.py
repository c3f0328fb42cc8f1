"""Imports over the API: the same face as the pages, the same rights, every refusal a problem."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account
from revops.kernel.exchange.drafts.models import ImportDraft
from tests.cast import Cast, cast, cast_of_module
from tests.kernel.exchange.wizards import import_dir, worked

__all__ = ["cast", "cast_of_module", "import_dir"]
pytestmark = pytest.mark.usefixtures("import_dir")
BACKEND = "revops.kernel.people.backends.SignInBackend"
ACCOUNTS = (
    "Id,IsDeleted,Name,Type,NumberOfEmployees,Founded,AnnualRevenue\n"
    "001A,FALSE,Acme,Prospect,10,01/02/2026,1.234\n"
    "001B,FALSE,Beta,Prospect,many,02/03/2026,2.345\n"
)


class Api:
    """The API as one person uses it from a session."""

    def __init__(self, user: Any) -> None:
        self.client = Client()
        self.client.force_login(user, backend=BACKEND)

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(f"/api/v1/imports/{path}", query)

    def upload(self, content: str | bytes = ACCOUNTS, name: str = "Account.csv", **form: Any) -> Any:
        data = content.encode() if isinstance(content, str) else content
        sent = {"object": "account", "file": SimpleUploadedFile(name, data), **form}
        return self.client.post(
            "/api/v1/imports/", {key: one for key, one in sent.items() if one is not None}
        )

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return getattr(self.client, method)(
            f"/api/v1/imports/{path}", body or {}, content_type="application/json"
        )

    def work(self, pk: int) -> str:
        return worked(ImportDraft.objects.get(pk=pk)).state


@pytest.fixture
def rita(cast: Cast) -> Api:
    return Api(cast.rita)


def findings(answer: Any) -> list[tuple[str, str]]:
    return [(one["code"], one["field"]) for one in answer.json()["findings"]]


def test_file_goes_from_upload_to_error_file(rita: Api) -> None:
    made = rita.upload()
    assert (made.status_code, made["Location"]) == (201, made.json()["url"])
    pk, body = made.json()["id"], made.json()
    assert (body["state"], body["mapping"], body["detected"]["rows"]) == ("open", "salesforce", 2)
    questions = [(one["key"], one["column"], one["is_open"]) for one in body["questions"]]
    assert questions == [("date:5", "Founded", False), ("decimal:6", "AnnualRevenue", True)]
    refused = rita.send("post", f"{pk}/check/")
    assert (refused.status_code, findings(refused)) == (422, [("IMP-021", "answers.decimal:6")])
    answered = rita.send("patch", f"{pk}/", {"answers": {"decimal:6": "."}})
    assert [one["is_open"] for one in answered.json()["questions"]] == [False, False]
    assert rita.send("post", f"{pk}/check/").json()["state"] == "checking"
    assert rita.work(pk) == "checked"
    page = rita.get(f"{pk}/findings/", code="IMP-120").json()
    assert [(one["line"], one["place"], one["cell"]) for one in page["results"]] == [(3, 4, "many")]
    error_file = b"".join(rita.get(f"{pk}/error-file/").streaming_content).decode("utf-8-sig")
    assert error_file.splitlines()[1].startswith("001B,FALSE,Beta,Prospect,many,02/03/2026,2.345,3,")
    put = rita.send("put", f"{pk}/repairs/", {"cells": [{"line": 3, "place": 4, "text": "12"}]})
    assert put.json()["results"] == [
        {"line": 3, "place": 4, "column": "NumberOfEmployees", "before": "many", "after": "12"}
    ]
    unchecked = rita.send("post", f"{pk}/commit/")
    assert (unchecked.status_code, findings(unchecked)) == (422, [("IMP-029", "")])
    assert rita.send("post", f"{pk}/recheck/").json()["check"]["rejected"] == 0
    assert rita.send("post", f"{pk}/commit/").json()["state"] == "committing"
    assert rita.work(pk) == "done"
    done = rita.get(f"{pk}/").json()
    assert (done["report"]["created"], done["report"]["rejected"]) == (2, 0)
    assert list(Account.objects.order_by("name").values_list("name", "employees")) == [
        ("Acme", 10),
        ("Beta", 12),
    ]
    assert rita.get(f"{pk}/revert-plan/").json()["removed"] == 2
    assert rita.send("post", f"{pk}/revert/").json()["state"] == "reverting"
    assert (rita.work(pk), Account.objects.count()) == ("reverted", 0)


def test_upload_without_file_or_object_names_both(rita: Api) -> None:
    answer = rita.upload(object=None, file=None)
    assert (answer.status_code, findings(answer)) == (422, [("API-001", "file"), ("API-001", "object")])


def test_upload_of_json_is_refused(rita: Api) -> None:
    answer = rita.client.post("/api/v1/imports/", {"object": "account"}, content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:revops:problem:unsupported-media-type")


def test_upload_that_announces_too_much_is_refused_unread(rita: Api, settings: Any, import_dir: Any) -> None:
    settings.IMPORT_MAX_UPLOAD = 1_000
    answer = rita.upload(b"x" * 100_000)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:revops:problem:too-large")
    assert list(import_dir.iterdir()) == []


def test_upload_beyond_the_limit_leaves_nothing_behind(rita: Api, settings: Any, import_dir: Any) -> None:
    settings.IMPORT_MAX_UPLOAD = 1_000
    answer = rita.upload(b"Id,Name\n" + b"x" * 2_000)
    assert (answer.status_code, list(import_dir.iterdir())) == (413, [])
    assert ImportDraft.objects.count() == 0


def test_no_other_address_takes_files(rita: Api, import_dir: Any) -> None:
    answer = rita.client.post("/api/v1/tokens/", {"file": SimpleUploadedFile("a.csv", b"Id\n1\n")})
    assert (answer.status_code in {400, 415}, list(import_dir.iterdir())) == (True, [])


def test_nobody_signed_in_sends_no_file(import_dir: Any, db: None) -> None:
    answer = Client().post(
        "/api/v1/imports/", {"object": "account", "file": SimpleUploadedFile("a.csv", b"Id\n1")}
    )
    assert (answer.status_code, list(import_dir.iterdir())) == (401, [])


# Who may do what with an import of Rita's: (list, read, create, edit, commit).
RIGHTS = {
    "rita": (200, 200, 201, 200, 422),
    "olga": (200, 200, 201, 200, 422),
    "mark": (200, 404, 403, 404, 404),
    "otto": (200, 200, 403, 403, 403),
    "ada": (404, 404, 403, 404, 404),
    "alice": (404, 404, 403, 404, 404),
    "mona": (404, 404, 403, 404, 404),
    "fin": (404, 404, 403, 404, 404),
    "paul": (404, 404, 403, 404, 404),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_rights_are_those_of_the_matrix(cast: Cast, rita: Api, name: str) -> None:
    pk = rita.upload().json()["id"]
    api = Api(cast.people[name])
    found = (
        api.get().status_code,
        api.get(f"{pk}/").status_code,
        api.upload().status_code,
        api.send("patch", f"{pk}/", {"options": {"decimal": "."}}).status_code,
        api.send("post", f"{pk}/commit/").status_code,
    )
    assert found == RIGHTS[name]
    for path in ("findings/", "repairs/", "error-file/", "revert-plan/"):
        assert api.get(f"{pk}/{path}").status_code in ({200, 422} if RIGHTS[name][1] == 200 else {404})


def test_list_pages_by_id(rita: Api) -> None:
    made = [rita.upload().json()["id"] for _ in range(3)]
    first = rita.get(limit=2).json()
    assert ([one["id"] for one in first["results"]], first["next"]) == (made[:0:-1], str(made[1]))
    rest = rita.get(limit=2, after=first["next"]).json()
    assert ([one["id"] for one in rest["results"]], rest["next"]) == ([made[0]], None)


def test_edit_is_all_or_nothing(rita: Api) -> None:
    pk = rita.upload().json()["id"]
    answer = rita.send("patch", f"{pk}/", {"options": {"decimal": "."}, "columns": {"99": ["name"]}})
    assert (answer.status_code, findings(answer)) == (422, [("IMP-025", "columns.99")])
    assert ImportDraft.objects.get().options.get("decimal") is None


def test_unknown_members_and_kinds_are_named(rita: Api) -> None:
    pk = rita.upload().json()["id"]
    answer = rita.send("patch", f"{pk}/", {"option": {}, "answers": [], "columns": {"x": ["name"]}})
    assert findings(answer) == [("API-001", "option"), ("API-001", "answers"), ("API-001", "columns")]
    answer = rita.send("put", f"{pk}/repairs/", {"cells": [{"line": 2, "place": 1}]})
    assert findings(answer) == [("API-001", "cells")]


def test_import_is_thrown_away_with_its_file(
    rita: Api, import_dir: Any, django_capture_on_commit_callbacks: Any
) -> None:
    pk = rita.upload().json()["id"]
    assert len(list(import_dir.iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert rita.send("delete", f"{pk}/").status_code == 204
    assert (ImportDraft.objects.count(), list(import_dir.iterdir())) == (0, [])
