"""The Celery application of the worker that test_concurrency.py kills, and the receivers it runs."""

import os
import time
from pathlib import Path

import django
from celery import Celery
from django.apps import apps

from revops.kernel import clocks

app = Celery("tests", set_as_current=bool(os.environ.get("DJANGO_SETTINGS_MODULE")) and not apps.ready)
app.conf.update(
    broker_transport_options={
        "data_folder_in": os.environ.get("TEST_BROKER", ""),
        "data_folder_out": os.environ.get("TEST_BROKER", ""),
        "control_folder": os.environ.get("TEST_CONTROL", ""),
        "polling_interval": 0.05,
    },
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)
if not apps.ready:
    django.setup()
    app.set_current()
    from revops.kernel.outbox import tasks  # noqa: F401


def pause(moment: str) -> None:
    """In the worker, at the moment to be tested: say so and wait to be killed."""
    marker = Path(os.environ["TEST_MARKER"])
    if os.environ["TEST_KILL"] == moment and os.environ.get("TEST_WORKER"):
        marker.touch()
        time.sleep(600)


def register() -> None:
    """Register one bookkeeping and one acting receiver that stop at the moment to be tested."""
    from revops.kernel import audit, outbox
    from revops.kernel.identity.models import User
    from revops.kernel.notifications.models import Notification
    from revops.kernel.outbox.models import OutboxEvent
    from tests.kernel.outbox import scene

    @outbox.receives("user.renamed", key="tests.books")
    def note(event: OutboxEvent) -> None:
        Notification.objects.create(
            recipient=scene.actor(),
            kind=event.type,
            title=event.payload["name"],
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            dedupe_key=os.urandom(16).hex(),
            created_at=clocks.now(),
        )
        pause("books")

    @outbox.receives("user.renamed", key="tests.action", acts=True)
    def act(event: OutboxEvent) -> None:
        with audit.change(by=scene.actor(), action="test.append"):
            user = audit.lock(User.objects.all(), pk=event.subject_id)
            user.name += f"-{event.payload['n']}"
            audit.write(user)
            pause("before")
        pause("after")


if os.environ.get("TEST_WORKER"):
    register()
