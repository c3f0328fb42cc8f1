"""Moves deals one by one in this process: `python -m bench.moving MOVES`; prints milliseconds, statements as JSON."""

import json
import statistics
import sys
import time
from typing import Any

import django

CHUNK = 500


def ready(moves: int) -> list[Any]:
    """Return open deals in the first stage, each with its owner and a contact in a role."""
    from accounts.models import Contact
    from opportunities.models import OppContactRole, Opportunity
    from revops.kernel import audit
    from revops.kernel.identity.models import User

    rows = Opportunity.objects.filter(stage="qualification", owner__is_active=True).exclude(source="")
    deals = list(rows.select_related("owner").order_by("pk")[:moves])
    contact = Contact.objects.order_by("pk").first()
    for start in range(0, len(deals), CHUNK):
        with audit.change(by=User.objects.system(), action="bench.ready"):
            audit.write_many(
                [
                    OppContactRole(opportunity=deal, contact=contact, role="champion", raw_label="bench")
                    for deal in deals[start : start + CHUNK]
                ]
            )
    return deals


def main() -> None:
    """Print what the moves took."""
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from opportunities.actions import move_stage
    from revops.kernel.audit import Blocked
    from revops.kernel.people.access import Forbidden

    took, statements, refused = [], 0, 0
    for deal in ready(int(sys.argv[1])):
        started = time.perf_counter()
        try:
            if len(took) == 20:
                with CaptureQueriesContext(connection) as asked:
                    move_stage(by=deal.owner, pk=deal.pk, to="discovery")
                statements = len([one for one in asked if one["sql"] not in ("BEGIN", "COMMIT")])
            else:
                move_stage(by=deal.owner, pk=deal.pk, to="discovery")
        except (Blocked, Forbidden):
            refused += 1
            continue
        took.append((time.perf_counter() - started) * 1_000)
    cuts = statistics.quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
    told = {
        "moves": len(took),
        "refused": refused,
        "p50": cuts[49],
        "p95": cuts[94],
        "statements": statements,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
