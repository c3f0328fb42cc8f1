"""Counts the queries of a list with 5, 10 and 20 rows, for each scope, through the API and as a page."""

import json
import sys

import django

SIZES = (5, 10, 20)
# A process asks twice a second at most whether the organisation has changed, whatever it serves.
STAMP = "people_organisationstamp"


def main() -> None:
    """Print one entry a scope and door as JSON; the arguments: scopes with the ids of people, list, query."""
    people, slug, query = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from revops.kernel.identity.models import User

    found = []
    for scope, pk in people.items():
        user = User.objects.get(pk=pk)
        browser = Client()
        browser.force_login(user, backend="revops.kernel.people.backends.SignInBackend")
        for what, path in (("API", f"/api/v1/{slug}/"), ("page", f"/{slug}/")):
            numbers, tables = [], []
            for size in SIZES:
                address = f"{path}?{query}&limit={size}"
                browser.get(address)  # the first reads the organisation and compiles what it draws with
                with CaptureQueriesContext(connection) as queries:
                    answer = browser.get(address)
                if answer.status_code != 200:
                    raise SystemExit(f"{address} answered {answer.status_code}: {answer.content[:500]!r}")
                tables = [query["sql"].partition(' FROM "')[2].partition('"')[0] for query in queries]
                numbers.append(len([table for table in tables if table != STAMP]))
            told = ", ".join(table for table in tables if table != STAMP)
            found.append({"scope": scope, "what": what, "queries": numbers, "detail": told})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
