from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "revops.api"
    label = "api"
    verbose_name = "API"

    def ready(self) -> None:
        from revops.api import clocks, permissions, settling, tasks  # noqa: F401
        from revops.kernel import audit

        audit.on_change("api", settling.settle)
