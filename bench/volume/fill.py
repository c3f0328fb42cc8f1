"""Fill one database: `python -m bench.volume.fill --accounts N --contacts N --leads N --deals N`.

The people are written through the actions; the records by SQL, as if an import had ended: live rows, who holds
them, stages, search words, but no history and no trail, so `audit_verify` would name every one of them. Indexes
are taken away meanwhile. Two connections work side by side. The same arguments give the same rows.
"""

import argparse
import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

TABLES = (
    *(
        "accounts_account",
        "accounts_accountdomain",
        "accounts_contact",
        "accounts_contactemail",
        "accounts_lead",
    ),
    *(
        "opportunities_opportunity",
        "opportunities_stageinterval",
        "people_ownershipinterval",
        "records_searchword",
    ),
)
MANAGERS = 4


def run(statements: Iterable[str]) -> None:
    """Run statements in one transaction each, without the triggers of foreign keys."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET synchronous_commit = off")
        for statement in statements:
            cursor.execute(statement)


def side_by_side(*parts: Iterable[str]) -> None:
    """Run each part on a connection of its own, two at a time."""

    def work(part: Iterable[str]) -> None:
        from django.db import connection

        try:
            run(part)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, parts))


def found(sizes: argparse.Namespace) -> dict[str, Any]:
    """Write company and records into the empty database of this process; return what was done."""
    from bench import company
    from bench.volume import rows, sql, words

    begun = time.monotonic()
    people = company.found(sizes.accounts, managers=sizes.managers)
    founded = time.monotonic()
    reps = ", ".join(f"({n}, {person}, {team})" for n, (person, team) in enumerate(company.reps()))
    run(
        [
            *rows.vocabulary_tables(),
            "DROP TABLE IF EXISTS bench_rep",
            "CREATE UNLOGGED TABLE bench_rep (place int PRIMARY KEY, person bigint, team bigint)",
            f"INSERT INTO bench_rep VALUES {reps}",
            "ANALYZE bench_rep",
            *rows.companies(sizes.accounts * 3),
            *rows.products(),
        ]
    )
    back = sql.take_indexes(list(TABLES))
    side_by_side(
        [
            *rows.accounts(sizes.accounts),
            *rows.holdings("accounts.account", "accounts_account", also=True),
            *words.statements("accounts.account"),
            *rows.contacts(sizes.contacts, sizes.accounts),
            *rows.holdings("accounts.contact", "accounts_contact", also=False),
            *words.statements("accounts.contact"),
            *rows.deals(sizes.deals, sizes.accounts),
            *rows.holdings("opportunities.opportunity", "opportunities_opportunity", also=True),
            *words.statements("opportunities.opportunity"),
        ],
        [
            *rows.leads(sizes.leads, sizes.accounts * 3, sizes.accounts),
            *rows.holdings("accounts.lead", "accounts_lead", also=False),
            *words.statements("accounts.lead"),
        ],
    )
    filled = time.monotonic()
    side_by_side(*[[one] for one in back])
    run([*_sequences(), *_swept()])
    return {
        **people.as_json(),
        **{name: getattr(sizes, name) for name in ("accounts", "contacts", "leads", "deals")},
        "through_actions": 0,
        "seconds": {
            "people": round(founded - begun, 1),
            "rows": round(filled - founded, 1),
            "indexes": round(time.monotonic() - filled, 1),
        },
    }


def _sequences() -> list[str]:
    return [
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"
        for table in TABLES
    ]


def _swept() -> list[str]:
    """Return what leaves the tables as a database in use has them: known to the planner, their pages marked."""
    names = ("vocabulary", "company", "kind", "given", "family", "firm", "rep")
    return [f"DROP TABLE IF EXISTS {', '.join(f'bench_{name}' for name in names)}", "VACUUM ANALYZE"]


def main() -> None:
    """Migrate the database that DATABASE_URL names and fill it; print what was made as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.volume.fill", description=__doc__)
    for name, size in {"accounts": 2_000, "contacts": 2_000, "leads": 10_000, "deals": 10_000}.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--managers", type=int, default=MANAGERS)
    sizes = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(found(sizes)))


if __name__ == "__main__":
    main()
