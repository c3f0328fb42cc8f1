"""The wizard's pages: a file from upload to report and back, each step in words, nobody's rights exceeded."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import edit_account
from accounts.models import Account
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import ImportDraft, SavedMapping
from revops.web import import_rows
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.exchange.wizards import import_dir, worked

__all__ = ["import_dir"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_dir")]

FILE = (
    "Id,IsDeleted,Name,Type,Industry,AnnualRevenue,NumberOfEmployees,Website\n"
    "001A,FALSE,Harbor Works,Prospect,Energy,1000.50,10,https://harborworks.com\n"
    "001B,FALSE,Quay Works,Prospect,Energy,a lot,20,https://quayworks.com\n"
    "001C,FALSE,Pier Works,Key Client,Energy,a lot,30,https://pierworks.com\n"
)
GOOD = FILE.replace("a lot", "2000").replace("Key Client", "Prospect")


@pytest.fixture
def rita(browse: Any, cast: Cast) -> Any:
    return browse(cast.rita)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def send(
    browser: Any, content: str | bytes = FILE, name: str = "Account.csv", object: str = "account"
) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return browser.post("/imports/new/", {"object": object, "file": SimpleUploadedFile(name, data)})


def started(browser: Any, content: str | bytes = FILE) -> str:
    """Upload a file; return the address of its import."""
    answer = send(browser, content)
    assert answer.status_code == 303, text(answer)
    return str(answer["Location"]).removesuffix("read/")


def draft_of(url: str) -> ImportDraft:
    return ImportDraft.objects.get(pk=int(url.split("/")[2]))


def work(url: str) -> ImportDraft:
    return worked(draft_of(url))


def brought(browser: Any, content: str = GOOD) -> str:
    """Bring a file in by its pages; return the address of the import."""
    url = started(browser, content)
    browser.post(f"{url}check/")
    work(url)
    browser.post(f"{url}commit/")
    assert work(url).state == "done"
    return url


# -- the whole way -----------------------------------------------------------------------------------------


def test_file_goes_from_upload_to_revert(rita: Any):
    url = started(rita)
    page = text(rita.get(f"{url}read/"))
    assert "3 rows and 8 columns below the header in line 1." in page
    assert "Harbor Works" in page
    page = text(rita.get(f"{url}map/"))
    assert "Salesforce, fits 8 of 8 columns" in page
    assert "Key Client" in text(rita.get(f"{url}values/"))
    words = {"field": "status", "word": "Key Client", "choice": "customer"}
    assert rita.post(f"{url}values/", words)["Location"] == f"{url}check/"
    page = text(rita.post(f"{url}check/"))
    assert "Every row is being checked; nothing is written" in page
    assert f'hx-get="{url}progress/"' in page
    work(url)
    answer = rita.get(f"{url}check/")
    assert [(word, count) for _, word, count in answer.context["outcomes"]] == [("new", 1), ("rejected", 2)]
    assert "2 of 3 rows would be refused" in text(answer)
    assert Account.objects.count() == 0
    cell = {"line": 3, "place": 5, "before": "a lot", "text": "2000", "do": "everywhere"}
    assert "2 cells written" in text(rita.htmx_post(f"{url}cell/", cell))
    page = text(rita.post(f"{url}repair/"))
    assert "The repaired rows were checked again. No row is refused any more." in page
    page = text(rita.get(f"{url}commit/"))
    assert "3 rows will be written: 3 new, 0 changed." in page
    assert "The rows are being imported" in text(rita.post(f"{url}commit/"))
    work(url)
    answer = rita.get(url)
    assert (answer.status_code, answer["Location"]) == (303, f"{url}report/")
    page = text(rita.get(f"{url}report/"))
    assert f'<a href="{url}rows/?outcome=created">3</a>' in page
    assert sorted(Account.objects.values_list("name", flat=True)) == [
        "Harbor Works",
        "Pier Works",
        "Quay Works",
    ]
    page = text(rita.get(f"{url}revert/"))
    assert "3 records that the import created would be removed" in page
    assert rita.post(f"{url}revert/")["Location"] == f"{url}report/"
    work(url)
    assert "The import was taken back: 3 records removed, 0 restored." in text(rita.get(f"{url}report/"))
    assert Account.objects.count() == 0


def test_steps_lead_back_and_not_ahead(rita: Any):
    url = started(rita)
    answer = rita.get(f"{url}map/")
    links = {step.key: bool(step.url) for step in answer.context["steps"]}
    assert links == {
        "upload": False, "read": True, "map": True, "values": True, "check": True,
        "repair": False, "commit": False, "report": False,
    }  # fmt: skip
    assert [step.key for step in answer.context["steps"] if step.is_done] == ["upload", "read"]
    assert rita.get(f"{url}commit/")["Location"] == f"{url}check/"
    assert rita.get(f"{url}repair/")["Location"] == f"{url}check/"


# -- reading, mapping, words -------------------------------------------------------------------------------


def test_question_is_asked_and_keeps_the_check_until_it_is_answered(rita: Any):
    url = started(rita, GOOD.replace("1000.50", "1.234").replace("2000", "2.345"))
    page = text(rita.get(f"{url}read/"))
    assert "1 question that the file does not answer" in page
    assert page.index("AnnualRevenue”") < page.index("The first 3 of 3 rows")
    refused = rita.post(f"{url}check/")
    assert (refused.status_code, "The file was not checked" in text(refused)) == (422, True)
    answer = rita.post(f"{url}read/", {"answers": "1", "answer-decimal:5": ".", "next": "1"})
    assert answer["Location"] == f"{url}map/"
    assert "Your answers" in text(rita.get(f"{url}read/"))
    rita.post(f"{url}check/")
    assert work(url).state == "checked"


def test_options_read_the_file_again(rita: Any):
    latin = FILE.replace("Harbor", "Société").replace(",", ";").encode("cp1252")
    url = started(rita, latin)
    page = text(
        rita.post(f"{url}read/", {"encoding": "cp1252", "delimiter": "semicolon", "header_line": "1"})
    )
    assert "Société Works" in page
    page = text(rita.post(f"{url}read/", {"encoding": "mac-roman"}))
    assert "Société" not in page
    refused = rita.post(f"{url}read/", {"header_line": "no line"})
    assert (refused.status_code, "The file was not read again" in text(refused)) == (422, True)


def test_mapping_by_hand_is_kept_and_taken_again(rita: Any):
    url = started(rita, GOOD)
    form = {
        "column-4": "", "column-7": ["website", "domain"], "constant-field": ["city"], "constant-text": ["Oslo"],
        "do": "next",
    }  # fmt: skip
    assert rita.post(f"{url}map/", form)["Location"] == f"{url}values/"
    sheet = wizard.mapping(draft_of(url), by=draft_of(url).created_by)
    by_header = {column.header: list(column.fields) for column in sheet.columns}
    assert (by_header["Industry"], by_header["Website"]) == ([], ["website", "domain"])
    assert sheet.constants == {"city": "Oslo"}
    page = text(rita.post(f"{url}map/", {"do": "save", "name": "Partners", "shared": "true"}))
    assert "Saved as “Partners”" in page
    saved = SavedMapping.objects.get()
    assert (saved.name, saved.is_shared) == ("Partners", True)
    other = started(rita, GOOD)
    rita.post(f"{other}map/", {"do": "take", "key": f"saved:{saved.pk}"})
    assert wizard.mapping(draft_of(other), by=draft_of(other).created_by).constants == {"city": "Oslo"}


def test_word_that_is_none_of_ours_is_asked_once(rita: Any):
    url = started(rita)
    page = text(rita.get(f"{url}values/"))
    assert "1 word of the file is none of our choices" in page
    rita.post(f"{url}values/", {"field": "status", "word": "Key Client", "choice": "customer"})
    assert "Every word of the file has its meaning." in text(rita.get(f"{url}values/"))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 nothing", "offer.pdf", "PDF"),
        (b"", "empty.csv", "empty"),
        (b"\xd0\xcf\x11\xe0old", "old.xls", "old Excel"),
    ],
)
def test_file_that_is_no_table_is_refused_in_words(rita: Any, content: bytes, name: str, words: str):
    answer = send(rita, content, name)
    if answer.status_code == 303:
        url = str(answer["Location"]).removesuffix("read/")
        answer = rita.get(f"{url}read/")
    assert words in text(answer)


def test_no_file_is_refused_in_words(rita: Any):
    with unchanged():
        answer = rita.post("/imports/new/", {"object": "account"})
    assert (answer.status_code, "Choose a file to import." in text(answer)) == (422, True)


# -- repair ------------------------------------------------------------------------------------------------


def test_cell_is_written_alone_and_taken_back(rita: Any):
    url = started(rita)
    rita.post(f"{url}check/")
    work(url)
    page = rita.get(f"{url}repair/?code=IMP-120&column=AnnualRevenue")
    assert [(one.line, one.cell) for one in page.context["found"].rows] == [(3, "a lot"), (4, "a lot")]
    written = rita.htmx_post(
        f"{url}cell/", {"line": 3, "place": 5, "text": "7", "before": "a lot", "do": "cell"}
    )
    assert "1 cell written" in text(written)
    assert [(one.line, one.after) for one in wizard.repairs(draft_of(url))] == [(3, "7")]
    assert "Taken back" in text(rita.htmx_post(f"{url}cell/", {"line": 3, "place": 5, "do": "undo"}))
    assert wizard.repairs(draft_of(url)) == []
    assert rita.htmx_post(f"{url}cell/", {"line": "x", "place": 5, "do": "cell"}).status_code == 404


def test_text_of_the_file_is_shown_as_text(rita: Any):
    bad = "<script>alert(1)</script>"
    url = started(
        rita, FILE.replace("Harbor Works", bad).replace("a lot", bad).replace("Website", f"Web{bad}")
    )
    rita.post(f"{url}check/")
    work(url)
    for step in ("read", "map", "values", "check", "repair", "commit"):
        page = rita.get(f"{url}{step}/").content.decode()
        assert "<script>alert" not in page, step
    assert "&lt;script&gt;" in rita.get(f"{url}repair/").content.decode()


# -- report, rows, revert ----------------------------------------------------------------------------------


def test_rows_lead_to_their_records_as_far_as_one_sees_them(rita: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(import_rows, "PAGE", 2)
    url = brought(rita)
    first = rita.get(f"{url}rows/?outcome=created")
    assert [one.title for one in first.context["rows"]] == ["Harbor Works", "Quay Works"]
    second = rita.get(first.context["next"])
    assert [one.title for one in second.context["rows"]] == ["Pier Works"]
    assert second.context["next"] == ""
    assert rita.get(f"{url}rows/?outcome=rejected").context["rows"] == []


def test_rows_cost_the_same_for_one_and_for_three(rita: Any, settled_organisation: None):
    def queries(url: str) -> int:
        rita.get(f"{url}rows/")
        with CaptureQueriesContext(connection) as captured:
            assert rita.get(f"{url}rows/").status_code == 200
        return len(captured)

    one = brought(rita, "\n".join(GOOD.splitlines()[:2]) + "\n")
    three = brought(
        rita, GOOD.replace("001", "002").replace("works.com", "quays.com").replace("Works", "Quays")
    )
    assert (queries(one), queries(three)) == (7, 7)


def test_list_costs_the_same_for_one_and_for_three(rita: Any, settled_organisation: None):
    def queries() -> int:
        rita.get("/imports/")
        with CaptureQueriesContext(connection) as captured:
            assert rita.get("/imports/").status_code == 200
        return len(captured)

    started(rita)
    first = queries()
    started(rita, FILE + "\n")
    started(rita, GOOD)
    assert queries() == first


def test_rejected_rows_come_as_a_file_that_can_be_mended(rita: Any):
    url = started(rita)
    rita.post(f"{url}check/")
    work(url)
    answer = rita.get(f"{url}errors/")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert len(lines) == 3
    assert "Quay Works" in lines[1]


def test_revert_tells_what_stays_and_why(rita: Any, cast: Cast):
    url = brought(rita)
    account = Account.objects.get(name="Quay Works")
    edit_account(by=cast.rita, pk=account.pk, changes={"city": "Bergen"})
    page = text(rita.get(f"{url}revert/"))
    assert "2 records that the import created would be removed" in page
    assert "and 1 would stay as it is" in page
    assert f'<a href="/accounts/{account.pk}/" class="number">ACC-{account.pk:06d}</a>' in page
    rita.post(f"{url}revert/")
    work(url)
    assert list(Account.objects.values_list("name", flat=True)) == ["Quay Works"]
    assert "1 kept because somebody has worked on it since" in text(rita.get(f"{url}report/"))


# -- rights ------------------------------------------------------------------------------------------------


def test_imports_are_seen_by_those_who_answer_for_them(browse: Any, cast: Cast, rita: Any):
    url = started(rita)
    steps = ("", "read/", "map/", "values/", "check/", "progress/")
    browsers = {who: browse(getattr(cast, who)) for who in ("alice", "mona", "eddie", "fin", "ada", "mark")}
    with unchanged():
        for who, browser in browsers.items():
            assert {browser.get(f"{url}{step}").status_code for step in steps} == {404}, who
            for step in ("read/", "map/", "values/", "check/", "cell/", "commit/", "discard/"):
                assert browser.post(f"{url}{step}", {"line": 2, "place": 2}).status_code == 404, (who, step)
    for who, status in (("alice", 404), ("mark", 200), ("otto", 200), ("olga", 200)):
        assert browse(getattr(cast, who)).get("/imports/").status_code == status, who


def test_auditor_looks_and_changes_nothing(browse: Any, cast: Cast, rita: Any):
    url = started(rita)
    otto = browse(cast.otto)
    assert otto.get(f"{url}read/").status_code == 200
    assert "Discard" not in text(otto.get(f"{url}read/"))
    assert otto.get("/imports/new/").status_code == 403
    with unchanged():
        for step in ("read/", "check/", "discard/", "map/"):
            assert otto.post(f"{url}{step}", {"encoding": "cp1252"}).status_code == 403, step
        assert otto.get(f"{url}revert/").status_code == 403


def test_import_is_discarded_with_its_file(
    rita: Any, import_dir: Path, django_capture_on_commit_callbacks: Any
):
    url = started(rita)
    assert len(list(import_dir.iterdir())) >= 1
    with django_capture_on_commit_callbacks(execute=True):
        assert rita.post(f"{url}discard/")["Location"] == "/imports/"
    assert rita.get(url).status_code == 404
    assert list(import_dir.iterdir()) == []
