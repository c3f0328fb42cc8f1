"""Anchors: the head of the chain, told to places that the owner of the database cannot rewrite.

Without them, whoever owns the database could cut off the end of the chain unseen; with them, nothing older
than the last anchor. Called at least every 15 minutes. Source: architecture §3, D31.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.core.mail import send_mail

from revops.kernel import clocks
from revops.kernel.audit.models import SealHead


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line of the anchor file; `line` counts from one."""

    line: int
    seq: int
    hash: str
    at: str


def anchor() -> int | None:
    """Append the head of the chain to AUDIT_ANCHOR_FILE, and mail it where AUDIT_ANCHOR_EMAIL says so.

    Returns the number of the anchored seal, or None when the head has not moved. Raises what the file or the
    mail raises, and then tries the same head again at the next call.
    """
    head = SealHead.objects.filter(id=1).first()
    if head is None or head.seq <= head.anchored_seq:
        return None
    now = clocks.now()
    line = json.dumps({"seq": head.seq, "hash": head.hash, "at": now.astimezone(UTC).isoformat()})
    _append(Path(settings.AUDIT_ANCHOR_FILE), line)
    if settings.AUDIT_ANCHOR_EMAIL:
        send_mail(
            subject=f"RevOps audit anchor {head.seq}",
            message=f"{line}\n\nKeep this message: it proves the audit trail up to this point.\n",
            from_email=None,
            recipient_list=[settings.AUDIT_ANCHOR_EMAIL],
        )
    SealHead.objects.filter(id=1).update(anchored_seq=head.seq, anchored_at=now)
    return head.seq


def _append(file: Path, line: str) -> None:
    """Append one line in one write and wait until it is on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o640)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def anchors() -> Iterator[Anchor]:
    """Read the anchor file, oldest first. Raises ValueError naming a line that is no anchor."""
    file = Path(settings.AUDIT_ANCHOR_FILE)
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                found = json.loads(line)
                yield Anchor(number, int(found["seq"]), str(found["hash"]), str(found["at"]))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{file}, line {number}: {line.strip()!r} is not an anchor.") from error
