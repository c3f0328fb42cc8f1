"""What tests hold against the product: fingerprints of the database, and the law of the ledger in plain Python."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from django.db import connection, transaction

from revops.kernel.gates.models import GateAttempt
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.people.ownership import owned_models

# Written by requests that change no record: sessions, sign-in attempts, answers kept for repeated requests.
BOOKKEEPING = frozenset(
    {
        "django_session",
        "axes_accessattempt",
        "axes_accessattemptexpiration",
        "axes_accessfailurelog",
        "axes_accesslog",
        "api_idempotentrequest",
        "account_emailaddress",
    }
)


def fingerprint() -> dict[str, str]:
    """Return a digest of every table that is not bookkeeping, rows in order of all their columns."""
    digests = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in BOOKKEEPING:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = sorted(map(repr, cursor.fetchall()))
            digests[table] = hashlib.md5("\n".join(rows).encode()).hexdigest()
    return digests


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what the block writes: for the examples of a property test, which share one test's database."""
    with transaction.atomic():
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        yield
        transaction.set_rollback(True)


@contextmanager
def unchanged() -> Iterator[None]:
    """Assert that the block leaves every table as it was, whether it raises or not."""
    before = fingerprint()
    try:
        yield
    finally:
        after = fingerprint()
        assert [table for table in before if before[table] != after[table]] == []


# Where a refused attempt is kept after the rollback: itself, the decision behind it, and the event that wrote both.
KEPT = frozenset(
    {
        "gates_gateattempt",
        "policies_decision",
        "audit_changeevent",
        "audit_changedrow",
        "audit_trackedfields",
    }
)


@contextmanager
def only_attempted() -> Iterator[None]:
    """Assert that the block leaves every table as it was, but for one refused attempt to pass a gate."""
    before, tried = fingerprint(), GateAttempt.objects.count()
    try:
        yield
    finally:
        after = fingerprint()
        written = sorted(table for table in before if before[table] != after[table] and table not in KEPT)
        assert written == [], written
        assert GateAttempt.objects.count() == tried + 1
        assert GateAttempt.objects.latest("pk").outcome == "refused"


def ledger_faults() -> list[str]:
    """Return where the ledger has a gap, an overlap, two open ends, or another owner than the record itself."""
    faults = []
    held: dict[tuple[str, int, str], list[Any]] = defaultdict(list)
    for row in OwnershipInterval.objects.order_by("active_from", "pk"):
        held[row.record_type, row.record_id, row.role].append(row)
    for place, rows in held.items():
        for earlier, later in pairwise(rows):
            if earlier.active_to is None or earlier.active_to > later.active_from:
                faults.append(f"{place}: overlap at {later.active_from}")
            elif place[2] == "primary" and earlier.active_to != later.active_from:
                faults.append(f"{place}: gap at {earlier.active_to}")
    for model in owned_models():
        for record in model._base_manager.select_related("owner", "queue"):
            faults += _faults_of(record, held[model._meta.label_lower, record.pk, "primary"])
    return faults


def _faults_of(record: Any, rows: list[Any]) -> Iterator[str]:
    last = rows[-1] if rows else None
    if last is None or last.active_to is not None:
        yield f"{record!r}: nobody holds it now"
    elif (last.owner_id, last.queue_id) != (record.owner_id, record.queue_id):
        yield f"{record!r}: the ledger names another holder"
    if record.owner is not None and not record.owner.is_active:
        yield f"{record!r}: its owner is deactivated"
    if record.queue is not None:
        members = record.queue.memberships.filter(active_to__isnull=True, user__is_active=True)
        if not members.exists():
            yield f"{record!r}: its queue has no member"
