"""Counts the queries of a list with 1, 3 and 50 rows, for each scope, through the API and as a page."""

import json
import sys

import django

SIZES = (1, 3, 50)
# A process asks twice a second at most whether the organisation has changed, whatever it serves.
STAMP = "people_organisationstamp"


def main() -> None:
    """Print one entry a scope and door as JSON; the argument maps scopes to the ids of people."""
    people = json.loads(sys.argv[1])
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
        for what, path in (("API", "/api/v1/accounts/"), ("page", "/accounts/")):
            numbers, tables = [], []
            for size in SIZES:
                address = f"{path}?status=customer&sort=name&limit={size}"
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
