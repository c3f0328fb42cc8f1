"""The daily digest: one e-mail a person a day, at the hour they chose on their own clock, by kinds.

Told is what is unread, was written before that hour and has not been in a digest. Claimed before it is sent: the rows
are marked in a short transaction, so that two runs send it once. A mail server's refusal gives the claim back, and
the next run tells it. Only a worker killed between the claim and the mail server's answer costs the e-mail; the bell
still has everything.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction

from revops.kernel import clocks
from revops.kernel.identity.models import User, UserKind
from revops.kernel.notifications import hours, kinds, mail
from revops.kernel.notifications.choosing import Daily
from revops.kernel.notifications.models import DigestTime, Notification
from revops.kernel.notifications.queries import visible
from revops.kernel.outbox import jobs

# Less than a day, since no two runs begin at the same second and a day may have 23 hours.
APART = timedelta(hours=20)
MOST_SHOWN = 50

logger = logging.getLogger(__name__)


class DigestRefused(Exception):
    """Some digests were refused by the mail server; they will be in the next one."""


@jobs.job("notifications.digest", owner="ADMIN", every=900, limit=800)
def send_digests() -> str:
    """Send every active person whose hour has come one e-mail with what they have not read."""
    now = clocks.now()
    waiting = Notification.objects.undigested().order_by().values("recipient").distinct()
    people = User.objects.filter(pk__in=waiting, is_active=True, kind=UserKind.PERSON).order_by("pk")
    sent = refused = 0
    for person, due in _due(list(people), now):
        try:
            sent += send_digest(person, due)
        except OSError:
            logger.exception("The digest for user %s was refused.", person.pk)
            refused += 1
    if refused:
        raise DigestRefused(f"{sent} digests sent, {refused} refused by the mail server")
    return f"{sent} digests sent"


def _due(people: list[User], now: datetime) -> Iterator[tuple[User, datetime]]:
    """Yield each person with the instant at which their digest was last due, in two queries for all."""
    ids = [person.pk for person in people]
    zones = hours.zones(ids)
    rows = DigestTime.objects.filter(user__in=ids)
    chosen = {row.user_id: Daily(row.hour, row.weekdays_only) for row in rows}
    for person in people:
        yield person, hours.last_due(now, zones[person.pk], chosen.get(person.pk, Daily()))


def send_digest(person: User, due: datetime) -> bool:
    """Send one person what was written until `due`; tell whether there was anything to send.

    Nothing is sent within 20 hours of their last one, nor when all that waits is about records they can no
    longer see. Raises OSError when the mail server refuses; the notifications then wait for the next run.
    """
    claimed = _claim(person, due)
    shown = visible(person, claimed)
    if not shown:
        return False
    try:
        mail.send(person, _subject(shown), _body(shown), name=f"digest-{person.pk}-{due:%Y%m%d%H%M}")
    except OSError:
        Notification.objects.filter(pk__in=[row.pk for row in claimed]).update(digested_at=None)
        raise
    return True


def _claim(person: User, due: datetime) -> list[Notification]:
    """Mark what waits for `person` as digested, and return what this run has marked, newest first."""
    now = clocks.now()
    mine = Notification.objects.filter(recipient=person)
    waiting = mine.undigested().filter(created_at__lte=due)
    if not waiting.exists():
        return []
    with transaction.atomic():
        rows = list(waiting.select_for_update().order_by("id"))
        if mine.filter(digested_at__gt=now - APART).exists():
            return []
        waiting.filter(pk__in=[row.pk for row in rows]).update(digested_at=now)
    return rows[::-1]


def _subject(rows: list[Notification]) -> str:
    return rows[0].title if len(rows) == 1 else f"{len(rows)} things you have not read in RevOps"


def _body(rows: list[Notification]) -> str:
    """Return the text: a heading a kind, in the order of the newest of each, with what is of it below."""
    place = {key: n for n, key in enumerate(dict.fromkeys(kinds.of(row.kind).key for row in rows))}
    ordered = sorted(rows[:MOST_SHOWN], key=lambda row: place[kinds.of(row.kind).key])
    parts = []
    for label, members in groupby(ordered, key=lambda row: kinds.of(row.kind).label):
        parts += [label.upper(), *(_part(row) for row in members)]
    if len(rows) > MOST_SHOWN:
        parts.append(f"… and {len(rows) - MOST_SHOWN} more.")
    foot = f"All of it: {settings.SITE_URL}/notifications/\n"
    foot += f"How you are told: {settings.SITE_URL}/settings/notifications/\n"
    return "\n\n".join([*parts, foot])


def _part(row: Notification) -> str:
    lines = [row.title, row.text, f"{settings.SITE_URL}{row.url}" if row.url else ""]
    return "\n".join(line for line in lines if line)
