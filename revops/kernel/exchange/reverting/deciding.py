"""Which groups may go back, and every reason why one may not: changed since, referred to, or not known any more."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.audit.enums import Kind
from revops.kernel.audit.models import ChangedRow
from revops.kernel.exchange.findings import Located, shown
from revops.kernel.exchange.reverting import before, links
from revops.kernel.exchange.reverting.groups import Group, Piece, model_of
from revops.kernel.exchange.reverting.links import Link
from revops.kernel.exchange.reverting.trail import Key

NEXT = "Decide on this record by hand; run the revert again to try what was kept."


@dataclass(slots=True)
class Decision:
    """What may go back. `cascading` are rows of bookkeeping that end with the records, by model."""

    going: list[Group]
    staying: list[Group]
    cascading: dict[Any, set[int]] = field(default_factory=dict)


def decide(groups: Sequence[Group], gone: set[Key]) -> Decision:
    """Sort the groups; `gone` are records that a rehearsal has taken back already. Constant queries."""
    pieces = {piece.key: piece for group in groups for piece in group.pieces}
    group_of = {piece.key: group for group in groups for piece in group.pieces}
    _recall(pieces)
    _check_own(pieces, group_of)
    _check_aims(pieces, group_of)
    cascading: dict[Any, set[int]] = {}
    needs = list(_references(pieces, group_of, gone, cascading))
    moving = True
    while moving:
        moving = False
        for group, other, finding in needs:
            if not group.findings and other.findings:
                group.findings.append(finding)
                moving = True
    going = [group for group in groups if not group.findings]
    return Decision(going, [group for group in groups if group.findings], cascading)


def _recall(pieces: dict[Key, Piece]) -> None:
    """Put on every piece that existed before what it held then."""
    wanted: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for (label, pk), piece in pieces.items():
        if not piece.trace.created and piece.trace.later is None:
            wanted[label][pk] = (piece.trace.first, piece.trace.newest)
    for label, first in wanted.items():
        for pk, held in before.values(model_of(label), first).items():
            pieces[label, pk].before = held


def _check_own(pieces: dict[Key, Piece], group_of: dict[Key, Group]) -> None:
    """Note what speaks against taking back each record, of itself."""
    moved: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for (label, pk), piece in pieces.items():
        if piece.trace.later is not None:
            version = piece.trace.later.version
            moved[label][pk] = (version - 1, version)
    changed = {label: before.differing(model_of(label), versions) for label, versions in moved.items()}
    for key, piece in pieces.items():
        fields = changed.get(key[0], {}).get(key[1], [])
        group_of[key].findings += _own(piece, fields)


def _own(piece: Piece, fields: list[str]) -> Iterator[Located]:
    trace, name = piece.trace, named(piece)
    if piece.record is None:
        yield Located("IMP-152", f"{name} is not there any more.", needed="the record", remedy=NEXT)
    elif trace.later is not None:
        later = trace.later
        what = f" ({', '.join(fields[:10])})" if fields else ""
        yield Located(
            "IMP-150",
            f"{name} was changed since the import: {later.who} wrote it{what} on {later.at:%Y-%m-%d %H:%M} UTC "
            f"({later.action}).",
            found=f"version {trace.newest}",
            needed=f"version {later.version - 1}, as the import left it",
            remedy=NEXT,
        )
    elif not trace.created and piece.before is None:
        yield Located(
            "IMP-152",
            f"What {name} held before the import is not known: its values were erased or never kept.",
            needed="the values before the import",
            remedy=NEXT,
        )


def named(piece: Piece) -> str:
    """Return a record in words."""
    model = model_of(piece.key[0])
    kind = f"{model._meta.verbose_name} {piece.key[1]}"
    return kind if piece.record is None else f"{kind} “{shown(piece.record)}”"


def _references(
    pieces: dict[Key, Piece], group_of: dict[Key, Group], gone: set[Key], cascading: dict[Any, set[int]]
) -> Iterator[tuple[Group, Group, Located]]:
    """Refuse what others refer to; yield (group, group it needs gone, why) where both may go together."""
    for label, pks in _going(pieces).items():
        for link in links.to(model_of(label)):
            strangers: list[tuple[int, int]] = []
            for referrer, target in link.pointing_to(label, pks):
                key = (link.model._meta.label_lower, referrer)
                if key == (label, target) or key in gone:
                    continue
                if link.cascades:
                    cascading.setdefault(link.model, set()).add(referrer)
                elif key in pieces and _lets_go(pieces[key], link, target):
                    if group_of[key] is not group_of[label, target]:
                        yield (
                            group_of[label, target],
                            group_of[key],
                            _held(pieces[label, target], pieces[key]),
                        )
                else:
                    strangers.append((referrer, target))
            for target, finding in _referred(pieces, label, link, strangers):
                group_of[label, target].findings.append(finding)


def _going(pieces: dict[Key, Piece]) -> dict[str, list[int]]:
    by_type: defaultdict[str, list[int]] = defaultdict(list)
    for (label, pk), piece in pieces.items():
        if piece.trace.created and piece.record is not None:
            by_type[label].append(pk)
    return by_type


def _lets_go(piece: Piece, link: Link, target: int) -> bool:
    """Say whether a record points elsewhere once it is reverted itself."""
    return piece.trace.created or (piece.before or {}).get(link.column, target) != target


def _held(piece: Piece, by: Piece) -> Located:
    message = f"{named(piece)} has to stay, because {named(by)} refers to it and stays."
    return Located("IMP-151", message, found=named(by), needed="no reference", remedy=NEXT)


def _referred(
    pieces: dict[Key, Piece], label: str, link: Link, strangers: list[tuple[int, int]]
) -> Iterator[tuple[int, Located]]:
    """Yield (target, finding) naming what refers to it and who wrote that: two queries a link."""
    if not strangers:
        return
    other = link.model._meta
    ids = {referrer for referrer, _ in strangers}
    rows = link.model._base_manager.in_bulk(ids)
    made = ChangedRow.objects.filter(record_type=other.label_lower, record_id__in=ids, kind=Kind.CREATED)
    wrote = {
        pk: f", written by {who} on {at:%Y-%m-%d %H:%M} UTC ({action})"
        for pk, who, at, action in made.values_list(
            "record_id", "event__actor__name", "event__recorded_at", "event__action"
        )
    }
    for referrer, target in strangers:
        name = f"{other.verbose_name} {referrer} “{shown(rows.get(referrer, ''))}”"
        yield (
            target,
            Located(
                "IMP-151",
                f"{named(pieces[label, target])} has to stay, because {name}{wrote.get(referrer, '')} refers to it.",
                found=name,
                needed="no reference from outside the import",
                remedy=NEXT,
            ),
        )


def _check_aims(pieces: dict[Key, Piece], group_of: dict[Key, Group]) -> None:
    """Refuse what would point to a record that is gone."""
    wanted: defaultdict[str, dict[int, list[Piece]]] = defaultdict(dict)
    for piece in pieces.values():
        for link in links.of(model_of(piece.key[0])) if piece.before else ():
            value = piece.before.get(link.column) if piece.before else None
            if link.label and value is not None and value != getattr(piece.record, link.column):
                wanted[link.label].setdefault(value, []).append(piece)
    for label, held in wanted.items():
        alive = set(model_of(label)._base_manager.filter(pk__in=held).values_list("pk", flat=True))
        for piece in (piece for pk in held.keys() - alive for piece in held[pk]):
            message = f"{named(piece)} pointed to another {label} before the import, which is gone."
            group_of[piece.key].findings.append(
                Located("IMP-152", message, needed="the record it pointed to", remedy=NEXT)
            )
