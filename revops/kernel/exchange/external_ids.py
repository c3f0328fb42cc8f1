"""What our records are called elsewhere: the ledger of external ids."""

from collections.abc import Iterable, Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.exchange.models import ExternalLink


def find(system: str, record_type: str, external_ids: Iterable[str]) -> dict[str, int]:
    """Return the record id of each external id that is known, in one query."""
    rows = ExternalLink.objects.filter(
        system=system, record_type=record_type, external_id__in=set(external_ids)
    ).values_list("external_id", "record_id")
    return dict(rows)


def links(system: str, record_type: str, external_ids: Iterable[str]) -> dict[str, ExternalLink]:
    """Return the link of each external id that is known, in one query."""
    rows = ExternalLink.objects.filter(
        system=system, record_type=record_type, external_id__in=set(external_ids)
    )
    return {row.external_id: row for row in rows}


def link(
    record: Any, system: str, external_id: str, *, payload: Mapping[str, str] | None = None
) -> ExternalLink:
    """Say what `record` is called in `system`, inside an open change.

    Raises IntegrityError when the id belongs to another record already.
    """
    return audit.write(new(record, system, external_id, payload or {}))


def new(record: Any, system: str, external_id: str, payload: Mapping[str, str]) -> ExternalLink:
    """Return a link that is yet to be written."""
    return ExternalLink(
        system=system,
        record_type=record._meta.label_lower,
        external_id=external_id,
        record_id=record.pk,
        first_seen_at=audit.current().recorded_at,
        payload=dict(payload),
    )
