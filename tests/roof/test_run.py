"""The runner says so, and fails, where an engine cannot be had; it never passes over one in silence."""

from contextlib import contextmanager

import pytest

from tests import run
from tests.database import NoPostgres


@pytest.fixture
def no_postgres(monkeypatch):
    @contextmanager
    def none():
        raise NoPostgres("there is no server here")
        yield

    monkeypatch.setitem(run.ENGINES, "postgres", none)
    monkeypatch.delenv("ALLOW_NO_POSTGRES", raising=False)


def test_missing_postgres_fails_and_says_so(no_postgres):
    outcome = run.run("postgres", [])
    assert outcome.code == 1
    assert outcome.line().startswith("postgres: NOT RUN, there is no server here; give a server")


def test_missing_postgres_may_be_allowed_and_is_still_said(no_postgres, monkeypatch):
    monkeypatch.setenv("ALLOW_NO_POSTGRES", "1")
    outcome = run.run("postgres", [])
    assert outcome.code == 0
    assert outcome.line() == "postgres: NOT RUN, there is no server here; nothing was tested there"


@pytest.mark.parametrize(
    ("counts", "code", "line"),
    [
        ('tests="9" failures="1" errors="2" skipped="0"', 1, "6 passed, 3 failed"),
        ('tests="9" failures="0" errors="0" skipped="2"', 0, "7 passed, 0 failed, 2 skipped"),
    ],
)
def test_closing_line_counts_the_report(tmp_path, counts, code, line):
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite {counts}/></testsuites>")
    outcome = run.read("sqlite", code, report)
    assert (outcome.code, outcome.line()) == (code, f"sqlite: {line}")


def test_run_without_a_report_is_a_failure(tmp_path):
    outcome = run.read("sqlite", 0, tmp_path / "report.xml")
    assert (outcome.code, outcome.line()) == (1, "sqlite: 0 passed, 1 failed")
