"""Polls many running clocks in this process: `python -m bench.ticking --running N --due N`; prints JSON.

The clocks are written by `audit.write_many` as they would stand: some have warned and are over their target by now,
the rest began now.
Then as many again fall due, and two processes poll at the same time.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import django

CHUNK = 1_000
POLICY = "gates.debt_grace"
EIGHT_DAYS = timedelta(days=8)


def write(count: int, first: int, began: datetime, owner: Any, by: Any) -> None:
    """Write so many running clocks that began at an instant and have warned, each for an account of its own."""
    from revops.kernel import audit
    from revops.kernel.sla import hours, starting
    from revops.kernel.sla.arithmetic import Mark
    from revops.kernel.sla.bodies import steps
    from revops.kernel.sla.enums import SignalKind
    from revops.kernel.sla.models import SlaClock
    from revops.kernel.sla.moving import move

    held = starting.terms(POLICY, None, began)
    office = hours.of_many({"default"})["default"]
    values = {
        "policy_key": POLICY, "policy_ref": held.policy.ref, "title": held.policy.document.title,
        "terms": held.body.model_dump(mode="json"), "subject_type": "accounts.account", "measure": "business",
        "calendar_key": "default", "target_s": 5 * 8 * 3_600, "started_at": began, "owner": owner,
    }  # fmt: skip
    warned = [step.key for step in steps(values["terms"]) if step.percent < 100]
    for start in range(first, first + count, CHUNK):
        with audit.change(by=by, action="bench.clocks"):
            made = [
                SlaClock(**values, subject_id=number, subject=f"ACC-{number:06d}", fired=list(warned))
                for number in range(start, min(start + CHUNK, first + count))
            ]
            for clock in made:
                move(clock, [Mark(SignalKind.START, began)], [], office, began)
            audit.write_many(made)


def measure(running: int, due: int) -> dict[str, Any]:
    """Return how long a poll takes with so many clocks due among so many, and what two pollers tell of as many."""
    from bench import company
    from revops.kernel import clocks
    from revops.kernel.identity.models import User
    from revops.kernel.sla import polling
    from revops.kernel.sla.models import SlaEvent

    by = User.objects.get(email=f"rita@{company.DOMAIN}")
    owner = User.objects.get(pk=company.reps()[0][0])
    now = clocks.now().replace(microsecond=0)
    write(running - due, 1, now, owner, by)
    write(due, running, now - EIGHT_DAYS, owner, by)
    begun = time.perf_counter()
    looked = polling.poll(now).looked_at
    seconds = time.perf_counter() - begun
    write(due, 2 * running, now - EIGHT_DAYS, owner, by)
    command = [sys.executable, "-m", "bench.ticking", "--poll"]
    begun = time.perf_counter()
    pollers = [subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    shares = [json.loads(one.communicate()[0])["looked_at"] for one in pollers]
    together = time.perf_counter() - begun
    told = Counter(SlaEvent.objects.values_list("clock_id", "threshold"))
    breached = SlaEvent.objects.filter(threshold="breach").count()
    return {
        "looked_at": looked,
        "seconds": seconds,
        "shares": shares,
        "together": together,
        "doubled": sum(count > 1 for count in told.values()),
        "breached": breached,
    }


def main() -> None:
    """Fill the empty database that DATABASE_URL names with a small company and clocks, poll, print JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.ticking", description=__doc__)
    parser.add_argument("--running", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument(
        "--poll", action="store_true", help="only poll, and say how many clocks were looked at"
    )
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    from bench import company

    if given.poll:
        from revops.kernel import sla

        print(json.dumps({"looked_at": sla.poll().looked_at}))
        return
    call_command("migrate", verbosity=0)
    company.found(0)
    print(json.dumps(measure(given.running, given.due)))


if __name__ == "__main__":
    main()
