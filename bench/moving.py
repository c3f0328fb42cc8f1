"""Moves deals one by one in this process: `python -m bench.moving MOVES`; prints milliseconds, statements as JSON."""

import json
import statistics
import sys
import time
from typing import Any

import django

CHUNK = 500


def ready(moves: int) -> list[Any]:
    """Return open deals in the first stage, each with its owner and what its gate asks for."""
    from accounts.models import Contact
    from opportunities.enums import EvidenceKind
    from opportunities.models import OppContactRole, Opportunity, StageEvidence
    from revops.kernel import audit, clocks
    from revops.kernel.audit.writing import lock_many
    from revops.kernel.identity.models import User

    rows = Opportunity.objects.filter(stage="qualification", owner__is_active=True).exclude(source="")
    deals = list(rows.select_related("owner").order_by("pk")[:moves])
    contact, now = Contact.objects.order_by("pk").first(), clocks.now()
    for start in range(0, len(deals), CHUNK):
        with audit.change(by=User.objects.system(), action="bench.ready"):
            chunk = [deal.pk for deal in deals[start : start + CHUNK]]
            held = lock_many(Opportunity.objects.filter(pk__in=chunk))
            for deal in held:
                deal.next_step, deal.next_step_on = "Go through the offer together", now.date()
            audit.write_many(held)
            audit.write_many(
                [
                    OppContactRole(opportunity=deal, contact=contact, role="champion", raw_label="bench")
                    for deal in held
                ]
            )
            audit.write_many(
                [
                    StageEvidence(
                        opportunity=deal,
                        kind=EvidenceKind.NEED_STATEMENT,
                        statement="They told us what they need",
                        stated_by=contact,
                        occurred_at=now,
                        url="https://files.example/minutes",
                        submitted_by=deal.owner,
                        submitted_at=now,
                    )
                    for deal in held
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
                    move_stage(by=deal.owner, pk=deal.pk, to="discovery", reason_code="criteria_met")
                statements = len([one for one in asked if one["sql"] not in ("BEGIN", "COMMIT")])
            else:
                move_stage(by=deal.owner, pk=deal.pk, to="discovery", reason_code="criteria_met")
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
