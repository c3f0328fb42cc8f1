"""Taking groups back, inside the open change: what the import created is removed, the rest gets its values again."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import models

from revops.kernel import audit, gates, outbox
from revops.kernel.exchange.models import ImportRun
from revops.kernel.exchange.reverting.deciding import Decision
from revops.kernel.exchange.reverting.groups import Group, Piece
from revops.kernel.gates import machines
from revops.kernel.people.ledger import REKEYED
from revops.kernel.people.models import Owned
from revops.kernel.records import registry


def apply(run: ImportRun, decision: Decision) -> None:
    """Take back the groups that may go. Removals come first: what they free, the restored may hold again."""
    for model, ids in decision.cascading.items():
        model._base_manager.filter(pk__in=ids).delete()
    pieces = [piece for group in decision.going for piece in group.pieces]
    for held in _by_model([piece for piece in pieces if piece.trace.created]):
        audit.remove_many([piece.record for piece in held], because=audit.Removal.IMPORT_REVERTED)
    for held in _by_model([piece for piece in pieces if not piece.trace.created]):
        _restore(held)
    _tell(run, decision.going)


def _by_model(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces a model at a time, the upper apps first."""
    held: defaultdict[type[models.Model], list[Piece]] = defaultdict(list)
    for piece in pieces:
        held[type(piece.record)].append(piece)
    return [held[model] for model in reversed(list(apps.get_models())) if model in held]


def _restore(pieces: Sequence[Piece]) -> None:
    """Give records their former values; their owners come back with their intervals, which are ledger rows as well."""
    for piece in pieces:
        for name, value in (piece.before or {}).items():
            setattr(piece.record, name, value)
    records = [piece.record for piece in pieces]
    if isinstance(records[0], Owned):
        audit.current().notes.setdefault(REKEYED, []).extend(records)
    machine = machines.of(records[0]._meta.label_lower)
    if machine is not None:
        gates.take_as_found(records, machine)
    audit.write_many(records)


def _tell(run: ImportRun, groups: Sequence[Group]) -> None:
    """Emit what became of each record that the shells know."""
    change = audit.current()
    written = {(row.record_type, row.record_id) for row in change.rows}
    known = {kind.label for kind in registry.every()}
    for group in groups:
        record: Any = next((piece.record for piece in group.pieces if piece.key == group.top), None)
        if group.top[0] in known and group.top in written:
            what = "removed" if group.is_removed else "restored"
            outbox.emit(f"{record._meta.model_name}.{what}", record, {"run": run.pk, "by": change.by.pk})
