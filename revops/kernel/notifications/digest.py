"""The daily digest: one e-mail a person a day, with what is unread and has not been in a digest before.

Claimed before it is sent: the rows are marked in a short transaction, so that two runs send it once. A mail
server's refusal gives the claim back, and the next digest tells it. Only a worker killed between the claim and
the mail server's answer costs the e-mail; the bell still has everything.
"""

import logging
from datetime import timedelta

from celery.schedules import crontab
from django.conf import settings
from django.db import transaction

from revops.kernel import clocks
from revops.kernel.identity.models import User, UserKind
from revops.kernel.notifications import mail
from revops.kernel.notifications.models import Notification
from revops.kernel.notifications.queries import visible
from revops.kernel.outbox import jobs

# Less than a day, since no two runs begin at the same second.
APART = timedelta(hours=20)
MOST_SHOWN = 50

logger = logging.getLogger(__name__)


class DigestRefused(Exception):
    """Some digests were refused by the mail server; they will be in the next one."""


@jobs.job("notifications.digest", owner="ADMIN", crontab=crontab(hour=12, minute=0), limit=3_600)
def send_digests() -> str:
    """Send every active person one e-mail with what they have not read."""
    waiting = Notification.objects.undigested().order_by().values("recipient").distinct()
    people = User.objects.filter(pk__in=waiting, is_active=True, kind=UserKind.PERSON).order_by("pk")
    sent = refused = 0
    for person in people:
        try:
            sent += send_digest(person)
        except OSError:
            logger.exception("The digest for user %s was refused.", person.pk)
            refused += 1
    if refused:
        raise DigestRefused(f"{sent} digests sent, {refused} refused by the mail server")
    return f"{sent} digests sent"


def send_digest(person: User) -> bool:
    """Send one person their digest; tell whether there was one to send.

    Nothing is sent within 20 hours of their last one, nor when all that waits is about records they can no
    longer see. Raises OSError when the mail server refuses; the notifications then wait for the next digest.
    """
    claimed = _claim(person)
    shown = visible(person, claimed)
    if not shown:
        return False
    try:
        mail.send(person, _subject(shown), _body(shown))
    except OSError:
        Notification.objects.filter(pk__in=[row.pk for row in claimed]).update(digested_at=None)
        raise
    return True


def _claim(person: User) -> list[Notification]:
    """Mark what waits for `person` as digested, and return what this run has marked, newest first."""
    now = clocks.now()
    mine = Notification.objects.filter(recipient=person)
    if not mine.undigested().exists():
        return []
    with transaction.atomic():
        rows = list(mine.undigested().select_for_update().order_by("id"))
        if mine.filter(digested_at__gt=now - APART).exists():
            return []
        mine.undigested().filter(pk__in=[row.pk for row in rows]).update(digested_at=now)
    return rows[::-1]


def _subject(rows: list[Notification]) -> str:
    return rows[0].title if len(rows) == 1 else f"{len(rows)} things you have not read in RevOps"


def _body(rows: list[Notification]) -> str:
    parts = [_part(row) for row in rows[:MOST_SHOWN]]
    if len(rows) > MOST_SHOWN:
        parts.append(f"… and {len(rows) - MOST_SHOWN} more.")
    return "\n\n".join([*parts, f"All of it: {settings.SITE_URL}/"]) + "\n"


def _part(row: Notification) -> str:
    lines = [row.title, row.text, f"{settings.SITE_URL}{row.url}" if row.url else ""]
    return "\n".join(line for line in lines if line)
