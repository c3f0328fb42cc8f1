"""What belongs together in a revert: a record and what came with it from the same row of the file. All or none."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange.findings import Located
from revops.kernel.exchange.models import ImportRun
from revops.kernel.exchange.reverting import links
from revops.kernel.exchange.reverting.trail import Key, Trace, traces

_DEPTH = 6


@dataclass(slots=True)
class Piece:
    """One record that the import wrote and the revert has not dealt with; `before` is None where it is unknown."""

    key: Key
    trace: Trace
    record: Any = None
    before: dict[str, Any] | None = None


@dataclass(slots=True)
class Group:
    """Records that go back together; `top` is the record of the file's row, `findings` why it has to stay."""

    top: Key
    pieces: list[Piece] = field(default_factory=list)
    findings: list[Located] = field(default_factory=list)

    @property
    def is_removed(self) -> bool:
        """Say whether the record itself goes, and is not put back to what it was."""
        return any(piece.key == self.top and piece.trace.created for piece in self.pieces)


def model_of(label: str) -> type[models.Model]:
    """Return the model of a record type."""
    return apps.get_model(label)


def gather(run: ImportRun, keys: Iterable[Key], touched: list[str], *, lock: bool) -> list[Group]:
    """Return the groups that `keys` belong to, whole, in the order of their records; locked in a real revert.

    `touched` are the record types the import wrote. Records that were reverted before are left out.
    """
    pieces = _closure(run, set(keys), touched)
    _load(pieces, lock=lock)
    if lock:
        _look_again(run, pieces)
    return _grouped(run, pieces)


def _closure(run: ImportRun, keys: set[Key], touched: list[str]) -> dict[Key, Piece]:
    """Return the pieces around `keys`: what they belong to, and what belongs to that."""
    pieces: dict[Key, Piece] = {}
    frontier = keys
    for _ in range(_DEPTH):
        fresh = [Piece(key, trace) for key, trace in traces(run, frontier).items() if not trace.is_done]
        pieces |= {piece.key: piece for piece in fresh}
        _load({piece.key: piece for piece in fresh}, lock=False)
        frontier = (_above(run, fresh, touched) | _below(run, fresh, touched)) - pieces.keys() - frontier
        if not frontier:
            break
    return pieces


def _above(run: ImportRun, pieces: list[Piece], touched: list[str]) -> set[Key]:
    """Return what the pieces point to; the record of a row points to records of other rows, so it is left out."""
    return {
        target
        for piece in pieces
        if piece.key[0] != run.record_type
        for target in _targets(piece)
        if target[0] in touched
    }


def _targets(piece: Piece) -> list[Key]:
    if piece.record is None:
        return []
    found = [link.target(piece.record) for link in links.of(model_of(piece.key[0]))]
    return [target for target in found if target is not None and target != piece.key]


def _below(run: ImportRun, pieces: list[Piece], touched: list[str]) -> set[Key]:
    """Return what points to the pieces, of the types that the import wrote."""
    by_type: defaultdict[str, list[int]] = defaultdict(list)
    for piece in pieces:
        by_type[piece.key[0]].append(piece.key[1])
    found: set[Key] = set()
    for label in touched:
        if label == run.record_type:
            continue
        for link in links.of(model_of(label)):
            for target, pks in by_type.items():
                if link.type_column or link.label == target:
                    found |= {(label, pk) for pk, _ in link.pointing_to(target, pks)}
    return found


def _load(pieces: dict[Key, Piece], *, lock: bool) -> None:
    """Put the live records on their pieces, by model in one order, and lock them by ascending id."""
    by_type: defaultdict[str, list[int]] = defaultdict(list)
    for label, pk in pieces:
        by_type[label].append(pk)
    for model in apps.get_models():
        label = model._meta.label_lower
        if label not in by_type:
            continue
        rows: Any = model._base_manager.filter(pk__in=by_type[label])
        held = {record.pk: record for record in (lock_many(rows) if lock else rows)}
        for pk in by_type[label]:
            pieces[label, pk].record = held.get(pk)


def _look_again(run: ImportRun, pieces: dict[Key, Piece]) -> None:
    """Read the trail again of records that moved on before they were locked."""
    moved = [
        key
        for key, piece in pieces.items()
        if piece.record is None or piece.record.version != piece.trace.newest
    ]
    for key, trace in traces(run, moved).items() if moved else ():
        pieces[key].trace = trace


def _grouped(run: ImportRun, pieces: dict[Key, Piece]) -> list[Group]:
    joined = {key: key for key in pieces}

    def top(key: Key) -> Key:
        while joined[key] != key:
            joined[key] = joined[joined[key]]
            key = joined[key]
        return key

    for key, piece in pieces.items():
        for parent in _parents(run, piece, pieces):
            one, other = top(key), top(parent)
            joined[one] = other
    groups: dict[Key, Group] = {}
    for key in sorted(pieces):
        found = top(key)
        groups.setdefault(found, Group(found)).pieces.append(pieces[key])
    return list(groups.values())


def _parents(run: ImportRun, piece: Piece, pieces: dict[Key, Piece]) -> list[Key]:
    """Return what a piece belongs to: the records of rows it points to, else the first other that the import wrote."""
    if piece.key[0] == run.record_type:
        return []
    targets = [target for target in _targets(piece) if target in pieces]
    rows = [target for target in targets if target[0] == run.record_type]
    return rows or targets[:1]
