"""The demo company is the case study of 002 §22: its numbers are exact and the same every time."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from opportunities.enums import CLOSED, OpportunityType, Stage
from revops.demo import plan
from revops.demo.plan.companies import DAYS

CLUSTERS = json.loads(Path(__file__).with_name("demo_duplicates.json").read_text())
NOW = timedelta(days=DAYS)


def test_gt22_plan_has_its_part_of_the_idle_open_deals():
    still_open = [deal for deal in plan.deals() if deal.stage not in CLOSED]
    last_word = [max(talk.at for talk in deal.talks if talk.from_buyer) for deal in still_open]
    assert len(still_open) == 95
    assert sum(NOW - at > timedelta(days=30) for at in last_word) == 27
    assert all(abs(NOW - at - timedelta(days=30)) > timedelta(days=2) for at in last_word)


def test_gt23_plan_spells_seventeen_accounts_in_a_hundred_twice():
    assert plan.clusters() == CLUSTERS
    assert (len(plan.companies()), sum(len(names) for names in CLUSTERS)) == (300, 51)
    assert len({company.domain for company in plan.companies()}) == 300


def test_plan_won_fifteen_million_of_recurring_revenue():
    won = [deal for deal in plan.deals() if deal.stage == Stage.CLOSED_WON]
    assert sum(deal.amount for deal in won) == Decimal(15_000_000)
    assert Counter(deal.type for deal in won) == {OpportunityType.NEW: 90, OpportunityType.EXPANSION: 20}


def test_plan_is_told_in_order():
    for deal in plan.deals():
        instants = [deal.opens, *(step.at for step in deal.steps)]
        assert instants == sorted(instants)
        assert plan.companies()[deal.company].begins < deal.opens
        assert all(deal.opens <= talk.at < NOW for talk in deal.talks)
    assert all(lead.begins < NOW for lead in plan.leads())
    assert len({lead.email for lead in plan.leads()}) == len(plan.leads())
