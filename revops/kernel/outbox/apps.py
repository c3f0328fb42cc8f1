from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "revops.kernel.outbox"
    label = "outbox"
    verbose_name = "Events and jobs"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.outbox import emitting, upkeep  # noqa: F401

        audit.on_change("outbox", emitting.leave)
