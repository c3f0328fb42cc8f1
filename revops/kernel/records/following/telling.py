"""Tell followers what changed, from the sealed trail: whoever writes a followed record pays nothing for it.

Seals number the changes without gaps and in the order in which they committed, so that reading on from the last one
misses none. One person hears of one record once an hour: what else changes in that hour is added to what they were
told. Only fields they may read are named, and only while they see the record.
"""

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef

from revops.kernel import clocks
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.models import ChangedRow, Seal
from revops.kernel.outbox import jobs
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.records import registry
from revops.kernel.records.following import news
from revops.kernel.records.models import Follow, FollowingChoice, FollowReading

BATCH, MOST_BATCHES = 500, 20


@jobs.job("records.followed", owner="REVOPS", every=60, limit=300)
def tell_followers() -> str:
    """Tell people what changed of the records they follow, and let them follow what became theirs."""
    read = told = 0
    for _ in range(MOST_BATCHES):
        if not _is_ahead():
            break
        with transaction.atomic():
            seals, notes = _read_on()
        read, told = read + seals, told + notes
        if seals < BATCH:
            break
    return f"{read} changes read, {told} notifications written"


def _is_ahead() -> bool:
    """Say whether there is anything to read, without a transaction."""
    reading = FollowReading.objects.first()
    if reading is None:
        return Follow.objects.exists() or FollowingChoice.objects.filter(owned=True).exists()
    return Seal.objects.filter(seq__gt=reading.seal).exists()


def _read_on() -> tuple[int, int]:
    """Read the next seals; return how many there were and how many notifications came of them."""
    reading = FollowReading.objects.select_for_update().first() or _begin()
    if reading is None:
        return 0, 0
    ahead = list(
        Seal.objects.filter(seq__gt=reading.seal).order_by("seq").values_list("seq", flat=True)[:BATCH]
    )
    if not ahead:
        return 0, 0
    rows = ChangedRow.objects.filter(event__seal__seq__gt=reading.seal, event__seal__seq__lte=ahead[-1])
    told = _tell(rows)
    _follow_owned(rows)
    held = FollowReading.objects.filter(seal=reading.seal).update(seal=ahead[-1])
    if not held:
        raise RuntimeError("Another run has told the followers meanwhile; nothing of this one is kept.")
    return len(ahead), told


def _begin() -> FollowReading | None:
    """Begin behind the last seal before the first follow; None while nobody follows anything."""
    followed = Follow.objects.aggregate(first=Min("created_at"))["first"]
    chosen = FollowingChoice.objects.filter(owned=True).aggregate(first=Min("since"))["first"]
    since = min((one for one in (followed, chosen) if one is not None), default=None)
    if since is None:
        return None
    last = Seal.objects.filter(sealed_at__lt=since).aggregate(last=Max("seq"))["last"]
    return FollowReading.objects.create(seal=last or 0)


def _follow_owned(rows: Any) -> None:
    """Let those who want it follow what became theirs in these changes."""
    people = FollowingChoice.objects.filter(owned=True, user__is_active=True)
    if not people.exists():
        return
    begun = rows.filter(record_type=OwnershipInterval._meta.label_lower, kind=Kind.CREATED)
    held = OwnershipInterval.objects.filter(
        Exists(people.filter(user=OuterRef("owner"), since__lte=OuterRef("active_from"))),
        pk__in=begun.values("record_id"),
        role=OwnerRole.PRIMARY,
        active_to__isnull=True,
    )
    pages = {kind.label for kind in registry.every() if kind.has_pages}
    now = clocks.now()
    Follow.objects.bulk_create(
        [
            Follow(user_id=owner, record_type=label, record_id=pk, by_itself=True, created_at=now)
            for owner, label, pk in held.values_list("owner", "record_type", "record_id")
            if label in pages
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )


def _tell(rows: Any) -> int:
    follows = Follow.objects.filter(record_type=OuterRef("record_type"), record_id=OuterRef("record_id"))
    found = rows.filter(Exists(follows), kind=Kind.CHANGED).order_by("event__seal__seq", "id")
    columns = ("record_type", "record_id", "row_version", "event__actor", "event__recorded_at")
    by_type: defaultdict[str, list[Any]] = defaultdict(list)
    for label, *row in found.values_list(*columns):
        by_type[label].append(row)
    types = {kind.label: kind for kind in registry.every()}
    return sum(
        news.tell(types[label], news.changes(types[label], found))
        for label, found in by_type.items()
        if label in types
    )
