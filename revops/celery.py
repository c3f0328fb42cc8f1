"""The Celery application: carries work that the database already holds, and ticks the scheduled jobs."""

import os
from typing import Any

import django
from celery import Celery
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")

app = Celery("revops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def fill_beat_schedule(sender: Celery, **kwargs: Any) -> None:
    """Take the schedule from the job registry, which the apps fill in `AppConfig.ready()`."""
    if not apps.ready:
        django.setup()
    from revops.kernel.outbox.jobs import beat_schedule

    sender.conf.beat_schedule = beat_schedule()
