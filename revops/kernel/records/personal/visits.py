"""The records somebody opened last. A page says so beside itself, after it was shown: reading writes nothing."""

from typing import Any

from django.db.models import Subquery

from revops.kernel import clocks
from revops.kernel.records import registry
from revops.kernel.records.models import Visit
from revops.kernel.records.telling import Line, lines

SHOWN = 20
# More are kept than shown: some may be out of sight for a while.
KEPT = 40


def note_visit(*, by: Any, record_type: str, pk: int) -> None:
    """Keep that `by` opened a record they see, and forget their oldest visits beyond KEPT.

    Raises LookupError for an unknown type, the DoesNotExist of its type for a record out of sight.
    """
    kind = registry.get(record_type)
    if not kind.has_pages:
        raise LookupError(f"{record_type} has no pages.")
    kind.model.objects.visible_to(by).only("pk").get(pk=pk)
    Visit.objects.bulk_create(
        [Visit(user=by, record_type=record_type, record_id=pk, visited_at=clocks.now())],
        update_conflicts=True,
        unique_fields=["user", "record_type", "record_id"],
        update_fields=["visited_at"],
    )
    mine = Visit.objects.filter(user=by.pk)
    oldest = mine.order_by("-visited_at").values("visited_at")[KEPT - 1 : KEPT]
    mine.filter(visited_at__lt=Subquery(oldest)).delete()


def recent(user: Any, *, limit: int = SHOWN) -> list[Line]:
    """Return the records that `user` opened last and still sees, the newest first."""
    visited = Visit.objects.filter(user=user.pk).order_by("-visited_at", "-pk")
    places = list(visited.values_list("record_type", "record_id")[:KEPT])
    told = lines(user, places)
    return [told[place] for place in places if place in told][:limit]
