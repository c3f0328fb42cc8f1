"""Events together with the rows they changed: what the sealer and the verifier both read."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from revops.kernel.audit.models import ChangedRow, ChangeEvent


def with_rows(
    events: Sequence[ChangeEvent], *, using: str = "default"
) -> Iterator[tuple[ChangeEvent, list[ChangedRow]]]:
    """Yield each of `events` (in the order of their ids) with its changed rows, without salts: one query.

    The rows of one event are held at a time, so a batch may hold events of any size.
    """
    ids = [event.id for event in events]
    rows = ChangedRow.objects.using(using).filter(event_id__in=ids).order_by("event_id").defer("salts")
    groups = groupby(rows.iterator(chunk_size=2_000), attrgetter("event_id"))
    owner, group = next(groups, (None, iter(())))
    for event in events:
        own: list[ChangedRow] = []
        if owner == event.id:
            own = list(group)
            owner, group = next(groups, (None, iter(())))
        yield event, own
