from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "revops.kernel.gates"
    label = "gates"
    verbose_name = "Gates and exceptions"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.gates import attempts, guarding, permissions  # noqa: F401
        from revops.kernel.gates.exceptions import wiring  # noqa: F401

        audit.on_change("gates", guarding.watch)
        audit.on_refused("gates", attempts.keep)
