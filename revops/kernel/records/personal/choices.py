"""What somebody takes often in the palette ranks higher for them."""

from typing import Any

from django.db.models import F

from revops.kernel import clocks
from revops.kernel.records.models import Choice

LONGEST = 120
# What ranks: so many of the entries that were taken last.
KNOWN = 60


def note_choice(*, by: Any, key: str) -> None:
    """Count that `by` took the entry `key`."""
    taken, now = Choice.objects.filter(user=by.pk, key=key[:LONGEST]), clocks.now()
    if not taken.update(count=F("count") + 1, chosen_at=now):
        Choice.objects.bulk_create(
            [Choice(user=by, key=key[:LONGEST], chosen_at=now)],
            update_conflicts=True,
            unique_fields=["user", "key"],
            update_fields=["chosen_at"],
        )


def frequent(user: Any) -> dict[str, int]:
    """Return how often `user` took each entry, for those they took last."""
    taken = Choice.objects.filter(user=user.pk).order_by("-chosen_at")
    return dict(taken.values_list("key", "count")[:KNOWN])
