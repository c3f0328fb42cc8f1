"""Simulates drafts over the open deals of a database, and prints how long it took and what was asked, as JSON."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import django

GATES, REQUIRED = "opportunities.exit_criteria", "opportunities.required_fields"
# Statements of the process itself: what it keeps in memory and looks after twice a second.
OWN = ("people_", "policies_policystamp")


def drafts() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield drafts: a title, the policy and its body."""
    from revops.kernel.policies import documents

    body = json.loads(json.dumps(documents.get(GATES).default))
    for one in body["criteria"]:
        one["mode"] = "observe"
    body["criteria"].append(
        {
            "key": "measured",
            "title": "The amount is large",
            "gate": "qualification",
            "rule": {"f": "opportunity.amount", "op": "gte", "v": 25_000},
        }
    )
    yield "a criterion added, the others observed", GATES, body
    fields = json.loads(json.dumps(documents.get(REQUIRED).default))
    for one in fields["fields"]:
        one["mode"] = "enforce" if one["field"] == "opportunity.next_step" else one.get("mode")
    yield "a required field enforced", REQUIRED, fields


def main() -> None:
    """Print an entry a draft; the arguments: who simulates, and the numbers of open deals, the last one counts."""
    who, sizes = int(sys.argv[1]), json.loads(sys.argv[2])
    django.setup()
    from revops.kernel.identity.models import User

    user = User.objects.get(pk=who)
    print(json.dumps([measured(user, *draft, sizes) for draft in drafts()]))


def measured(user: Any, title: str, key: str, body: dict[str, Any], sizes: list[int]) -> dict[str, Any]:
    """Simulate one draft over each number of open deals."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from revops.kernel.policies import simulating

    statements, seconds, impact = [], 0.0, None
    for size in sizes:
        limit(key, size)
        with CaptureQueriesContext(connections["reports"]) as reports:
            started = time.perf_counter()
            impact = simulating.simulate(key, body=body, by=user)
            impact.rows()
            seconds = time.perf_counter() - started
        statements.append(len([one for one in reports if not any(name in one["sql"] for name in OWN)]))
    if impact is None:
        raise SystemExit("No size was given.")
    return {
        "title": title,
        "total": impact.total,
        "changed": impact.changed,
        "seconds": seconds,
        "statements": statements,
    }


def limit(key: str, size: int) -> None:
    """Let the document simulate over the first so many open deals."""
    from opportunities.enums import OPEN
    from opportunities.models import Opportunity
    from revops.kernel.policies import documents

    document = documents.get(key)
    if document.simulation is None:
        raise SystemExit(f"{key} is not simulated.")
    deals = Opportunity.objects.filter(stage__in=OPEN)
    last = deals.order_by("pk").values_list("pk", flat=True)[size - 1 : size].first() or 2**63 - 1
    rows = replace(document.simulation, rows=lambda: deals.filter(pk__lte=last))
    documents._documents[key] = replace(document, simulation=rows)


if __name__ == "__main__":
    main()
