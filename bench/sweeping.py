"""Sweeps the open deals of a database as every night does, and prints what it took, as JSON."""

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django

# Statements of the process itself: what it keeps in memory and looks after twice a second; chunks of SQLite.
OWN = ("people_", "policies_policystamp", "SAVEPOINT")
# For how many of a hundred open deals a step is due in a night; everybody else was heard a day ago.
DUE = 3


def main() -> None:
    """Print the nights and the statements of batches; the arguments: open deals, and the sizes of two batches."""
    open_deals, sizes = int(sys.argv[1]), json.loads(sys.argv[2])
    django.setup()
    from revops.kernel import clocks

    now = clocks.now()
    lay(open_deals, now)
    told = [night(now), night(now)]
    print(json.dumps({"nights": told, "statements": [batch(size, now) for size in sizes]}))


def lay(open_deals: int, now: datetime) -> None:
    """Leave so many deals open; of a hundred, three were silent for as long as some step asks, the rest for a day."""
    from django.db.models import F
    from django.db.models.functions import Mod

    from opportunities.enums import OPEN
    from opportunities.models import Opportunity
    from revops.kernel.guard import permit

    deals = Opportunity.objects.filter(stage__in=OPEN).order_by("pk")
    last = deals.values_list("pk", flat=True)[open_deals - 1 : open_deals].first() or 2**63 - 1
    with permit():
        deals.update(last_buyer_activity_at=now - timedelta(days=1))
        for place, silent in enumerate((31, 46, 95)[:DUE]):
            marked = Opportunity.objects.annotate(share=Mod(F("pk"), 100)).filter(share=place)
            deals.filter(pk__lte=last, pk__in=marked.values("pk")).update(
                last_buyer_activity_at=now - timedelta(days=silent)
            )


def night(now: datetime) -> dict[str, Any]:
    """Sweep everything once."""
    from opportunities.actions import sweeping
    from opportunities.actions.sweeping import looking

    held = looking.open_deals().count()
    started = time.perf_counter()
    told = sweeping.sweep(now)
    return {"seconds": time.perf_counter() - started, "open": held, "told": str(told)}


def batch(size: int, now: datetime) -> int:
    """Return how many statements one batch of nudges takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from opportunities.actions.sweeping import looking
    from opportunities.actions.sweeping.sweep import take
    from opportunities.models import Opportunity
    from revops.kernel.guard import permit

    rows = looking.open_deals().filter(idle_steps__isnull=True).order_by("pk")
    pks = list(rows.values_list("pk", flat=True)[:size])
    with permit():
        Opportunity.objects.filter(pk__in=pks).update(last_buyer_activity_at=now - timedelta(days=31))
    with CaptureQueriesContext(connection) as seen:
        take(pks, looking.begin(now))
    return len([one for one in seen if not any(name in one["sql"] for name in OWN)])


if __name__ == "__main__":
    main()
