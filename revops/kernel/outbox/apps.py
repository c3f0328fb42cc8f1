from importlib import import_module

from django.apps import AppConfig

# The Celery application is part of the roof; without it a task would look for a broker of Celery's own choosing.
CELERY = "revops.celery"


class OutboxConfig(AppConfig):
    name = "revops.kernel.outbox"
    label = "outbox"
    verbose_name = "Events and jobs"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.outbox import emitting, upkeep  # noqa: F401

        audit.on_change("outbox", emitting.leave)
        import_module(CELERY)
