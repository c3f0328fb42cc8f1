"""What PostgreSQL does for the list of each scope: which index it walks, what it sorts, how many pages it touches."""

import json
import sys
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl

import django


def explain(
    user_id: int, parameters: dict[str, str], *, label: str = "accounts.account"
) -> list[dict[str, Any]]:
    """Return the plan of every statement on the record type's own table that its list sends, as it was executed."""
    from revops.kernel.identity.models import User
    from revops.kernel.records import listing, registry

    record_type, user = registry.get(label), User.objects.get(pk=user_id)
    query = listing.parse(record_type, user, parameters)
    own = f' FROM "{record_type.model._meta.db_table}"'
    return [
        executed(sql) for sql in sent(lambda: listing.page(query, user, record_type.columns)) if own in sql
    ]


def explain_search(user_id: int, text: str) -> list[dict[str, Any]]:
    """Return the plan of every statement that a search over all record types sends, as it was executed."""
    from revops.kernel.identity.models import User
    from revops.kernel.records import searching

    user = User.objects.get(pk=user_id)
    return [executed(sql) for sql in sent(lambda: searching.search(user, text))]


def sent(work: Callable[[], Any]) -> list[str]:
    """Return the statements that `work` sends."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        work()
    return [each["sql"] for each in captured]


def executed(statement: str) -> dict[str, Any]:
    """Return what PostgreSQL did for one statement."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.replace('%', '%%')}")
        told = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every node of a plan, the top one first."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def rows_sorted(plan: dict[str, Any]) -> int:
    """Return the most rows that one sort of the plan takes in."""
    return max(
        (int(n["Plans"][0]["Actual Rows"]) for n in nodes(plan) if n["Node Type"] == "Sort"), default=0
    )


def main() -> None:
    """Print one entry a scope as JSON; the arguments: scopes with the ids of people, record type, query."""
    people, label, query = json.loads(sys.argv[1]), sys.argv[2], dict(parse_qsl(sys.argv[3]))
    django.setup()
    found = []
    for scope, pk in people.items():
        explain(pk, query, label=label)  # the first reads from disk
        told = max(explain(pk, query, label=label), key=itemgetter("Execution Time"))
        plan = told["Plan"]
        indexes = sorted({n["Index Name"] for n in nodes(plan) if "Index Name" in n})
        shape = " > ".join(dict.fromkeys(n["Node Type"] for n in nodes(plan)))
        figure = f"{told['Execution Time']:.2f} ms, {plan['Shared Hit Blocks'] + plan['Shared Read Blocks']} buffers"
        planned = f"planned in {told['Planning Time']:.2f} ms; sorts {rows_sorted(plan)} rows"
        detail = f"{shape}; {', '.join(indexes)}; {planned}"
        found.append({"scope": scope, "figure": figure, "detail": detail})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
