"""Whoever takes a record over answers for its clocks: joins every change that gave records another owner."""

from revops.kernel import audit
from revops.kernel.audit.changes import Change
from revops.kernel.audit.writing import lock_many
from revops.kernel.people.models import Owned
from revops.kernel.sla.models import SlaClock

_KEYS = {"owner_id", "team_id"}
_CHUNK = 5_000


def follow(change: Change) -> None:
    """Hand the open clocks of records on to their new owners, but for clocks whose owner was named."""
    for model, rows in list(change.changed.items()):
        if not issubclass(model, Owned):
            continue
        moved = {record.pk: record for record, before in rows if _KEYS & before.keys()}
        pks = sorted(moved)
        for first in range(0, len(pks), _CHUNK):
            held = lock_many(
                SlaClock.objects.filter(
                    subject_type=model._meta.label_lower,
                    subject_id__in=pks[first : first + _CHUNK],
                    stopped_at__isnull=True,
                    is_named=False,
                )
            )
            for clock in held:
                record = moved[clock.subject_id]
                clock.owner_id, clock.team_id = record.owner_id, record.team_id
            audit.write_many(held)
