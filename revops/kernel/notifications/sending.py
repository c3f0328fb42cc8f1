"""E-mail at once: one message a notification, soon after it was written, while its recipient may still see its subject.

The row is the outbox. It is leased by a conditional update, so that two workers send it once; a worker killed between
the mail server's answer and the mark costs a repeat with the same Message-ID, never the message (D22). Before 7 and
after 20 on the recipient's own clock only what is urgent goes out; the rest joins the next digest.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F

from revops.kernel import clocks
from revops.kernel.identity.models import UserKind
from revops.kernel.notifications import hours, kinds, mail
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.models import Notification
from revops.kernel.notifications.queries import visible
from revops.kernel.outbox import jobs

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 5
BATCH = 500

logger = logging.getLogger(__name__)


@jobs.job("notifications.mail", owner="ADMIN", every=30, limit=300)
def send_waiting() -> str:
    """Send what people want as an e-mail at once; what the mail server refuses is tried again in ten minutes."""
    due = Notification.objects.unsent().filter(mail_from__lte=clocks.now())
    waiting = list(due.order_by("mail_from", "pk").values_list("pk", flat=True)[:BATCH])
    sent = sum(send_one(pk) for pk in waiting)
    return f"{sent} e-mails sent"


def send_one(pk: int) -> bool:
    """Send the notification `pk` if it still waits and nobody else has it; tell whether it went out."""
    now = clocks.now()
    mine = Notification.objects.filter(pk=pk)
    claimed = mine.unsent().filter(mail_from__lte=now)
    if not claimed.update(mail_from=now + LEASE, mail_attempts=F("mail_attempts") + 1):
        return False
    row = Notification.objects.select_related("recipient").get(pk=pk)
    person = row.recipient
    if not person.is_active or person.kind != UserKind.PERSON or not visible(person, [row]):
        mine.update(mail=Mail.NONE)
        return False
    zone = hours.zones([person.pk])[person.pk]
    if hours.is_quiet(now, zone) and not kinds.of(row.kind).urgent:
        mine.update(mail=Mail.DIGEST)
        return False
    try:
        mail.send(person, row.title, _body(row), name=f"notification-{row.pk}")
    except OSError:
        logger.exception("The e-mail for notification %s was refused.", row.pk)
        if row.mail_attempts >= MOST_ATTEMPTS:
            mine.update(mail=Mail.DIGEST)
        return False
    mine.update(mailed_at=clocks.now())
    return True


def _body(row: Notification) -> str:
    parts = [row.text, f"{settings.SITE_URL}{row.url}" if row.url else ""]
    told = "\n\n".join(part for part in parts if part) or row.title
    return f"{told}\n\nHow you are told: {settings.SITE_URL}/settings/notifications/\n"
