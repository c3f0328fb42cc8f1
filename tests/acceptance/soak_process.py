"""One process of the soak: a writer, a reader or a sealing pump, until its time is over.

A writer counts up the employees of accounts through the action, with the version it saw; a conflict is tried
again on the newer version. It notes every acknowledged edit in its own file, so that a kill can be told from a loss.
"""

import os
import random
import sys
import time
from pathlib import Path

import django


def write(seconds: float, email: str, notes: Path) -> None:
    """Edit random accounts until the time is over; one line an acknowledged edit."""
    from accounts.actions import edit_account
    from accounts.models import Account
    from revops.kernel.audit import Conflict
    from revops.kernel.identity.models import User

    by, ends = User.objects.get(email=email), time.monotonic() + seconds
    pks = list(Account.objects.values_list("pk", flat=True))
    chance = random.Random(os.getpid())
    with notes.open("a", buffering=1) as log:
        while time.monotonic() < ends:
            pk = chance.choice(pks)
            seen = Account.objects.only("version", "employees").get(pk=pk)
            try:
                edit_account(
                    by=by, pk=pk, version=seen.version, changes={"employees": (seen.employees or 0) + 1}
                )
            except Conflict:
                log.write("conflict\n")
                continue
            log.write(f"{pk}\n")


def read(seconds: float, email: str, notes: Path) -> None:
    """Read list and record again and again, as a page would."""
    from accounts.models import Account
    from revops.kernel.identity.models import User
    from revops.kernel.records import listing, registry

    by, ends = User.objects.get(email=email), time.monotonic() + seconds
    kind = registry.get("accounts.account")
    with notes.open("a", buffering=1) as log:
        while time.monotonic() < ends:
            query = listing.parse(kind, by, {"sort": "-name"})
            rows = listing.page(query, by, kind.columns).rows
            assert rows, "the list is empty"
            assert Account.objects.visible_to(by).filter(pk=rows[0]["id"]).exists()
            log.write("read\n")


def main() -> None:
    django.setup()
    what, seconds, email, notes = sys.argv[1:5]
    {"write": write, "read": read}[what](float(seconds), email, Path(notes))


if __name__ == "__main__":
    main()
