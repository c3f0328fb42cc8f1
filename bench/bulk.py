"""Writes many accounts in this process and says how many a second: `python -m bench.bulk --rows N`.

Two ways: the whole way of an import (values read and checked, duplicates looked for, domain, search words), and
`audit.write_many` alone with what always goes with it (history, intervals, change event, outbox). Then the sealer.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

CHUNK = 1_000


def timed(rows: int, work: Callable[[], Any], *pids: int) -> dict[str, float]:
    """Return rows a second on the clock, and CPU milliseconds a row of this process and of the named ones."""
    from bench.meter import cpu_seconds

    begun, own, theirs = time.perf_counter(), time.process_time(), cpu_seconds(pids)
    work()
    return {
        "rate": rows / (time.perf_counter() - begun),
        "python": (time.process_time() - own) * 1e3 / rows,
        "database": (cpu_seconds(pids) - theirs) * 1e3 / rows,
    }


def write_raw(rows: int, first: int, owner: Any) -> None:
    """Write accounts by `audit.write_many`, each with its interval and its event, in changes of 1,000."""
    from accounts.models import Account
    from bench.generate import describe
    from revops.kernel import audit, outbox
    from revops.kernel.folding import fold
    from revops.kernel.people import ownership
    from revops.kernel.people.enums import AssignReason

    for start in range(first, first + rows, CHUNK):
        with audit.change(by=owner, action="account.import", source=audit.Source.IMPORT):
            holder = ownership.holder(owner=owner)
            made = []
            for number in range(start, start + CHUNK):
                values = {name: value for name, value in describe(number).items() if name != "domain"}
                account = Account(**values, name_key=fold(str(values["name"])), currency="USD", segment="SMB")
                ownership.assign(account, to=holder, reason=AssignReason.IMPORTED)
                made.append(account)
            audit.write_many(made)
            for account in made:
                outbox.emit("account.created", account, {"name": account.name, "owner": account.owner_id})


def backend() -> list[int]:
    """Return the process that serves this connection, where it runs on this machine and can be seen."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    connection.ensure_connection()
    pid = connection.connection.get_backend_pid()
    name = Path(f"/proc/{pid}/comm")
    return [pid] if name.exists() and name.read_text().startswith("postgres") else []


def measure(rows: int) -> dict[str, Any]:
    """Write so many accounts each way, then seal what was written; return the rates."""
    from django.db import connection

    from bench import company
    from bench.generate import write_through_actions
    from revops.kernel.audit.models import ChangeEvent
    from revops.kernel.audit.sealing import seal
    from revops.kernel.identity.models import User

    by = User.objects.get(email=f"rita@{company.DOMAIN}")
    owners = [person for person, _ in company.reps()]
    first = int(time.time()) * 1_000_000 % 10**15
    list(write_through_actions(first, first + CHUNK - 1, owners, by))
    pids = backend()
    found: dict[str, Any] = {"vendor": connection.vendor, "rows": rows}
    start = first + CHUNK
    found["actions"] = timed(
        rows, lambda: list(write_through_actions(start, start + rows - 1, owners, by)), *pids
    )
    owner = User.objects.get(pk=owners[0])
    found["write_many"] = timed(rows, lambda: write_raw(rows, start + rows, owner), *pids)
    events = make_events(min(rows, 2_000), owner)
    while seal():
        pass
    unsealed = make_events(min(rows, 2_000), owner)
    found["sealer"] = timed(unsealed, lambda: [None for _ in iter(seal, 0)], *pids)
    found["events"] = events
    assert not ChangeEvent.objects.filter(sealed=False).exists()
    return found


def make_events(count: int, owner: Any) -> int:
    """Make so many changes of one row each; return how many."""
    from accounts.models import Account
    from revops.kernel import audit

    pk = Account._base_manager.filter(owner=owner).values_list("pk", flat=True).first()
    for number in range(count):
        with audit.change(by=owner, action="account.edit"):
            account = audit.lock(Account._base_manager.all(), pk=pk)
            account.success_note = f"Note {number}, {time.time_ns()}"
            audit.write(account)
    return count


def main() -> None:
    """Fill the empty database that DATABASE_URL names with a small company, measure, print JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.bulk", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = parser.parse_args().rows // CHUNK * CHUNK or CHUNK
    django.setup()
    from django.core.management import call_command

    from bench import company

    call_command("migrate", verbosity=0)
    company.found(0)
    print(json.dumps(measure(rows)))


if __name__ == "__main__":
    main()
