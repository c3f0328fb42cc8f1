"""The sealer: gives every event its place in the one chain.

Writers never wait for each other; whoever runs `manage.py pump` calls `seal()` about every second. Any number
may: the head of the chain is one row, and who does not get it does nothing. Source: architecture §3, D32.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction

from revops.kernel import clocks
from revops.kernel.audit import signing
from revops.kernel.audit.models import ChangedRow, ChangeEvent, Seal, SealHead
from revops.kernel.audit.trail import with_rows
from revops.kernel.guard import permit

# Refused events stay in front of the queue; so many batches of them are looked past for ones that are good.
_BATCHES = 10
# So many refused events are named in the alarm; the rest are found by `audit_verify`.
_NAMED = 20


class BrokenHead(Exception):
    """The head of the chain is not its last seal: somebody edited one of them, so nothing may be appended."""


def seal(limit: int = 1_000) -> int:
    """Seal up to `limit` events in the order of their ids and return how many were sealed.

    Looks and verifies first, without a transaction. An event whose code does not fit its rows is refused: it
    stays unsealed and is named in `SealHead.alarm`; the others go on. Safe to run anywhere, any number at once.
    """
    good: list[UUID] = []
    complaints: list[str] = []
    for event, complaint in _candidates(limit):
        if complaint:
            complaints.append(f"Event {event.id} was refused a seal: {complaint}.")
        else:
            good.append(event.id)
        if len(good) == limit:
            break
    sealed = 0
    if good:
        try:
            sealed = _append(good)
        except BrokenHead as broken:
            complaints.append(str(broken))
    if complaints:
        _raise_alarm(complaints)
    return sealed


def _candidates(limit: int) -> Iterator[tuple[ChangeEvent, str]]:
    """Yield unsealed events in the order of their ids, each with what is wrong with it, if anything is."""
    last = UUID(int=0)
    for _ in range(_BATCHES):
        waiting = ChangeEvent.objects.filter(sealed=False, id__gt=last).select_related("seal")
        events = list(waiting.order_by("id")[:limit])
        if not events:
            return
        last = events[-1].id
        for event, rows in with_rows(events):
            yield event, complaint_about(event, rows)
        if len(events) < limit:
            return


def complaint_about(event: ChangeEvent, rows: list[ChangedRow]) -> str:
    """Say what is wrong with an unsealed event, or nothing."""
    if hasattr(event, "seal"):
        return "it has a seal already, its mark was taken away"
    expected = signing.event_mac(event, rows)
    if expected is None:
        return f"it was signed with the key {event.key_id}, which is not in AUDIT_KEY"
    if expected != event.mac:
        return "its code does not fit its content"
    return ""


def _append(ids: list[UUID]) -> int:
    """Append seals for those of `ids` that still have none; nothing when another sealer holds the head."""
    SealHead.objects.get_or_create(id=1)
    with transaction.atomic(durable=True):
        head = SealHead.objects.select_for_update(skip_locked=True).first()
        if head is None:
            return 0
        last = Seal.objects.order_by("-seq").values_list("seq", "hash").first()
        if last is not None and last != (head.seq, head.hash):
            raise BrokenHead(f"Sealing stopped: the head names seal {head.seq}, the last seal is {last[0]}.")
        waiting = ChangeEvent.objects.filter(id__in=ids, sealed=False, seal__isnull=True)
        now, key = clocks.now(), signing.current_key_id()
        seals = []
        for event_id, mac in waiting.order_by("id").values_list("id", "mac"):
            link = signing.seal_hash(head.hash, head.seq + 1, event_id, mac, now, with_key=key) or ""
            seals.append(
                Seal(
                    seq=head.seq + 1,
                    event_id=event_id,
                    previous=head.hash,
                    hash=link,
                    key_id=key,
                    sealed_at=now,
                )
            )
            head.seq, head.hash = head.seq + 1, link
        if seals:
            with permit():
                Seal.objects.bulk_create(seals, batch_size=1_000)
                ChangeEvent.objects.filter(id__in=[made.event_id for made in seals]).update(sealed=True)
            head.save(update_fields=["seq", "hash"])
    return len(seals)


def _raise_alarm(complaints: list[str]) -> None:
    """Add the complaints to the alarm, once each."""
    SealHead.objects.get_or_create(id=1)
    known = SealHead.objects.values_list("alarm", flat=True).get(id=1).splitlines()
    if len(known) >= _NAMED:
        return
    lines = [*known, *(line for line in complaints if line not in known)][:_NAMED]
    if lines != known:
        SealHead.objects.filter(id=1).update(alarm="\n".join(lines))


def dismiss_alarm() -> None:
    """Clear the alarm, once somebody has looked; what is still wrong raises it again."""
    SealHead.objects.filter(id=1).update(alarm="")
