"""Deals as they lie in a database after a year of work: drawn by chance from a seed, written without their history."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Account
from opportunities.enums import CLOSED, ForecastCategory, Stage
from opportunities.models import Opportunity, StageBaseline
from revops.kernel.guard import permit
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.opportunities.conftest import lay_lists, make_account

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
OWNERS = ("alice", "bob", "charlie")


def lay_deals(cast: Cast, count: int, seed: int = 7) -> list[Opportunity]:
    """Write deals of Alice, Bob and Charlie in every state of hygiene, and how long won ones usually took."""
    lay_lists()
    account = Account.objects.filter(name="Acme").first() or make_account(cast)
    dice = random.Random(seed)
    made = [_deal(cast, account, dice, n) for n in range(count)]
    usual = [
        StageBaseline(
            segment=segment,
            stage=stage,
            wins=40,
            p75_days=20,
            median_days=15,
            measured=True,
            as_of=NOW,
            created_at=NOW,
            updated_at=NOW,
        )
        for segment in ("MM", "ENT")
        for stage in (Stage.QUALIFICATION, Stage.PROPOSAL)
    ]
    with permit():
        StageBaseline.objects.bulk_create(usual, ignore_conflicts=True)
        return list(Opportunity.objects.bulk_create(made))


def deal(
    cast: Cast, account: Account, number: int = 0, *, owner: str = "alice", **values: Any
) -> Opportunity:
    """Return a deal that lacks nothing but what `values` takes away; not written."""
    person = cast.people[owner]
    given: dict[str, Any] = {
        "account": account,
        "name": f"Deal {number:04}",
        "segment": "MM",
        "stage": Stage.QUALIFICATION,
        "stage_since": NOW - timedelta(days=3),
        "probability": "0.1",
        "amount": 1000 + number,
        "currency": "USD",
        "close_date": date(2026, 8, 1),
        "next_step": "Agree on the criteria",
        "next_step_on": date(2026, 6, 20),
        "opened_at": NOW - timedelta(days=40),
        "last_buyer_activity_at": NOW - timedelta(days=2),
        "source": "web",
        "geo": "NA",
        "owner": person,
        "team": cast.teams["West" if owner == "charlie" else "East"],
        "created_at": NOW,
        "updated_at": NOW,
        **values,
    }
    return Opportunity(**given)


def _deal(cast: Cast, account: Account, dice: random.Random, number: int) -> Opportunity:
    stage = dice.choice([*Stage, *Stage][:7])
    closed = NOW - timedelta(days=1) if stage in CLOSED else None
    heard = dice.choice(
        [None, *(NOW - timedelta(days=days, hours=dice.randrange(24)) for days in (1, 30, 31))]
    )
    return deal(
        cast,
        account,
        number,
        owner=dice.choice(OWNERS),
        segment=dice.choice(("SMB", "MM", "ENT", "STRAT")),
        stage=stage,
        stage_since=NOW - timedelta(days=dice.choice((2, 29, 31, 90))),
        closed_at=closed,
        booked_at=closed if stage == Stage.CLOSED_WON else None,
        forecast_category=dice.choice((ForecastCategory.PIPELINE, ForecastCategory.COMMIT)),
        close_date=NOW.date() + timedelta(days=dice.choice((-5, -1, 0, 30))),
        next_step=dice.choice(("", "Call the champion")),
        next_step_on=dice.choice(
            [None, *(NOW.date() + timedelta(days=days) for days in (-1, 0, 30, 31, 45, 46))]
        ),
        opened_at=NOW - timedelta(days=dice.choice((10, 30, 31, 200))),
        last_buyer_activity_at=heard,
        push_count=dice.choice((0, 0, 1, 3)),
        source=dice.choice(("", "web")),
        geo=dice.choice(("", "NA")),
        amount=dice.choice((None, 500)),
    )


def lay_clocks(cast: Cast, met: int, breached: int, *, owner: str = "alice") -> None:
    """Write decided clocks that somebody answered for."""
    rows = []
    for number in range(met + breached):
        is_met = number < met
        rows.append(
            SlaClock(
                policy_key="sla.test",
                policy_ref="sla.test@1",
                title="First touch",
                terms={},
                subject_type="accounts.lead",
                subject_id=cast.people[owner].pk * 1000 + number,
                subject=f"LEA-{number:06}",
                state="met" if is_met else "breached",
                measure="elapsed",
                target_s=60,
                started_at=NOW - timedelta(days=3),
                stopped_at=NOW - timedelta(days=2),
                breached_at=None if is_met else NOW - timedelta(days=2),
                owner=cast.people[owner],
                team=cast.teams["East"],
                created_at=NOW,
                updated_at=NOW,
            )
        )
    with permit():
        SlaClock.objects.bulk_create(rows)
