"""The demo company as it stands in the database after loading, once, as a new user loads it (002 §22)."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from accounts.models import Account, Lead
from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity, StageInterval
from revops.demo import plan, silence
from revops.kernel import clocks
from revops.kernel.audit.sealing import seal
from revops.kernel.audit.verifying import verify
from revops.kernel.dates import idle_days

CLUSTERS = json.loads((Path(__file__).parents[1] / "roof" / "demo_duplicates.json").read_text())

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="loaded once, on the engine of `make run`"),
]


def test_demo_company_is_the_case_study(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo")
    assert "300 accounts" in capsys.readouterr().out
    still_open = Opportunity.objects.filter(stage__in=OPEN)
    now, zone = clocks.now(), ZoneInfo(settings.ORG_TIME_ZONE)
    idle = [
        deal.pk
        for deal in still_open
        if idle_days(deal.last_buyer_activity_at, deal.opened_at, now, zone) > 30
    ]
    assert (still_open.count(), len(idle)) == (100, 28)
    won = Opportunity.objects.filter(stage=Stage.CLOSED_WON)
    assert won.aggregate(arr=Sum("amount"))["arr"] == 15_000_000
    names = set(Account.objects.values_list("name", flat=True))
    doubled = [name for cluster in CLUSTERS for name in cluster]
    assert (len(names), len(doubled), set(doubled) <= names) == (300, 51, True)
    assert Lead.objects.count() == len(plan.leads())
    assert StageInterval.objects.filter(active_to__isnull=True).count() == len(plan.deals()) + len(
        silence.DEALS
    )
    while seal():
        pass
    assert verify().findings == []
    call_command("load_demo")
    assert capsys.readouterr().out == "People exist already; the demo company is not loaded.\n"
