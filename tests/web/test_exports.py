"""The pages of exports: the form says what it will hold, the log who took what, the file goes to one person only."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from revops.kernel.exchange.exporting import content, writing
from revops.kernel.exchange.exporting.actions import request_export
from revops.kernel.exchange.exporting.models import DataExport
from tests.cast import Cast
from tests.evidence import unchanged
from tests.web.conftest import made

pytestmark = pytest.mark.django_db
WHY = "Quarterly review with finance"
FORM = {
    "of": "accounts",
    "columns": ["name", "employees"],
    "format": "csv",
    "layout": "reading",
    "purpose": WHY,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.EXPORT_DIR = str(tmp_path / "exports")


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "APPROVAL_ROWS", 2)


def ask(by: Any, **how: Any) -> DataExport:
    wanted = {"record_type": "accounts", "parameters": {}, "columns": ["name"], "purpose": WHY} | how
    return request_export(by=by, **wanted)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_list_leads_to_the_form_with_its_own_filters(browse: Any, cast: Cast):
    made(cast.alice, name="Acme", employees="500")
    made(cast.alice, name="Small", employees="5")
    browser = browse(cast.alice)
    page = browser.get("/accounts/?employees__gte=100&columns=name,city&sort=-name")
    address = page.context["export_url"]
    assert address.replace("&", "&amp;") in page.content.decode()
    form = browser.get(address)
    assert "1 row that you see in this list, where <b>Employees</b> at least <b>100</b>" in text(form)
    chosen = [field.name for field, held, _ in form.context["fields"] if held]
    assert chosen == ["name", "city"]
    assert "/exports/new/" not in browse(cast.otto).get("/accounts/").content.decode()


def test_export_goes_from_form_to_file(browse: Any, cast: Cast):
    made(cast.alice, name="Acme", employees="500")
    made(cast.charlie, name="Foreign", employees="600")
    browser = browse(cast.alice)
    asked = browser.post("/exports/new/", FORM | {"list": "employees__gte=100"})
    export = DataExport.objects.get()
    assert (asked.status_code, asked["Location"]) == (303, f"/exports/{export.pk}/")
    page = browser.get(f"/exports/{export.pk}/")
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert browser.get(f"/exports/{export.pk}/file/").status_code == 422
    writing.write(export.pk)
    page = text(browser.get(f"/exports/{export.pk}/"))
    assert "every 2s" not in page
    assert f"Download account-export-{export.pk}.csv" in page
    answer = browser.get(f"/exports/{export.pk}/file/")
    assert answer["Content-Disposition"] == f'attachment; filename="account-export-{export.pk}.csv"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        "text/csv; charset=utf-8",
        "nosniff",
    )
    assert answer["Cache-Control"] == "private, no-store"
    number = Account.objects.get(name="Acme").pk
    wanted = f"\ufeffNumber,Name,Employees\r\nACC-{number:06d},Acme,500\r\n"
    assert answer.getvalue().decode() == wanted


def test_refusal_keeps_what_was_chosen(browse: Any, cast: Cast):
    made(cast.alice, name="Acme")
    browser = browse(cast.alice)
    with unchanged():
        answer = browser.post("/exports/new/", FORM | {"purpose": "no", "format": "xlsx"})
    assert answer.status_code == 422
    assert "Say what the file is for, in 10 to 500 visible characters" in text(answer)
    assert '<option value="xlsx" selected>' in answer.content.decode()
    assert [field.name for field, held, _ in answer.context["fields"] if held] == ["name", "employees"]


def test_filter_one_may_not_use_is_refused_in_the_form(browse: Any, cast: Cast):
    answer = browse(cast.alice).get("/exports/new/?of=accounts&list=tax_id%3D1")
    assert "This list cannot be exported" in text(answer)


def test_approver_sees_what_is_asked_and_decides(browse: Any, cast: Cast, low: None):
    for name in ("One", "Two", "Three"):
        made(cast.alice, name=name)
    browse(cast.alice).post("/exports/new/", FORM | {"list": "employees__empty=true"})
    export = DataExport.objects.get()
    address = f"/exports/{export.pk}/"
    mine = text(browse(cast.alice).get(address))
    assert "Somebody in operations has to approve it" in mine
    assert "decide/" not in mine
    rita = browse(cast.rita)
    assert [one.export for one in rita.get("/exports/?show=waiting").context["entries"]] == [export]
    page = text(rita.get(address))
    assert "It has 3 rows; more than 2 need an approval." in page
    assert "Employees is empty" in page
    assert WHY in page
    answer = rita.post(f"{address}decide/", {"decision": "reject"})
    assert (answer.status_code, "Say why it is rejected" in text(answer)) == (422, True)
    assert rita.post(f"{address}decide/", {"decision": "approve"}).status_code == 303
    export.refresh_from_db()
    assert (export.state, export.decided_by) == ("queued", cast.rita)


def test_export_of_somebody_else_is_seen_by_those_who_answer_for_it(browse: Any, cast: Cast, low: None):
    for name in ("One", "Two", "Three"):
        made(cast.alice, name=name)
    export, quick = ask(cast.alice), ask(cast.alice, parameters={"employees": "1"})
    writing.write(quick.pk)
    for who, status in (
        ("bob", 404),
        ("mona", 404),
        ("eddie", 404),
        ("otto", 200),
        ("ada", 200),
        ("rita", 200),
    ):
        browser = browse(getattr(cast, who))
        assert browser.get(f"/exports/{export.pk}/").status_code == status, who
        assert browser.get(f"/exports/{quick.pk}/file/").status_code == (403 if status == 200 else 404), who
        with unchanged():
            decided = browser.post(f"/exports/{export.pk}/decide/", {"decision": "reject", "reason": ""})
        assert decided.status_code == {"rita": 422}.get(who, 403 if status == 200 else 404), who
    assert browse(cast.eddie).get("/exports/").status_code == 404
    assert browse(cast.otto).get("/exports/new/?of=accounts").status_code == 403


def test_log_costs_the_same_for_one_row_and_for_three(browse: Any, cast: Cast, settled_organisation: None):
    def queries(path: str) -> int:
        browser = browse(cast.rita)
        browser.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(path).status_code == 200
        return len(captured)

    made(cast.alice, name="Acme")
    ask(cast.alice)
    assert queries("/exports/") == 5
    ask(cast.bob)
    ask(cast.rita)
    assert queries("/exports/") == 5


def test_log_goes_back_in_pages(browse: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("revops.web.views.exports.PAGE", 2)
    made(cast.alice, name="Acme")
    first, second, third = ask(cast.alice), ask(cast.alice), ask(cast.alice)
    browser = browse(cast.alice)
    page = browser.get("/exports/")
    assert [one.export for one in page.context["entries"]] == [third, second]
    older = browser.get(page.context["older"])
    assert [one.export for one in older.context["entries"]] == [first]


def test_purpose_is_shown_as_text(browse: Any, cast: Cast):
    made(cast.alice, name="Acme")
    export = ask(cast.alice, purpose="<script>alert(1)</script>")
    for address in ("/exports/", f"/exports/{export.pk}/"):
        page = browse(cast.alice).get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
