"""A daily word about tasks: each open one that is due or overdue is told once a day to whoever has to do it."""

from zoneinfo import ZoneInfo

from celery.schedules import crontab
from django.conf import settings

from revops.kernel import clocks
from revops.kernel.notifications import notify, notify_owner_on
from revops.kernel.outbox import jobs
from revops.kernel.packets import kept
from revops.kernel.packets.enums import ObligationState
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.words import why

KIND = "task.due"
BATCH = 500

notify_owner_on("obligation.assigned")


# Early in the working day of the Americas; the digest of each person sends what the bell holds.
@jobs.job("work.remind", owner="REVOPS", crontab=crontab(hour=11, minute=30), limit=1_800)
def remind() -> str:
    """Tell everybody which of their tasks are due today or overdue; each task once a day. Keepers tell of their own."""
    now = clocks.now().astimezone(ZoneInfo(settings.ORG_TIME_ZONE))
    due = Obligation.objects.exclude(kind__in=kept.kinds()).filter(
        state=ObligationState.OPEN, due_on__lte=now.date(), owner__isnull=False, owner__is_active=True
    )
    told, last = 0, 0
    while rows := list(
        due.filter(pk__gt=last).order_by("pk").values_list("pk", "owner_id", "text", "due_on")[:BATCH]
    ):
        for pk, owner, text, due_on in rows:
            words = why(now, due_on).capitalize()
            key = f"{KIND}:{pk}:{now.date()}"
            notify(
                [owner],
                KIND,
                f"{words}: {text}",
                "",
                f"/tasks/{pk}/",
                (Obligation._meta.label_lower, pk),
                dedupe_key=key,
            )
        told, last = told + len(rows), rows[-1][0]
    return f"{told} tasks due or overdue"
