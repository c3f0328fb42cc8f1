"""The measuring stand runs at its smallest size; nothing here asserts a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Product
from bench import generate, load, meter, results
from bench.lines import at_least, at_most
from bench.volume import names, rows, sql
from tests.guards.house import ROOT

TINY = (
    "--accounts 1200 --fewer 1200 --few 1200 --through-actions 1000 --requests 2 --rounds 1 --bulk 1000"
    " --leads 4000 --deals 4000 --contacts 600 --companies 600 --imported 1000 --searches 5"
)
SECTIONS = [
    "## Lists: fifty customers by name",
    "## Creates",
    "## Creates of leads and deals",
    "## Many rows at once",
    "## Lists: fifty leads, the newest first",
    "## Lists: fifty deals in a stage, the largest first",
    "## Search over all records",
    "## Fragments at a million deals",
    "## Boards at a million deals",
    "## Simulations over open deals",
    "## Hygiene by rep",
    "## Forecast categories at night",
    "## Transitions of deals",
    "## Silent deals at night",
    "## Clocks",
    "## Lists: fifty deals of an owner and a stage, the largest first",
    "## Imports of leads",
]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="CPU time is read from /proc")
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="once is enough: the stand starts a server of its own"
)
def test_stand_measures_everything_and_writes_its_results(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", *TINY.split(), "--results", str(tmp_path / "results.md")]
    given = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REPORTS_DATABASE_URL")
    }
    ended = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-2_000:] + ended.stderr[-4_000:]
    text = (tmp_path / "results.md").read_text()
    sections = [line for line in text.splitlines() if line.startswith("## ")]
    assert sorted(sections) == sorted(SECTIONS)
    queries = [line for line in text.splitlines() if line.startswith("| Queries")]
    assert len(queries) == 18
    # Leads and deals end too soon here, and not each of the first few leads matches an account.
    assert all("| constant | yes |" in line for line in queries[:6])


def test_describe_gives_every_account_a_name_and_a_domain_of_its_own() -> None:
    described = [generate.describe(number) for number in range(1, 2_001)]
    for name in ("name", "domain", "billing_account_ext"):
        assert len({values[name] for values in described}) == 2_000
    assert generate.describe(7) == generate.describe(7)


def test_meter_counts_the_work_of_children_that_have_ended() -> None:
    before = meter.cpu_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    assert meter.cpu_seconds([os.getpid()]) > before


def test_request_encodes_a_body_of_its_own_for_every_number() -> None:
    request = load.Request("POST", "/here/", {"Authorization": "Token x"}, lambda number: b"%d" % number, 201)
    head, _, body = request.encode(12).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /here/ HTTP/1.1\r\n")
    assert b"Content-Length: 2" in head
    assert body == b"12"


def test_results_of_a_part_leave_the_other_sections_as_they_are() -> None:
    kept = results.sections("# Results\n\n## First\n\n* one\n\n| a | b |\n\n## Second\n\n* two\n")
    assert kept == {"First": "* one\n\n| a | b |", "Second": "* two"}


def test_volume_tells_every_column_of_its_rows() -> None:
    every = [*rows.accounts(10), *rows.products(), *rows.contacts(10, 10), *rows.leads(10, 20, 10)]
    every += [*rows.deals(10, 10), *rows.holdings("accounts.lead", "accounts_lead", also=True)]
    tables = [statement.split()[2] for statement in every]
    assert tables == [
        "accounts_account",
        "accounts_accountdomain",
        "accounts_product",
        "accounts_contact",
        "accounts_contactemail",
        "accounts_lead",
        "opportunities_opportunity",
        "opportunities_stageinterval",
        "people_ownershipinterval",
        "people_ownershipinterval",
    ]


def test_insert_refuses_a_column_that_nothing_is_usual_for() -> None:
    with pytest.raises(ValueError, match=r"Product.version|Product\.created_at needs a value"):
        sql.insert(Product, {"id": "n"}, "generate_series(1, 2) n")
    with pytest.raises(ValueError, match="has no columns"):
        sql.insert(Product, {"colour": "n"}, "generate_series(1, 2) n")


def test_vocabulary_holds_every_word_once() -> None:
    for name, listed in names.vocabulary().items():
        assert len(set(listed)) == len(listed), name


def test_lines_say_whether_the_target_is_met() -> None:
    assert at_most("s", "t", 2.0, 2, "").met is True
    assert at_most("s", "t", 2.01, 2, "").met is False
    assert at_least("s", "t", 2_999, 3_000, "").met is False
