"""The chain: every seal follows the one before, names an event with that code, and agrees with the anchors."""

from collections.abc import Iterator, Sequence
from typing import Any

from revops.kernel.audit import signing
from revops.kernel.audit.anchoring import Anchor, anchors
from revops.kernel.audit.models import ChangeEvent, Seal, SealHead
from revops.kernel.audit.verifying.report import WARNING, Discrepancy
from revops.kernel.audit.verifying.snapshot import Snapshot

_CHUNK = 2_000
_START = "0" * 64


def check_chain(snapshot: Snapshot) -> Iterator[Discrepancy]:
    """Walk the seals from the first to the last: no gap, no foreign link, each code its own."""
    last, link = 0, _START
    while True:
        seals = list(snapshot.rows(Seal).filter(seq__gt=last).order_by("seq")[:_CHUNK])
        if not seals:
            break
        named = snapshot.rows(ChangeEvent).filter(id__in=[seal.event_id for seal in seals])
        macs = dict(named.values_list("id", "mac"))
        for seal in seals:
            if seal.seq != last + 1:
                yield _seal(last + 1, f"missing; the next seal there is has number {seal.seq}")
                link = seal.previous
            why = _wrong_with(seal, link, macs.get(seal.event_id))
            if why:
                yield _seal(seal.seq, why)
            last, link = seal.seq, seal.hash
        snapshot.checked["seals"] += len(seals)
    yield from _check_head(snapshot, last, link)


def _wrong_with(seal: Any, link: str, mac: str | None) -> str:
    if mac is None:
        return f"names the event {seal.event_id}, which does not exist"
    expected = signing.seal_hash(
        seal.previous, seal.seq, seal.event_id, mac, seal.sealed_at, with_key=seal.key_id
    )
    if expected is None:
        return f"was made with the key {seal.key_id}, which is not in AUDIT_KEY"
    if expected != seal.hash:
        return f"its hash does not fit: the seal was edited, or the code of the event {seal.event_id}"
    if seal.previous != link:
        return "does not continue the seal before it"
    return ""


def _check_head(snapshot: Snapshot, last: int, link: str) -> Iterator[Discrepancy]:
    head = snapshot.rows(SealHead).filter(id=1).first()
    if head is None:
        if last:
            yield Discrepancy("chain", "audit_sealhead", "head", f"missing, although there are {last} seals")
        return
    if head.seq > last:
        yield _seal(last + 1, f"missing: the chain was cut here; its head names seal {head.seq}")
    elif (head.seq, head.hash) != (last, link):
        why = f"names seal {head.seq}, the last seal is {last}, or their hashes differ"
        yield Discrepancy("chain", "audit_sealhead", "head", why)
    for line in head.alarm.splitlines():
        yield Discrepancy("sealer", "audit_sealhead", "alarm", line)


def read_anchors() -> tuple[list[Anchor], list[Discrepancy]]:
    """Read the anchor file; an unreadable line is a finding. Call it before the snapshot is opened."""
    found: list[Anchor] = []
    try:
        found.extend(anchors())
    except ValueError as error:
        return found, [Discrepancy("anchors", "anchor file", f"line {len(found) + 1}", str(error))]
    return found, []


def check_anchors(snapshot: Snapshot, anchored: Sequence[Anchor]) -> Iterator[Discrepancy]:
    """Hold every anchored hash against its seal: a chain cut short or begun anew differs from its anchors."""
    end = snapshot.rows(Seal).order_by("-seq").values_list("seq", flat=True).first() or 0
    for start in range(0, len(anchored), _CHUNK):
        chunk = anchored[start : start + _CHUNK]
        seals = snapshot.rows(Seal).filter(seq__in=[anchor.seq for anchor in chunk])
        hashes = dict(seals.values_list("seq", "hash"))
        for anchor in chunk:
            held = hashes.get(anchor.seq)
            if held is None:
                yield _seal(
                    anchor.seq, f"missing: it was anchored at {anchor.at}, the chain ends at {end}", "anchors"
                )
            elif held != anchor.hash:
                yield _seal(anchor.seq, f"differs from what was anchored at {anchor.at}", "anchors")
        snapshot.checked["anchors"] += len(chunk)
    yield from _check_file(snapshot, max((anchor.seq for anchor in anchored), default=0))


def _check_file(snapshot: Snapshot, reaches: int) -> Iterator[Discrepancy]:
    """Warn when the file lacks an anchor that the database remembers: it was cut, or is another file."""
    told = snapshot.rows(SealHead).values_list("anchored_seq", flat=True).first() or 0
    if told > reaches:  # one may have been written between our reading and the snapshot
        reaches = max((anchor.seq for anchor in read_anchors()[0]), default=0)
    if told > reaches:
        why = f"ends at seal {reaches}, although seal {told} was anchored"
        yield Discrepancy("anchors", "anchor file", "end", why, severity=WARNING)


def _seal(seq: int, why: str, check: str = "chain") -> Discrepancy:
    return Discrepancy(check, "audit_seal", f"seal {seq}", why)
