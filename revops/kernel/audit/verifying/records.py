"""The records: history and changed rows pair off one to one, nothing was edited, and live is the newest version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections, models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from revops.kernel.audit import canonical
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.verifying.digests import Digester, signed_versions
from revops.kernel.audit.verifying.report import Discrepancy
from revops.kernel.audit.verifying.snapshot import Snapshot
from revops.kernel.identity.models import SYSTEM_EMAIL, User, UserKind


def check_records(snapshot: Snapshot, model: type[models.Model]) -> Iterator[Discrepancy]:
    """Check one governed model: its trail, its history and its live rows."""
    history = history_model(model)
    if history is None:
        yield from _check_gaps(snapshot, model)
        yield from check_ledger(snapshot, model)
        return
    yield from _check_pairs(snapshot, model, history)
    yield from _check_gaps(snapshot, model)
    yield from _check_digests(snapshot, model, history)
    yield from _check_live_versions(snapshot, model, history)
    yield from _check_live_values(snapshot, model, history)


def _signed(snapshot: Snapshot, model: type[models.Model]) -> models.QuerySet[Any]:
    return snapshot.rows(ChangedRow).filter(record_type=model._meta.label_lower).exclude(kind=Kind.ERASED)


def _check_pairs(
    snapshot: Snapshot, model: type[models.Model], history: type[models.Model]
) -> Iterator[Discrepancy]:
    """Find history rows that no event names as they are, and events that name a history row there is not."""
    named = _signed(snapshot, model).filter(
        record_id=OuterRef("id"),
        row_version=OuterRef("version"),
        kind=OuterRef("history_type"),
        history_id=OuterRef("history_id"),
        event_id=OuterRef("history_change_id"),
        event__recorded_at=OuterRef("history_date"),
    )
    unnamed = snapshot.rows(history).filter(~Exists(named)).order_by("id", "version")
    table = history._meta.db_table
    for row in unnamed.iterator():
        why = _why_unnamed(snapshot, model, row)
        yield Discrepancy("history", table, _name(model, row.id), why, version=row.version)
    kept = snapshot.rows(history).filter(id=OuterRef("record_id"), version=OuterRef("row_version"))
    lost = _signed(snapshot, model).filter(~Exists(kept)).order_by("record_id", "row_version")
    for row in lost.iterator():
        why = f"deleted: the event {row.event_id} wrote it, and it is not there"
        yield Discrepancy("history", table, _name(model, row.record_id), why, version=row.row_version)


def _why_unnamed(snapshot: Snapshot, model: type[models.Model], row: Any) -> str:
    found: Any = _signed(snapshot, model).filter(record_id=row.id, row_version=row.version)
    named = found.select_related("event").first()
    if named is None:
        return "inserted: no event wrote it"
    if named.event_id != row.history_change_id:
        return f"its change was edited: it names {row.history_change_id}, the event {named.event_id} wrote it"
    if named.event.recorded_at != row.history_date:
        return f"its time was edited: it says {row.history_date}, its event {named.event.recorded_at}"
    return "its history id or its kind was edited"


def _check_gaps(snapshot: Snapshot, model: type[models.Model]) -> Iterator[Discrepancy]:
    """Find records whose versions do not run from one without a gap."""
    spans = (
        _signed(snapshot, model)
        .values("record_id")
        .annotate(first=Min("row_version"), last=Max("row_version"), count=Count("id"))
    )
    holed = spans.filter(~Q(first=1) | ~Q(count=F("last"))).order_by("record_id")
    for span in holed.iterator():
        why = (
            f"its versions run from {span['first']} to {span['last']}, but there are {span['count']} of them"
        )
        yield Discrepancy("history", "audit_changedrow", _name(model, span["record_id"]), why)


def _check_digests(
    snapshot: Snapshot, model: type[models.Model], history: type[models.Model]
) -> Iterator[Discrepancy]:
    """Recompute the digest of every version. Rows without a partner were found before and are passed over."""
    digester = Digester(snapshot, model)
    signed = signed_versions(snapshot, model._meta.label_lower)
    rows = snapshot.rows(history).order_by("id", "version").values_list("id", "version", *digester.columns)
    at = next(signed, None)
    for record_id, version, *values in rows.iterator(chunk_size=2_000):
        while at is not None and (at.record_id, at.version) < (record_id, version):
            at = next(signed, None)
        snapshot.checked["versions"] += 1
        if at is None or (at.record_id, at.version) != (record_id, version):
            continue
        why = digester.wrong_with(at, values)
        if why:
            yield Discrepancy(
                "history", history._meta.db_table, _name(model, record_id), why, version=version
            )


def _check_live_versions(
    snapshot: Snapshot, model: type[models.Model], history: type[models.Model]
) -> Iterator[Discrepancy]:
    """Find records that were inserted, deleted or put back to an older version past the one door."""
    table = model._meta.db_table
    mine = snapshot.rows(history).filter(id=OuterRef("pk"))
    current = mine.filter(version=OuterRef("version"))
    newer = mine.filter(version__gt=OuterRef("version"))
    for row in snapshot.rows(model).filter(~Exists(current) | Exists(newer)).order_by("pk").iterator():
        newest = snapshot.rows(history).filter(id=row.pk).aggregate(newest=Max("version"))["newest"]
        if newest is None and _made_by_migration(row):
            continue
        why = "inserted past the one door: it has no history"
        if newest is not None:
            why = f"written past the one door: it says version {row.version}, its newest version is {newest}"
        yield Discrepancy("live", table, _name(model, row.pk), why, version=row.version)
    alive = snapshot.rows(model).filter(pk=OuterRef("id"))
    taken_back = snapshot.rows(history).filter(id=OuterRef("id"), history_type=Kind.REMOVED)
    lasting = snapshot.rows(history).filter(~Exists(alive), ~Exists(taken_back))
    gone = lasting.values("id").annotate(last=Max("version"))
    for lost in gone.order_by("id").iterator():
        why = f"deleted: its history ends at version {lost['last']}, the row is not there"
        yield Discrepancy("live", table, _name(model, lost["id"]), why, version=lost["last"])
    snapshot.checked["records"] += snapshot.rows(model).count()


def _made_by_migration(row: Any) -> bool:
    """Know the one live row that no action wrote, and only as migration identity.0002 made it."""
    return (
        isinstance(row, User)
        and row.email == SYSTEM_EMAIL
        and (row.version, row.kind, row.is_active, row.name) == (0, UserKind.SERVICE, False, "RevOps")
    )


def _check_live_values(
    snapshot: Snapshot, model: type[models.Model], history: type[models.Model]
) -> Iterator[Discrepancy]:
    """Compare each live row with its newest version, inside the database, column by column.

    Only the columns that the newest digest covers: one that a later migration added is not signed yet.
    """
    digester = Digester(snapshot, model)
    quote = connections[snapshot.using].ops.quote_name
    column_of = {field.attname: quote(str(field.column)) for field in canonical.tracked_fields(model)}
    for tracked, names in sorted(digester.lists.items()):
        columns = [column_of[name] for name in names if name in column_of]
        differs = [f"live.{column} IS DISTINCT FROM kept.{column}" for column in columns]
        statement = (
            f"SELECT live.id, live.version, {', '.join(differs)} "  # noqa: S608 (names from models)
            f"FROM {quote(model._meta.db_table)} live "
            f"JOIN {quote(history._meta.db_table)} kept ON kept.id = live.id AND kept.version = live.version "
            f"JOIN audit_changedrow signed ON signed.record_type = %s AND signed.record_id = live.id "
            f"AND signed.row_version = live.version AND signed.kind <> %s AND signed.tracked = %s "
            f"WHERE {' OR '.join(differs)} ORDER BY live.id"
        )
        with connections[snapshot.using].cursor() as cursor:
            cursor.execute(statement, [model._meta.label_lower, str(Kind.ERASED), tracked])
            while found := cursor.fetchmany(1_000):
                for pk, version, *flags in found:
                    edited = [name for name, differing in zip(names, flags, strict=False) if differing]
                    why = f"written past the one door: {', '.join(edited)} differs from its newest version"
                    yield Discrepancy("live", model._meta.db_table, _name(model, pk), why, version=version)


def check_ledger(snapshot: Snapshot, model: type[models.Model]) -> Iterator[Discrepancy]:
    """Compare every row of a ledger with the newest digest that was signed of it; a removed one is not there."""
    digester, table = Digester(snapshot, model), model._meta.db_table
    newest = _newest(signed_versions(snapshot, model._meta.label_lower))
    at = next(newest, None)
    rows = snapshot.rows(model).order_by("pk").values_list("pk", "version", *digester.columns)
    for pk, version, *values in rows.iterator(chunk_size=2_000):
        while at is not None and at.record_id < pk:
            if not at.removed:
                yield Discrepancy("live", table, _name(model, at.record_id), "deleted", version=at.version)
            at = next(newest, None)
        snapshot.checked["records"] += 1
        if at is None or at.record_id != pk:
            yield Discrepancy("live", table, _name(model, pk), "inserted: no event wrote it", version=version)
            continue
        why = digester.wrong_with(at, values)
        if at.version != version or at.removed:
            ended = f"its newest version is {at.version}" + (", which removed it" if at.removed else "")
            why = f"written past the one door: {ended}"
        if why:
            yield Discrepancy("live", table, _name(model, pk), why, version=version)
        at = next(newest, None)
    while at is not None:
        if not at.removed:
            yield Discrepancy("live", table, _name(model, at.record_id), "deleted", version=at.version)
        at = next(newest, None)


def _newest(signed: Iterator[Any]) -> Iterator[Any]:
    """Keep the last version of each record."""
    held: Any = None
    for one in signed:
        if held is not None and one.record_id != held.record_id:
            yield held
        held = one
    if held is not None:
        yield held


def _name(model: type[models.Model], pk: int) -> str:
    return f"{model._meta.label_lower} {pk}"
