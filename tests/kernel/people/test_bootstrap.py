"""The first command of a new installation leaves a calendar behind, so that nothing has to be set up before work."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command

from revops.kernel.clocks import calendars, fiscal
from revops.kernel.clocks.models import FiscalPeriod
from revops.kernel.identity.models import User

pytestmark = pytest.mark.django_db


def bootstrap(*options: str) -> None:
    call_command("bootstrap", "--email=ada@example.com", "--name=Ada", "--no-password", *options)


def test_bootstrap_creates_administrator_years_and_hours(capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap()
    assert User.objects.filter(kind="person").count() == 1
    assert capsys.readouterr().out == "Ada may sign in as ada@example.com.\n"
    assert FiscalPeriod.objects.filter(kind="year").count() == 21
    assert fiscal.quarter_token(date(2026, 5, 1)) == "Q2"
    assert calendars.get("default").tz == ZoneInfo(settings.ORG_TIME_ZONE)


def test_bootstrap_names_a_shifted_year_after_its_end() -> None:
    bootstrap("--fiscal-year-starts=4")
    assert fiscal.period_of(date(2026, 5, 1), "year").label == "FY2027"
    assert fiscal.quarter_token(date(2026, 5, 1)) == "Q1"
