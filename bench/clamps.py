"""Holds the open deals of a database to their evidence as every night does, and prints what it took, as JSON."""

import json
import sys
import time
from typing import Any

import django

# Statements of the process itself: what it keeps in memory and looks after twice a second.
OWN = ("people_", "policies_policystamp", "SAVEPOINT")


def main() -> None:
    """Print the nights and the statements of batches; the arguments: open deals, and the sizes of two batches."""
    open_deals, sizes = int(sys.argv[1]), json.loads(sys.argv[2])
    django.setup()
    lay(open_deals)
    statements = [batch(size) for size in sizes]
    print(json.dumps({"nights": [night() for _ in range(2)], "statements": statements}))


def lay(open_deals: int) -> None:
    """Leave so many deals open, every third of them forecast as best case, upside or commit."""
    from opportunities.enums import OPEN
    from opportunities.models import Opportunity
    from revops.kernel.guard import permit

    deals = Opportunity.objects.filter(stage__in=OPEN).order_by("pk")
    last = deals.values_list("pk", flat=True)[open_deals - 1 : open_deals].first() or 2**63 - 1
    with permit():
        deals.filter(pk__gt=last).update(forecast_category="pipeline")
        for place, category in enumerate(("best_case", "upside", "commit")):
            deals.filter(pk__lte=last, pk__in=_every_ninth(place)).update(
                stage="proposal", forecast_category=category
            )


def _every_ninth(place: int) -> Any:
    from django.db.models import F
    from django.db.models.functions import Mod

    from opportunities.models import Opportunity

    rows = Opportunity.objects.annotate(ninth=Mod(F("pk"), 9))
    return rows.filter(ninth=place).values("pk")


def night() -> dict[str, Any]:
    """Hold everything once."""
    from opportunities.actions.categories import clamping
    from opportunities.enums import OPEN
    from opportunities.models import Opportunity
    from opportunities.policies.categories import GATED
    from revops.kernel import clocks

    deals = Opportunity.objects.filter(stage__in=OPEN)
    promising = deals.filter(forecast_category__in=GATED).count()
    started = time.perf_counter()
    down = clamping.clamp(clocks.now())
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "down": down, "promising": promising, "open": deals.count()}


def batch(size: int) -> int:
    """Return how many statements one batch takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from opportunities.actions.categories import holding
    from opportunities.models import Opportunity
    from opportunities.policies.categories import GATED
    from revops.kernel import audit
    from revops.kernel.audit.writing import lock_many
    from revops.kernel.identity.models import User

    rows = Opportunity.objects.filter(stage="proposal", forecast_category__in=GATED).order_by("pk")
    pks = list(rows.values_list("pk", flat=True)[:size])
    with (
        CaptureQueriesContext(connection) as seen,
        audit.change(by=User.objects.system(), action="bench.hold"),
    ):
        holding.hold(lock_many(Opportunity.objects.filter(pk__in=pks)))
    return len([one for one in seen if not any(name in one["sql"] for name in OWN)])


if __name__ == "__main__":
    main()
