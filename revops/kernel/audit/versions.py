"""Recording versions: each written row is copied into history, and its digest noted for the event's code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models, transaction

from revops.kernel.audit import canonical
from revops.kernel.audit.changes import Change, Written
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow, TrackedFields
from revops.kernel.guard import GovernedModel, permit

M = TypeVar("M", bound=GovernedModel)


def record(change: Change, model: type[M], records: Sequence[M], kind: Kind) -> None:
    """Copy the rows into history and note what the event's code will cover."""
    history_ids = _copy_to_history(change, model, [record.pk for record in records], kind)
    tracked = tracked_key(model)
    for record in records:
        digest = canonical.row_digest(model, record)
        change.rows.append(
            Written(
                event_id=change.id,
                record_type=model._meta.label_lower,
                record_id=record.pk,
                row_version=record.version,
                history_id=history_ids.get(record.pk),
                kind=kind,
                tracked=tracked,
                digest=digest.hexdigest,
                commitments=digest.commitments,
                salts=digest.salts,
            )
        )


def _copy_to_history(
    change: Change, model: type[models.Model], pks: Sequence[int], kind: Kind
) -> dict[int, int]:
    """Copy live rows into the history table inside the database; return history ids by record id."""
    history = history_model(model)
    if history is None:
        return {}
    statement, date, uuid = _copy_statement(model, history)
    written: dict[int, int] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(pks), 5_000):
            chunk = list(pks[start : start + 5_000])
            marks = ", ".join(["%s"] * len(chunk))
            cursor.execute(
                f"{statement} WHERE live.id IN ({marks}) RETURNING history_id, id",
                [
                    date.get_db_prep_value(change.recorded_at, connection),
                    uuid.get_db_prep_value(change.id, connection),
                    str(kind),
                    *chunk,
                ],
            )
            written.update({record_id: history_id for history_id, record_id in cursor.fetchall()})
    return written


@cache
def _copy_statement(model: type[models.Model], history: type[models.Model]) -> tuple[str, Any, Any]:
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in canonical.tracked_fields(model)]
    date: Any = history._meta.get_field("history_date")
    uuid: Any = ChangedRow._meta.get_field("event").target_field
    casts = ("::timestamptz", "::uuid", "::varchar") if connection.vendor == "postgresql" else ("", "", "")
    # Every name in it comes from a model, every value is a parameter.
    statement = (
        f"INSERT INTO {quote(history._meta.db_table)} "  # noqa: S608
        f"({', '.join(columns)}, history_date, history_change_id, history_type) "
        f"SELECT {', '.join('live.' + column for column in columns)}, %s{casts[0]}, %s{casts[1]}, %s{casts[2]} "
        f"FROM {quote(model._meta.db_table)} AS live"
    )
    return statement, date, uuid


_known_keys: set[tuple[str, str]] = set()


def tracked_key(model: type[models.Model]) -> str:
    """Return the key of the field list that today's digests of `model` cover; store the list when it is new."""
    key, names = canonical.covered(model)
    place = (str(connection.settings_dict["NAME"]), key)
    if place not in _known_keys:
        with permit():
            TrackedFields.objects.bulk_create(
                [TrackedFields(key=key, record_type=model._meta.label_lower, fields=names)],
                ignore_conflicts=True,
            )
        transaction.on_commit(lambda: _known_keys.add(place))
    return key
